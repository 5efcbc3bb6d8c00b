// SPDX-License-Identifier: Apache-2.0

export type SourceErrorCode = 'source/index' | 'source/not-found' | 'source/archive';

/** A repository does not have what is asked of it, or what it has cannot be used. Repositories mend: all may be tried again. */
export class SourceError extends Error {
  readonly code: SourceErrorCode;
  readonly retry = 'transient';
  constructor(code: SourceErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SourceError';
    this.code = code;
  }
}
