// SPDX-License-Identifier: Apache-2.0

import { errorOfAnswer, type KubeError, type ResourceInfo } from '@helm-operator/kube';

interface Subject {
  readonly info: ResourceInfo;
  readonly name: string;
}

/** A Status object as the API server would answer; becomes a `KubeError` the same way as a real one. */
export class StatusError extends Error {
  override readonly name: string = 'StatusError';
  readonly #code: number;
  readonly #reason: string;
  readonly #subject: Subject | undefined;

  constructor(code: number, reason: string, message: string, subject?: Subject) {
    super(message);
    this.#code = code;
    this.#reason = reason;
    this.#subject = subject;
  }

  toKubeError(doing: string): KubeError {
    const { info, name } = this.#subject ?? {};
    const details = info && { name, group: info.group, kind: info.resource };
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: this.#code };
    const body = JSON.stringify({
      ...status,
      reason: this.#reason,
      message: this.message,
      details,
    });
    return errorOfAnswer(doing, this.#code, body);
  }
}
