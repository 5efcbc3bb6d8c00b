// SPDX-License-Identifier: Apache-2.0

/** What can go wrong with a release, in one table. Messages are Helm's where Helm has one. */

export type HelmErrorCode =
  | 'helm/action-failed'
  | 'helm/apply'
  | 'helm/build'
  | 'helm/chart'
  | 'helm/hook-failed'
  | 'helm/invalid-name'
  | 'helm/invalid-options'
  | 'helm/invalid-revision'
  | 'helm/name-in-use'
  | 'helm/no-deployed-releases'
  | 'helm/operation-pending'
  | 'helm/ownership'
  | 'helm/record-conflict'
  | 'helm/record-decode'
  | 'helm/record-too-large'
  | 'helm/release-exists'
  | 'helm/release-not-found'
  | 'helm/render'
  | 'helm/render-host'
  | 'helm/render-memory'
  | 'helm/render-timeout'
  | 'helm/storage'
  | 'helm/unreachable'
  | 'helm/wait-failed'
  | 'helm/wait-timeout';

export type Retry = 'transient' | 'terminal' | 'waiting' | 'unknown';

/**
 * Whether the same action may succeed later without anybody changing anything. `cause` takes the verdict of the error below.
 */
const RETRY: Readonly<Record<HelmErrorCode, Retry | 'cause'>> = {
  'helm/action-failed': 'cause',
  'helm/apply': 'cause',
  'helm/build': 'cause',
  'helm/chart': 'terminal',
  'helm/hook-failed': 'cause',
  'helm/invalid-name': 'terminal',
  'helm/invalid-options': 'terminal',
  'helm/invalid-revision': 'terminal',
  'helm/name-in-use': 'terminal',
  'helm/no-deployed-releases': 'terminal',
  'helm/operation-pending': 'waiting',
  'helm/ownership': 'terminal',
  'helm/record-conflict': 'transient',
  'helm/record-decode': 'terminal',
  'helm/record-too-large': 'terminal',
  'helm/release-exists': 'transient',
  'helm/release-not-found': 'terminal',
  'helm/render': 'terminal',
  'helm/render-host': 'transient',
  'helm/render-memory': 'terminal',
  'helm/render-timeout': 'terminal',
  'helm/storage': 'cause',
  'helm/unreachable': 'transient',
  'helm/wait-failed': 'unknown',
  'helm/wait-timeout': 'transient',
};

/** The one error of this room: `code` says the reason, `retry` whether a retry can help. */
export class HelmError extends Error {
  override readonly name: string = 'HelmError';
  readonly code: HelmErrorCode;
  readonly retry: Retry;

  constructor(code: HelmErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    const verdict = RETRY[code];
    this.retry = verdict === 'cause' ? retryOf(options.cause) : verdict;
  }
}

/** @returns whether `error` is a `HelmError` with that code */
export function isHelmError(error: unknown, code?: HelmErrorCode): error is HelmError {
  return error instanceof HelmError && (code === undefined || error.code === code);
}

/** The verdict an error carries; errors without one are `unknown`. */
export function retryOf(error: unknown): Retry {
  if (typeof error !== 'object' || error === null || !('retry' in error)) return 'unknown';
  const { retry } = error;
  return retry === 'transient' || retry === 'terminal' || retry === 'waiting' ? retry : 'unknown';
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
