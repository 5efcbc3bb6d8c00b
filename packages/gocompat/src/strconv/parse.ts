// SPDX-License-Identifier: Apache-2.0

/** Numbers and booleans from text. Source: Go 1.26 strconv (atoi.go, atof.go, atob.go). */

import { quote } from './quote.ts';

/** What could not be read; the message is Go's `strconv.NumError`. */
export class NumError extends Error {
  readonly code = 'gocompat/number';
  readonly retry = 'terminal';
  readonly isOutOfRange: boolean;
  constructor(func: string, text: string, reason: string) {
    super(`strconv.${func}: parsing ${quote(text)}: ${reason}`);
    this.isOutOfRange = reason === OUT_OF_RANGE;
  }
}

const INVALID = 'invalid syntax';
const OUT_OF_RANGE = 'value out of range';
const PREFIXES: ReadonlyMap<string, number> = new Map([
  ['0b', 2],
  ['0o', 8],
  ['0x', 16],
]);

/**
 * `strconv.ParseInt`.
 *
 * @param base 2 to 36, or 0: by the prefix `0x`, `0o`, `0b`, `0`, underscores allowed
 * @throws {NumError} `gocompat/number`
 */
export function parseInt(text: string, base = 10, bits = 64): bigint {
  const isNegative = text.startsWith('-');
  const rest = isNegative || text.startsWith('+') ? text.slice(1) : text;
  const width = bits === 0 ? 64 : bits;
  const magnitude = digits(rest, base, width);
  if (typeof magnitude === 'string') throw new NumError('ParseInt', text, magnitude);
  const bound = 1n << BigInt(width - 1);
  if (isNegative ? magnitude > bound : magnitude >= bound)
    throw new NumError('ParseInt', text, OUT_OF_RANGE);
  return isNegative ? -magnitude : magnitude;
}

/** `strconv.ParseUint`. @throws {NumError} `gocompat/number` */
export function parseUint(text: string, base = 10, bits = 64): bigint {
  const magnitude = digits(text, base, bits === 0 ? 64 : bits);
  if (typeof magnitude === 'string') throw new NumError('ParseUint', text, magnitude);
  return magnitude;
}

/** `strconv.Atoi`. @throws {NumError} `gocompat/number` */
export function atoi(text: string): bigint {
  try {
    return parseInt(text, 10, 64);
  } catch (error) {
    const reason = error instanceof NumError && error.isOutOfRange ? OUT_OF_RANGE : INVALID;
    throw new NumError('Atoi', text, reason);
  }
}

/** More digits than any number of 64 bits has. */
const LONGEST = 64;

/** The number, or why it is none: Go reads digit by digit, so what is too large is found before a bad character behind it. */
function digits(text: string, base: number, bits: number): bigint | string {
  let body = text;
  let radix = base;
  if (base === 0) {
    radix = 10;
    const prefix = PREFIXES.get(text.slice(0, 2).toLowerCase());
    if (prefix !== undefined && text.length > 2) {
      radix = prefix;
      body = text.slice(2);
    } else if (text.startsWith('0') && text.length > 1) {
      radix = 8;
      body = text.slice(1);
    }
    body = body.replaceAll('_', '');
  }
  const end = endOfDigits(body, radix);
  const start = /^0*/.exec(body)?.[0].length ?? 0;
  if (end - start > LONGEST) return OUT_OF_RANGE;
  const value = valueOf(body.slice(start, end), radix);
  if (value >= 1n << BigInt(bits)) return OUT_OF_RANGE;
  const isWell = text !== '' && end === body.length && (base !== 0 || areUnderscoresWell(text));
  return isWell && (body !== '' || text.includes('_') === false) ? value : INVALID;
}

function valueOf(text: string, radix: number): bigint {
  if (text === '') return 0n;
  if (radix === 10) return BigInt(text);
  const prefix = radix === 2 ? '0b' : radix === 8 ? '0o' : radix === 16 ? '0x' : undefined;
  if (prefix !== undefined) return BigInt(prefix + text);
  let value = 0n;
  for (const char of text) value = value * BigInt(radix) + BigInt(digitOf(char));
  return value;
}

function endOfDigits(text: string, radix: number): number {
  for (let i = 0; i < text.length; i++) {
    const digit = digitOf(text.charAt(i));
    if (digit < 0 || digit >= radix) return i;
  }
  return text.length;
}

function digitOf(char: string): number {
  const code = char.charCodeAt(0) | 0x20;
  if (char >= '0' && char <= '9') return char.charCodeAt(0) - 0x30;
  return char.length === 1 && code >= 0x61 && code <= 0x7a ? code - 0x61 + 10 : -1;
}

/** Underscores stand between digits, or between a base prefix and a digit. */
function areUnderscoresWell(text: string): boolean {
  if (!text.includes('_')) return true;
  const body = text.replace(/^[+-]/, '');
  const prefix = /^0[xXbBoO]/.exec(body)?.[0];
  const digit = /x$/i.test(prefix ?? '') ? '[0-9a-fA-F]' : '[0-9]';
  const rest = prefix === undefined ? body : `0${body.slice(2)}`;
  return !new RegExp(`(?<!${digit})_|_(?!${digit})`).test(rest);
}

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEX = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/;
const NAMED = /^([+-]?)(inf|infinity|nan)$/i;

/**
 * `strconv.ParseFloat`.
 *
 * @param bits 32 rounds to a float32
 * @throws {NumError} `gocompat/number`
 */
export function parseFloat(text: string, bits: 32 | 64 = 64): number {
  const value = readFloat(text);
  if (value === undefined) throw new NumError('ParseFloat', text, INVALID);
  const rounded = bits === 32 ? Math.fround(value) : value;
  if (!Number.isFinite(rounded) && !NAMED.test(text))
    throw new NumError('ParseFloat', text, OUT_OF_RANGE);
  return rounded;
}

function readFloat(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const named = NAMED.exec(text);
  if (named !== null) {
    if (named[2]?.toLowerCase() === 'nan') return named[1] === '' ? Number.NaN : undefined;
    return named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (text.includes('_')) {
    // An exponent begins with a digit.
    const isWell = areUnderscoresWell(text) && !/[eEpP][+-]?_/.test(text);
    return isWell ? readFloat(text.replaceAll('_', '')) : undefined;
  }
  return readHexFloat(text);
}

function readHexFloat(text: string): number | undefined {
  const match = HEX.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole + fraction === '') return undefined;
  const mantissa = BigInt(`0x${whole}${fraction}`);
  return (sign === '-' ? -1 : 1) * scale(mantissa, Number(exponent) - 4 * fraction.length);
}

/** mantissa × 2^exponent, rounded half to even once. */
function scale(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const length = mantissa.toString(2).length;
  const drop = Math.max(length - 53, -1074 - exponent);
  if (drop <= 0)
    return (
      Number(mantissa) *
      2 ** Math.max(exponent, -1074) *
      (exponent < -1074 ? 2 ** (exponent + 1074) : 1)
    );
  const cut = BigInt(drop);
  let kept = mantissa >> cut;
  const rest = mantissa - (kept << cut);
  const half = 1n << (cut - 1n);
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++;
  const power = exponent + drop;
  return power > 1023
    ? Number(kept) * 2 ** 1023 * 2 ** Math.min(power - 1023, 1023)
    : Number(kept) * 2 ** power;
}

const TRUE: readonly string[] = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE: readonly string[] = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** `strconv.ParseBool`. @throws {NumError} `gocompat/number` */
export function parseBool(text: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw new NumError('ParseBool', text, INVALID);
}
