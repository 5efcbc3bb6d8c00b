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
  const magnitude = digits(rest, base);
  if (magnitude === undefined) throw new NumError('ParseInt', text, INVALID);
  const bound = 1n << BigInt(bits - 1);
  if (isNegative ? magnitude > bound : magnitude >= bound)
    throw new NumError('ParseInt', text, OUT_OF_RANGE);
  return isNegative ? -magnitude : magnitude;
}

/** `strconv.ParseUint`. @throws {NumError} `gocompat/number` */
export function parseUint(text: string, base = 10, bits = 64): bigint {
  const magnitude = digits(text, base);
  if (magnitude === undefined) throw new NumError('ParseUint', text, INVALID);
  if (magnitude >= 1n << BigInt(bits)) throw new NumError('ParseUint', text, OUT_OF_RANGE);
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

function digits(text: string, base: number): bigint | undefined {
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
    if (!areUnderscoresWell(text)) return undefined;
    body = body.replaceAll('_', '');
  }
  if (body === '' || !areDigits(body, radix)) return undefined;
  if (radix === 10) return BigInt(body);
  const prefix = radix === 2 ? '0b' : radix === 8 ? '0o' : radix === 16 ? '0x' : undefined;
  if (prefix !== undefined) return BigInt(prefix + body);
  let value = 0n;
  for (const char of body) value = value * BigInt(radix) + BigInt(digitOf(char));
  return value;
}

function areDigits(text: string, radix: number): boolean {
  for (const char of text) {
    const digit = digitOf(char);
    if (digit < 0 || digit >= radix) return false;
  }
  return true;
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
  return /^(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|[0-9](?:_?[0-9])*)$/.test(
    body,
  );
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
  const isHex = /^[+-]?0[xX]/.test(text);
  if (!isHex) return undefined;
  if (
    text.includes('_') &&
    !/^[+-]?0[xX](?:_?[0-9a-fA-F])*\.?[0-9a-fA-F]*(?:_[0-9a-fA-F]+)*[pP]/.test(text)
  ) {
    return undefined;
  }
  return readHexFloat(text.replaceAll('_', ''));
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
