// SPDX-License-Identifier: Apache-2.0

/** String functions. Source: Masterminds/sprig v3.3.0 strings.go, functions.go */

import { compareBytes, quote, sprintf, Typed, types, type Value } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { byBytes, checkLength, repeat, sliceBytes } from './bytes.ts';
import { alias, define } from './define.ts';
import {
  onBytes,
  replaceAll,
  splitN,
  title,
  toLower,
  toUpper,
  trimPrefix,
  trimSet,
  trimSpace,
  trimSuffix,
} from './go-strings.ts';
import { itemsOf, strings, textOf } from './reflect.ts';
import {
  abbreviate,
  deleteWhiteSpace,
  initials,
  swapCase,
  uncapitalize,
  wrap,
} from './text-layout.ts';
import { pascalCase, separateWords } from './words.ts';

const string = types.string;

function truncate(count: number, text: string): string {
  return byBytes(text, (bytes) => {
    if (count >= 0) return bytes.slice(0, count);
    return bytes.length + count > 0 ? bytes.slice(bytes.length + count) : bytes;
  });
}

function substring(start: number, end: number, text: string): string {
  return byBytes(text, (bytes) => {
    if (start < 0) return sliceBytes(bytes, undefined, end);
    return sliceBytes(bytes, start, end < 0 || end > bytes.length ? undefined : end);
  });
}

function indent(spaces: number, text: string): string {
  const pad = repeat(' ', spaces);
  const lines = text.split('\n');
  checkLength(text.length + pad.length * lines.length);
  return pad + lines.join(`\n${pad}`);
}

function quoteAll(values: readonly Value[]): string {
  return values
    .filter((value) => value !== null)
    .map((value) => quote(textOf(value)))
    .join(' ');
}

function squoteAll(values: readonly Value[]): string {
  return values
    .filter((value) => value !== null)
    .map((value) => `'${sprintf('%v', [value])}'`)
    .join(' ');
}

function cat(values: readonly Value[]): string {
  return values
    .filter((value) => value !== null)
    .map((value) => sprintf('%v', [value]))
    .join(' ');
}

/** Sprig's `strslice`: the texts of a list without its nils. */
function texts(value: Value): string[] {
  const items = itemsOf(value);
  if (items !== undefined) return items.filter((item) => item !== null).map(textOf);
  return value === null ? [] : [textOf(value)];
}

function sortAlpha(value: Value): Typed {
  if (itemsOf(value) === undefined) return strings([textOf(value)]);
  // A []string is sorted in place, as Go does.
  if (value instanceof Typed && value.type.name === '[]string') {
    (value.data as string[] | null)?.sort(compareBytes);
    return value;
  }
  return strings(texts(value).sort(compareBytes));
}

function numbered(parts: readonly string[]): Typed {
  return new Typed(types.stringMap, new Map(parts.map((part, i) => [`_${i}`, part])));
}

const trimAll = define('trimAll', ['string', 'string'], string, (set, text) => trimSet(text, set));

/** Functions from a text to a text of another shape. */
const shapeFunctions: readonly TemplateFunction[] = [
  define('hello', [], string, () => 'Hello!'),
  define('abbrev', ['size', 'string'], string, (width, text) => abbreviate(text, 0, width)),
  define('abbrevboth', ['size', 'size', 'string'], string, (left, right, text) =>
    abbreviate(text, left, right),
  ),
  define('trunc', ['size', 'string'], string, truncate),
  define('substr', ['size', 'size', 'string'], string, substring),
  define('repeat', ['size', 'string'], string, (count, text) => repeat(text, count)),
  define('trim', ['string'], string, trimSpace),
  trimAll,
  ...alias(trimAll, 'trimall'),
  define('trimPrefix', ['string', 'string'], string, (prefix, text) => trimPrefix(text, prefix)),
  define('trimSuffix', ['string', 'string'], string, (suffix, text) => trimSuffix(text, suffix)),
  define('nospace', ['string'], string, deleteWhiteSpace),
  define('initials', ['string'], string, initials),
  define('indent', ['size', 'string'], string, indent),
  define('nindent', ['size', 'string'], string, (spaces, text) => `\n${indent(spaces, text)}`),
  define('replace', ['string', 'string', 'string'], string, (old, replacement, text) =>
    replaceAll(text, old, replacement),
  ),
  define('wrap', ['size', 'string'], string, (width, text) =>
    wrap(text, { width, newLine: '', mustCutWords: false }),
  ),
  define('wrapWith', ['size', 'string', 'string'], string, (width, newLine, text) =>
    wrap(text, { width, newLine, mustCutWords: true }),
  ),
];

/** Functions that change letters. */
const caseFunctions: readonly TemplateFunction[] = [
  define('upper', ['string'], string, toUpper),
  define('lower', ['string'], string, toLower),
  define('title', ['string'], string, title),
  define('untitle', ['string'], string, uncapitalize),
  define('swapcase', ['string'], string, swapCase),
  define('snakecase', ['string'], string, (text) => separateWords(text, '_')),
  define('kebabcase', ['string'], string, (text) => separateWords(text, '-')),
  define('camelcase', ['string'], string, pascalCase),
];

/** Functions that look into texts, and from values to texts. */
const textFunctions: readonly TemplateFunction[] = [
  define('contains', ['string', 'string'], types.bool, (part, text) =>
    onBytes([text, part], (whole = '', wanted = '') => whole.includes(wanted)),
  ),
  define('hasPrefix', ['string', 'string'], types.bool, (prefix, text) =>
    onBytes([text, prefix], (whole = '', wanted = '') => whole.startsWith(wanted)),
  ),
  define('hasSuffix', ['string', 'string'], types.bool, (suffix, text) =>
    onBytes([text, suffix], (whole = '', wanted = '') => whole.endsWith(wanted)),
  ),
  define('quote', ['...any'], string, (...values) => quoteAll(values)),
  define('squote', ['...any'], string, (...values) => squoteAll(values)),
  define('cat', ['...any'], string, (...values) => cat(values)),
  define('plural', ['string', 'string', 'size'], string, (one, many, count) =>
    count === 1 ? one : many,
  ),
  define('toString', ['any'], string, textOf),
];

/** Functions between texts and lists of texts. */
const listFunctions: readonly TemplateFunction[] = [
  define('toStrings', ['any'], types.strings, (value) =>
    value instanceof Typed && value.type.name === '[]string' ? value : strings(texts(value)),
  ),
  define('join', ['string', 'any'], string, (separator, value) => texts(value).join(separator)),
  define('sortAlpha', ['any'], types.strings, sortAlpha),
  define('split', ['string', 'string'], types.stringMap, (separator, text) =>
    numbered(splitN(text, separator, -1)),
  ),
  define('splitn', ['string', 'size', 'string'], types.stringMap, (separator, limit, text) =>
    numbered(splitN(text, separator, limit)),
  ),
  define('splitList', ['string', 'string'], types.strings, (separator, text) =>
    strings(splitN(text, separator, -1)),
  ),
];

/** Sprig's functions over texts. */
export const stringFunctions: readonly TemplateFunction[] = [
  ...shapeFunctions,
  ...caseFunctions,
  ...textFunctions,
  ...listFunctions,
];
