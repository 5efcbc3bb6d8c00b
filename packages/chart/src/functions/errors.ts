// SPDX-License-Identifier: Apache-2.0

/**
 * A template function failed; the message is Go's text, printed after `error calling NAME: `.
 *
 * Go returns an error or panics: a template cannot tell the difference.
 */
export class FunctionError extends Error {
  readonly code = 'chart/function-failed';
  readonly retry = 'terminal';
  override readonly name = 'FunctionError';
}

/** A template function would make or walk more than this engine allows in one call. */
export class FunctionLimitError extends Error {
  readonly code = 'chart/function-limit';
  readonly retry = 'terminal';
  override readonly name = 'FunctionLimitError';
  readonly limit: number;
  constructor(what: string, limit: number) {
    super(`one call may make at most ${limit} ${what}: ask for less in this template`);
    this.limit = limit;
  }
}

/** Go's text for a nil dereference, e.g. `reflect.TypeOf(nil).Kind()`. */
export function nilDereference(): FunctionError {
  return new FunctionError('runtime error: invalid memory address or nil pointer dereference');
}
