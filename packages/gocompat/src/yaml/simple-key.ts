// SPDX-License-Identifier: Apache-2.0
import type { Cursor } from './cursor.ts';
import type { YamlError } from './errors.ts';

/** What may turn out to be a key, one for each flow level. */
export interface SimpleKey {
  isPossible: boolean;
  isRequired: boolean;
  /** Number of its first token, counted from the start of the text. */
  tokenNumber: number;
  line: number;
  column: number;
  start: number;
}

export function newSimpleKey(tokenNumber: number, cursor: Cursor | undefined): SimpleKey {
  const { line = 0, pos = 0 } = cursor ?? {};
  const column = cursor?.column() ?? 0;
  return { isPossible: false, isRequired: false, tokenNumber, line, column, start: pos };
}

/** Where it must be a key and is none. */
export function noColon(cursor: Cursor, { line }: SimpleKey): YamlError {
  const problem = "could not find expected ':'";
  return cursor.startLine < 0 ? cursor.error(problem) : cursor.error(problem, line);
}
