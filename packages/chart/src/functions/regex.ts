// SPDX-License-Identifier: Apache-2.0

/** Regular expressions on RE2. Source: Masterminds/sprig v3.3.0 regex.go, over Go 1.26 regexp */

import {
  canBackquote,
  compileRegexp,
  type GoRegexp,
  quote,
  quoteMeta,
  RegexpError,
  type Typed,
  types,
  type Value,
} from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { define } from './define.ts';
import { FunctionError } from './errors.ts';
import { counted, MAX_PARTS } from './go-strings.ts';
import { nilStrings, strings } from './reflect.ts';

const string = types.string;

/** Go's `regexp.MustCompile`: its panic repeats the pattern. */
function mustCompile(pattern: string): GoRegexp {
  try {
    return compileRegexp(pattern);
  } catch (error) {
    if (!(error instanceof RegexpError)) throw error;
    const shown = canBackquote(pattern) ? `\`${pattern}\`` : quote(pattern);
    throw new FunctionError(`regexp: Compile(${shown}): ${error.message}`, { cause: error });
  }
}

function matches(pattern: string, text: string): boolean {
  try {
    return compileRegexp(pattern).matchString(text);
  } catch (error) {
    if (error instanceof RegexpError) return false;
    throw error;
  }
}

/** Go finds nothing as a nil slice. */
function someStrings(items: string[]): Typed {
  return items.length === 0 ? nilStrings : strings(items);
}

type Compile = (pattern: string) => GoRegexp;

/** The functions that differ only in how a pattern that is none is reported. */
function searchFunctions(
  nameOf: (plain: string) => string,
  compile: Compile,
): readonly TemplateFunction[] {
  return [
    define(
      nameOf('regexFindAll'),
      ['string', 'string', 'size'],
      types.strings,
      (pattern, text, n) =>
        someStrings(counted(compile(pattern).findAllString(text, n < 0 ? MAX_PARTS + 1 : n))),
    ),
    define(nameOf('regexFind'), ['string', 'string'], string, (pattern, text) =>
      compile(pattern).findString(text),
    ),
    define(nameOf('regexReplaceAll'), ['string', 'string', 'string'], string, (pattern, text, by) =>
      compile(pattern).replaceAllString(text, by),
    ),
    define(
      nameOf('regexReplaceAllLiteral'),
      ['string', 'string', 'string'],
      string,
      (pattern, text, by) => compile(pattern).replaceAllLiteralString(text, by),
    ),
    define(
      nameOf('regexSplit'),
      ['string', 'string', 'size'],
      types.strings,
      (pattern, text, n): Value => {
        const parts = counted(compile(pattern).split(text, n < 0 ? MAX_PARTS + 1 : n));
        return n === 0 ? nilStrings : strings(parts);
      },
    ),
  ];
}

/** Sprig's functions over regular expressions. */
export const regexFunctions: readonly TemplateFunction[] = [
  define('regexMatch', ['string', 'string'], types.bool, matches),
  define('mustRegexMatch', ['string', 'string'], types.bool, (pattern, text) =>
    compileRegexp(pattern).matchString(text),
  ),
  ...searchFunctions((plain) => plain, mustCompile),
  ...searchFunctions((plain) => `mustR${plain.slice(1)}`, compileRegexp),
  define('regexQuoteMeta', ['string'], string, quoteMeta),
];
