// SPDX-License-Identifier: Apache-2.0
import { compileRegexp } from '../regexp/regexp.ts';

/** A test for a regular expression of RE2. @throws {Error} with Go's text */
export function compilePattern(pattern: string): (text: string) => boolean {
  const compiled = compileRegexp(pattern);
  return (text) => compiled.matchString(text);
}
