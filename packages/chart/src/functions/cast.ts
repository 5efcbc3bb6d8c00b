// SPDX-License-Identifier: Apache-2.0

import {
  Int,
  NumError,
  parseFloat as parseGoFloat,
  parseInt as parseGoInt,
  Typed,
  type Value,
} from '@helm-operator/gocompat';

/** Named integer types the cast library knows beside `int`. */
const NAMED_INTS: ReadonlySet<string> = new Set(['time.Weekday', 'time.Month']);

const MIN_INT64 = -(2n ** 63n);
const TWO_63 = 2 ** 63;

/** Go's `int64(f)` on amd64: what does not fit becomes the smallest integer. */
function truncate(float: number): bigint {
  return Math.abs(float) < TWO_63 ? BigInt(Math.trunc(float)) : MIN_INT64;
}

/** `"1.00"` counts as `"1"`. Source: spf13/cast v1.7.0 trimZeroDecimal */
function withoutZeroDecimals(text: string): string {
  let foundZero = false;
  for (let i = text.length - 1; i >= 0; i--) {
    const char = text[i];
    if (char === '.' && foundZero) return text.slice(0, i);
    if (char === '0') foundZero = true;
    else if (char !== '.') return text;
  }
  return text;
}

function indirect(value: Value): Value {
  let current = value;
  while (current instanceof Typed && current.type.kind === 'ptr' && current.data !== null) {
    current = current.data as Value;
  }
  if (!(current instanceof Typed)) return current;
  if (NAMED_INTS.has(current.type.name)) return current.data as Value;
  return current.type.name === 'float32' ? (current.data as Value) : current;
}

/** The result of `parse`, or `fallback` where the text is no number: cast then gives zero. */
function parsedOr<T>(parse: () => T, fallback: T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof NumError) return fallback;
    throw error;
  }
}

/**
 * `cast.ToInt64`, also `cast.ToInt`: what is no number is 0.
 *
 * Source: spf13/cast v1.7.0 ToInt64E
 */
export function castToInt64(value: Value): bigint {
  const given = indirect(value);
  if (given instanceof Int) return BigInt.asIntN(64, given.value);
  if (typeof given === 'number') return truncate(given);
  if (typeof given === 'boolean') return given ? 1n : 0n;
  if (typeof given !== 'string') return 0n;
  return parsedOr(() => parseGoInt(withoutZeroDecimals(given), 0, 64), 0n);
}

/**
 * `cast.ToFloat64`: what is no number is 0.
 *
 * Source: spf13/cast v1.7.0 ToFloat64E
 */
export function castToFloat64(value: Value): number {
  const given = indirect(value);
  if (typeof given === 'number') return given;
  if (given instanceof Int) return Number(given.value);
  if (typeof given === 'boolean') return given ? 1 : 0;
  if (typeof given !== 'string') return 0;
  return parsedOr(() => parseGoFloat(given, 64), 0);
}

/** `strconv.ParseInt(text, 10, 64)` with its error dropped: 0, or the limit that was passed. */
export function parseDecimal(text: string): bigint {
  try {
    return parseGoInt(text, 10, 64);
  } catch (error) {
    if (!(error instanceof NumError)) throw error;
    if (!error.message.endsWith('out of range')) return 0n;
    return text.startsWith('-') ? MIN_INT64 : -MIN_INT64 - 1n;
  }
}
