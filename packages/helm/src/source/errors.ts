// SPDX-License-Identifier: Apache-2.0

import { type Retry, retryOf } from '../errors.ts';

export type SourceErrorCode =
  | 'source/archive'
  | 'source/bad-reference'
  | 'source/bad-version'
  | 'source/dependency'
  | 'source/index'
  | 'source/no-repository'
  | 'source/not-found'
  | 'source/unreachable'
  | 'source/unsupported'
  | 'source/verification';

/** What only the one who asks can change. */
const TERMINAL: ReadonlySet<SourceErrorCode> = new Set([
  'source/bad-reference',
  'source/bad-version',
  'source/no-repository',
  'source/unsupported',
]);

/**
 * A source does not have what is asked of it, or what it has cannot be used. Messages are Helm's where Helm has one.
 *
 * Sources mend, so all may be tried again, but for what only the one who asks can change; with a `cause` that carries a
 * verdict, `source/unreachable` and `source/verification` take that.
 */
export class SourceError extends Error {
  override readonly name: string = 'SourceError';
  readonly code: SourceErrorCode;
  readonly retry: Retry;
  constructor(code: SourceErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retry = retryOfCode(code, cause);
  }
}

function retryOfCode(code: SourceErrorCode, cause: unknown): Retry {
  if (TERMINAL.has(code)) return 'terminal';
  const verdict = retryOf(cause);
  const isTaken = code === 'source/unreachable' || code === 'source/verification';
  return isTaken && verdict !== 'unknown' ? verdict : 'transient';
}
