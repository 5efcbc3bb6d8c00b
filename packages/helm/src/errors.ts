// SPDX-License-Identifier: Apache-2.0

/** The error of this room. What each code and each answer of the API server means stands in `failures.ts`. */

import type { ObjectRef } from '@helm-operator/kube';
import type { HelmErrorCode, Retry } from './error-codes.ts';
import { HELM_FAILURES, retryOf } from './failures.ts';

export type { HelmErrorCode, Retry } from './error-codes.ts';
export { retryOf } from './failures.ts';

/** The one error of this room: `code` says the reason, `retry` whether a retry can help. */
export class HelmError extends Error {
  override readonly name: string = 'HelmError';
  readonly code: HelmErrorCode;
  readonly retry: Retry;
  /** The object it is about, where the message does not say. */
  readonly object: ObjectRef | undefined;

  constructor(
    code: HelmErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly object?: ObjectRef } = {},
  ) {
    super(message, options);
    this.code = code;
    this.object = options.object;
    const verdict = HELM_FAILURES[code].retry;
    this.retry = verdict === 'cause' ? retryOf(options.cause) : verdict;
  }
}

/** @returns whether `error` is a `HelmError` with that code */
export function isHelmError(error: unknown, code?: HelmErrorCode): error is HelmError {
  return error instanceof HelmError && (code === undefined || error.code === code);
}

/** The text Helm would show for an error of the API server: its own words, without ours around them. */
export function textOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'serverMessage' in error) {
    if (typeof error.serverMessage === 'string') return error.serverMessage;
  }
  return error instanceof Error ? error.message : String(error);
}

/** `prefix: error`, as Go wraps. */
export function wrap(code: HelmErrorCode, prefix: string, error: unknown): HelmError {
  return new HelmError(code, `${prefix}: ${textOf(error)}`, { cause: error });
}
