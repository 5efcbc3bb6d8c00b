// SPDX-License-Identifier: Apache-2.0

import type { ObjectRef } from '@helm-operator/kube';
import { HelmError } from '../errors.ts';

/** One object that kept the others waiting, and why. */
export interface NotReady {
  readonly ref: ObjectRef;
  /** What the rule misses: `Deployment: 0 out of 1 expected pods are ready`. */
  readonly message: string;
  /** The pod behind it, where there is one: `ImagePullBackOff: …`, `OOMKilled`, `Unschedulable: …`. */
  readonly podReason?: string | undefined;
  /** Newest last; at most three. */
  readonly events?: readonly string[] | undefined;
  /** Last lines of the log of the container that does not run. */
  readonly logTail?: string | undefined;
}

/** Waiting ended without everything being ready. `message` is Helm's; `notReady` is the explanation. */
export class WaitError extends HelmError {
  override readonly name: string = 'WaitError';
  readonly notReady: readonly NotReady[];

  constructor(
    code: 'helm/wait-failed' | 'helm/wait-timeout' | 'helm/hook-failed',
    message: string,
    notReady: readonly NotReady[],
  ) {
    super(code, message, {
      cause: { retry: code === 'helm/wait-timeout' ? 'transient' : 'unknown' },
    });
    this.notReady = notReady;
  }
}
