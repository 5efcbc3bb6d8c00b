// SPDX-License-Identifier: Apache-2.0

/** Numbers, dates and booleans of TOML. Source: BurntSushi/toml v1.6.0 (lexNumberOrDateStart ..., valueInteger, valueFloat, valueDatetime). */

import { NumError, parseFloat as readFloat, parseInt as readInt } from '../strconv/parse.ts';
import { quote } from '../strconv/quote.ts';
import { parseInstant, TimeParseError } from '../time/parse.ts';
import { RFC3339_NANO, typedTime } from '../time/types.ts';
import type { Zone } from '../time/zone.ts';
import { int64, type Value } from '../value/value.ts';
import { END, quotedChar, TomlProblem, type TomlReader } from './reader.ts';

const DIGIT = /^[0-9]$/;
const FLOAT = /^[0-9_.eE+-]$/;
const DATE = /^[0-9\-:Tt .Zz+]$/;

/** @param first the first character, read already; a digit. @throws {TomlProblem} */
export function readNumberOrDate(reader: TomlReader, first: string): Value {
  const from = reader.position - 1;
  let char = reader.next();
  if (first === '0' && !DIGIT.test(char)) return readBased(reader, from, char);
  while (DIGIT.test(char)) char = reader.next();
  if (char === '-' || char === ':') return readDate(reader, from);
  return readDecimal(reader, from, char);
}

const BASES = new Map([
  ['b', { digit: /^[01]$/, name: 'a binary' }],
  ['o', { digit: /^[0-7]$/, name: 'an octal' }],
  ['x', { digit: /^[0-9a-fA-F]$/, name: 'a hexadecimal' }],
]);

function readBased(reader: TomlReader, from: number, char: string): Value {
  const base = BASES.get(char);
  if (base === undefined) return readDecimal(reader, from, char);
  const first = reader.peek();
  if (!base.digit.test(first)) {
    const shown = reader.since(from) + (first === END ? '\0' : first);
    throw reader.problem(`not ${base.name} number: '${shown}'`);
  }
  let digit = reader.next();
  while (base.digit.test(digit) || digit === '_') digit = reader.next();
  reader.back(digit);
  return integerOf(reader.since(from), reader.line);
}

/** @param char what stands behind the first digits, read already */
function readDecimal(reader: TomlReader, from: number, char: string): Value {
  let next = char;
  while (DIGIT.test(next) || next === '_') next = reader.next();
  const isFloat = /^[.eE]$/.test(next);
  if (isFloat) while (FLOAT.test(next)) next = reader.next();
  reader.back(next);
  const text = reader.since(from);
  return isFloat ? floatOf(text, reader.line) : integerOf(text, reader.line);
}

/** @throws {TomlProblem} */
export function readSigned(reader: TomlReader): Value {
  const from = reader.position - 1;
  const char = reader.next();
  if (char === 'i' || char === 'n') {
    const [second, third] = char === 'i' ? ['n', 'f'] : ['a', 'n'];
    if (!reader.accept(second ?? '') || !reader.accept(third ?? '')) {
      throw reader.problem(`invalid float: '${reader.since(from)}'`);
    }
    return floatOf(reader.since(from), reader.line);
  }
  if (char === '0' && /^[box]$/.test(reader.peek())) {
    const shown = reader.since(from) + reader.peek();
    throw reader.problem(`cannot use sign with non-decimal numbers: '${shown}'`);
  }
  if (char === '.') throw reader.problem("floats must start with a digit, not '.'");
  if (!DIGIT.test(char)) throw reader.problem(`expected a digit but got ${quotedChar(char)}`);
  return readDecimal(reader, from, reader.next());
}

/** `inf`, `nan` or a boolean. @param first the first character, read already */
export function readWord(reader: TomlReader, first: string): Value {
  const from = reader.position - first.length;
  let last = first;
  if (first === 'i' || first === 'n') {
    const isFloat = (take('n') && take('f')) || (take('a') && take('n'));
    if (isFloat) return floatOf(reader.since(from), reader.line);
  }
  reader.back(last);
  const start = reader.position;
  let char = reader.next();
  while (/^\p{L}$/u.test(char)) char = reader.next();
  reader.back(char);
  const word = reader.since(start);
  if (word === 'true' || word === 'false') return word === 'true';
  throw reader.problem(`expected value but found ${quote(word)} instead`);

  function take(wanted: string): boolean {
    if (!reader.accept(wanted)) return false;
    last = wanted;
    return true;
  }
}

function readDate(reader: TomlReader, from: number): Value {
  let char = reader.next();
  while (DATE.test(char)) char = reader.next();
  reader.back(char);
  return dateOf(reader.since(from).trim(), reader.line);
}

function integerOf(text: string, line: number): Value {
  const wrong = (why: string) => new TomlProblem(`Invalid integer ${quote(text)}: ${why}`, line);
  if (!areUnderscoresWell(text)) throw wrong('underscores must be surrounded by digits');
  if (hasLeadingZero(text)) throw wrong('cannot have leading zeroes');
  try {
    return int64(readInt(text, 0, 64));
  } catch (error) {
    if (!(error instanceof NumError)) throw error;
    throw new TomlProblem(`${text} is out of range for int64`, line);
  }
}

function floatOf(text: string, line: number): Value {
  const wrong = (why: string) => new TomlProblem(`Invalid float ${quote(text)}: ${why}`, line);
  const parts = text.split(/[.eE]/).filter((part) => part !== '');
  if (!parts.every(areUnderscoresWell)) throw wrong('underscores must be surrounded by digits');
  if (hasLeadingZero(parts[0] ?? '')) throw wrong('cannot have leading zeroes');
  if (/\.(?![0-9])/.test(text)) throw wrong("'.' must be followed by one or more digits");
  const plain = text.replaceAll('_', '');
  try {
    return /^[+-]nan$/.test(plain) ? Number.NaN : readFloat(plain);
  } catch (error) {
    if (!(error instanceof NumError)) throw error;
    const message = error.isOutOfRange
      ? `${text} is out of range for float64`
      : `Invalid float value: ${quote(text)}`;
    throw new TomlProblem(message, line);
  }
}

/** Every underscore stands behind a hexadecimal digit, and none at the end. */
function areUnderscoresWell(text: string): boolean {
  if (/^[+-]?(?:nan|inf)$/.test(text)) return true;
  return /[0-9a-fA-F]$/.test(text) && !/(?<![0-9a-fA-F])_/.test(text);
}

function hasLeadingZero(text: string): boolean {
  return /^0[^box]/.test(text) || /^[+-]0./.test(text);
}

const local = (name: string): Zone => ({ offsetSeconds: 0, name });
/** Layouts in the order they are tried; without an offset times are in zones that have only a name. */
const LAYOUTS: readonly (readonly [layout: string, zone: Zone])[] = [
  [RFC3339_NANO, 'UTC'],
  ['2006-01-02T15:04:05.999999999', local('datetime-local')],
  ['2006-01-02', local('date-local')],
  ['15:04:05.999999999', local('time-local')],
  ['2006-01-02T15:04Z07:00', 'UTC'],
  ['2006-01-02T15:04', local('datetime-local')],
  ['15:04', local('time-local')],
];

function dateOf(held: string, line: number): Value {
  const text = held.replaceAll('z', 'Z').replaceAll('t', 'T').replaceAll(' ', 'T');
  for (const [layout, zone] of LAYOUTS) {
    const instant = attempt(() => parseInstant(layout, text, zone));
    if (instant === undefined) continue;
    if (isZeroMissing(text, layout)) break;
    return typedTime(instant);
  }
  throw new TomlProblem(`invalid datetime: ${quote(text)}`, line);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TimeParseError) return undefined;
    throw error;
  }
}

/** Go reads `2021-1-2`, TOML does not: what is no digit must stand where the layout has it. */
function isZeroMissing(text: string, layout: string): boolean {
  const fixed = /^[^.Z]*/.exec(layout)?.[0] ?? '';
  return [...fixed].some((char, i) => !DIGIT.test(char) && text.charAt(i) !== char);
}
