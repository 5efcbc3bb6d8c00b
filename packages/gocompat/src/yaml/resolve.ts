// SPDX-License-Identifier: Apache-2.0

/**
 * What an unquoted scalar is: YAML 1.1 as go-yaml v2 understands it.
 *
 * Source: go.yaml.in/yaml/v2 v2.4.4 resolve.go
 */

import { yamlError } from './errors.ts';
import { isTimestamp } from './timestamp.ts';

export type ScalarKind = 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'string';

/** A scalar's kind and value; an `int` is a `number` where that is exact, else a `bigint`. */
export interface Resolved {
  readonly kind: ScalarKind;
  readonly value: null | boolean | number | bigint | string;
}

const TAG_PREFIX = 'tag:yaml.org,2002:';
export const STR_TAG: string = `${TAG_PREFIX}str`;
export const BINARY_TAG: string = `${TAG_PREFIX}binary`;
export const MERGE_TAG: string = `${TAG_PREFIX}merge`;
export const NULL_TAG: string = `${TAG_PREFIX}null`;
const TIMESTAMP_TAG = `${TAG_PREFIX}timestamp`;
const FLOAT_TAG = `${TAG_PREFIX}float`;

const KIND_OF_TAG = new Map<string, ScalarKind>([
  [STR_TAG, 'string'],
  [`${TAG_PREFIX}bool`, 'bool'],
  [`${TAG_PREFIX}int`, 'int'],
  [FLOAT_TAG, 'float'],
  [NULL_TAG, 'null'],
  [TIMESTAMP_TAG, 'timestamp'],
]);

const TAG_NAMES: Readonly<Record<ScalarKind, string>> = {
  null: '!!null',
  bool: '!!bool',
  int: '!!int',
  float: '!!float',
  timestamp: '!!timestamp',
  string: '!!str',
};

const NULL: Resolved = { kind: 'null', value: null };
const TRUE: Resolved = { kind: 'bool', value: true };
const FALSE: Resolved = { kind: 'bool', value: false };
const ZERO: Resolved = { kind: 'int', value: 0 };
const NOT_A_NUMBER: Resolved = { kind: 'float', value: Number.NaN };
const INFINITY: Resolved = { kind: 'float', value: Number.POSITIVE_INFINITY };
const MINUS_INFINITY: Resolved = { kind: 'float', value: Number.NEGATIVE_INFINITY };

const WORDS = new Map<string, Resolved>();
for (const [words, resolved] of [
  ['y Y yes Yes YES true True TRUE on On ON', TRUE],
  ['n N no No NO false False FALSE off Off OFF', FALSE],
  [' ~ null Null NULL', NULL],
  ['.nan .NaN .NAN', NOT_A_NUMBER],
  ['.inf .Inf .INF +.inf +.Inf +.INF', INFINITY],
  ['-.inf -.Inf -.INF', MINUS_INFINITY],
] as const) {
  for (const word of words.split(' ')) WORDS.set(word, resolved);
}

/** The longest key of `WORDS`. */
const MAX_WORD_LENGTH = 5;

const OTHER = 0;
const WORD_START = 1;
const DOT = 2;
const DIGIT = 3;
const SIGN = 4;

/** What a scalar may be, by its first character. */
const HINTS: Uint8Array = hints();

function hints(): Uint8Array {
  const table = new Uint8Array(128);
  for (const char of 'yYnNtTfFoO~') table[char.charCodeAt(0)] = WORD_START;
  for (const char of '0123456789') table[char.charCodeAt(0)] = DIGIT;
  for (const char of '+-') table[char.charCodeAt(0)] = SIGN;
  table[0x2e] = DOT;
  return table;
}

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** What Go's ParseFloat takes after a leading dot: underscores between digits too. */
const DOT_FLOAT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)$/;
const BINARY_AFTER_SIGN = /^0b[-+][01]+$/;
/** Everything a number may be made of, underscores included. */
const NUMERIC = /^[-+.0-9a-fA-FxXoO_]+$/;
const MAX_SAFE_DIGITS = 15;
const MAX_UINT64 = 0xffffffffffffffffn;
const MAX_INT64 = 0x7fffffffffffffffn;

/** Whether plain text is a string for certain, told by its first character and its length. */
export function isSurelyText(first: number, length: number): boolean {
  if (first >= 128) return true;
  const hint = HINTS[first];
  return hint === OTHER || (hint === WORD_START && length > MAX_WORD_LENGTH);
}

/** Resolves plain text that carries no tag; strings give `undefined`. */
export function resolvePlain(text: string): Resolved | undefined {
  if (text === '') return NULL;
  const first = text.charCodeAt(0);
  if (first >= 128) return undefined;
  switch (HINTS[first]) {
    case OTHER:
      return undefined;
    case WORD_START:
      return text.length <= MAX_WORD_LENGTH ? WORDS.get(text) : undefined;
    case DOT:
      return WORDS.get(text) ?? resolveDotFloat(text);
    default:
      return resolveNumber(text, first);
  }
}

function resolveDotFloat(text: string): Resolved | undefined {
  return DOT_FLOAT.test(text) ? finite(text.replaceAll('_', '')) : undefined;
}

function finite(text: string): Resolved | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? { kind: 'float', value } : undefined;
}

function resolveNumber(text: string, first: number): Resolved | undefined {
  if (text === '0') return ZERO;
  if (first !== 0x30 && text.length <= MAX_SAFE_DIGITS && isDigits(text)) {
    return { kind: 'int', value: Number(text) };
  }
  const word = text.length <= MAX_WORD_LENGTH ? WORDS.get(text) : undefined;
  if (word !== undefined) return word;
  if (!NUMERIC.test(text)) return undefined;
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const integer = parseInteger(plain);
  if (integer !== undefined) return integer;
  return FLOAT.test(plain) ? finite(plain) : undefined;
}

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** Go's ParseInt, then ParseUint, with base 0; and `0b` before a sign, which go-yaml lets through. */
function parseInteger(text: string): Resolved | undefined {
  if (!INTEGER.test(text)) {
    return BINARY_AFTER_SIGN.test(text) ? binaryAfterSign(text) : undefined;
  }
  const sign = text.charCodeAt(0);
  const isSigned = sign === 0x2b || sign === 0x2d;
  let digits = isSigned ? text.slice(1) : text;
  if (digits.length > 1 && digits.startsWith('0') && isDigits(digits)) {
    digits = `0o${digits.slice(1)}`;
  }
  const magnitude = BigInt(digits.toLowerCase());
  if (sign === 0x2d) {
    return magnitude <= MAX_INT64 + 1n ? { kind: 'int', value: small(-magnitude) } : undefined;
  }
  const max = isSigned ? MAX_INT64 : MAX_UINT64;
  return magnitude <= max ? { kind: 'int', value: small(magnitude) } : undefined;
}

function binaryAfterSign(text: string): Resolved | undefined {
  const magnitude = BigInt(`0b${text.slice(3)}`);
  const isNegative = text.charCodeAt(2) === 0x2d;
  if (magnitude > (isNegative ? MAX_INT64 + 1n : MAX_INT64)) return undefined;
  return { kind: 'int', value: small(isNegative ? -magnitude : magnitude) };
}

function small(value: bigint): number | bigint {
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}

/** The kind a tag asks for, or `undefined` for tags that leave the text as it is. */
export function resolveTagged(tag: string, text: string): Resolved {
  const wanted = KIND_OF_TAG.get(tag);
  if (wanted === undefined || wanted === 'string') return { kind: 'string', value: text };
  let found = resolvePlain(text) ?? { kind: 'string', value: text };
  if (tag === TIMESTAMP_TAG && isTimestamp(text)) found = { kind: 'timestamp', value: text };
  if (found.kind === wanted) return found;
  if (wanted === 'float' && found.kind === 'int' && isInt64(found.value)) {
    return { kind: 'float', value: Number(found.value) };
  }
  throw yamlError(
    0,
    `cannot decode ${TAG_NAMES[found.kind]} \`${text}\` as a ${TAG_NAMES[wanted]}`,
  );
}

function isInt64(value: Resolved['value']): boolean {
  return typeof value !== 'bigint' || value <= MAX_INT64;
}

/** Whether text, written without quotes, would be read back as a string. */
export function isPlainString(text: string): boolean {
  if (resolvePlain(text) !== undefined) return false;
  return !isTimestamp(text);
}

const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** YAML 1.1's numbers of base 60, which go-yaml reads as strings, but quotes. */
export function isBase60(text: string): boolean {
  return text.includes(':') && BASE_60.test(text);
}
