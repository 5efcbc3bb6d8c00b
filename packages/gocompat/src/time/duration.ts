// SPDX-License-Identifier: Apache-2.0

/** `time.Duration`: nanoseconds. Source: Go 1.26 time/time.go (String, Round, Truncate), time/format.go (ParseDuration). */

import { quoteTime } from './quote-time.ts';

const SECOND = 1_000_000_000n;
const LIMIT = 2n ** 63n;
const MAX_INT64 = LIMIT - 1n;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', SECOND],
  ['m', 60n * SECOND],
  ['h', 3600n * SECOND],
]);

/** A text that is no duration; the message is Go's. */
export class DurationError extends Error {
  readonly code = 'gocompat/duration';
  readonly retry = 'terminal';
}

/** `Duration.String`: `72h3m0.5s`, `1.5ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (magnitude < SECOND) return sign + small(magnitude);
  const seconds = magnitude / SECOND;
  const rest = decimals(magnitude % SECOND, 9);
  let text = `${seconds % 60n}${rest}s`;
  const minutes = seconds / 60n;
  if (minutes > 0n) {
    text = `${minutes % 60n}m${text}`;
    const hours = minutes / 60n;
    if (hours > 0n) text = `${hours}h${text}`;
  }
  return sign + text;
}

function small(nanos: bigint): string {
  if (nanos < 1_000n) return `${nanos}ns`;
  if (nanos < 1_000_000n) return `${nanos / 1_000n}${decimals(nanos % 1_000n, 3)}µs`;
  return `${nanos / 1_000_000n}${decimals(nanos % 1_000_000n, 6)}ms`;
}

function decimals(fraction: bigint, places: number): string {
  const digits = fraction.toString().padStart(places, '0').replace(/0+$/, '');
  return digits === '' ? '' : `.${digits}`;
}

/** More digits than a duration has. */
const LONGEST = 20;

/** `time.ParseDuration`, in nanoseconds. @throws {DurationError} `gocompat/duration` */
export function parseDuration(text: string): bigint {
  const invalid = () => new DurationError(`time: invalid duration ${quoteTime(text)}`);
  const isNegative = text.startsWith('-');
  let rest = isNegative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();
  let total = 0n;
  while (rest !== '') {
    const [all = '', whole = '', fraction = ''] = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest) ?? [];
    const digits = whole.replace(/^0+/, '');
    const count = digits.length > LONGEST ? LIMIT + 1n : BigInt(digits === '' ? '0' : digits);
    if ((whole === '' && fraction === '') || count > LIMIT) throw invalid();
    rest = rest.slice(all.length);
    const unit = /^[^.0-9]*/.exec(rest)?.[0] ?? '';
    if (unit === '') throw new DurationError(`time: missing unit in duration ${quoteTime(text)}`);
    const scale = UNITS.get(unit);
    if (scale === undefined) {
      throw new DurationError(
        `time: unknown unit ${quoteTime(unit)} in duration ${quoteTime(text)}`,
      );
    }
    rest = rest.slice(unit.length);
    total += count * scale + fractionOf(fraction, scale);
    if (total > LIMIT) throw invalid();
  }
  if (total === LIMIT && !isNegative) throw invalid();
  return isNegative ? -total : total;
}

/** Nanoseconds of the digits behind the point: what an int64 holds of them, multiplied as floats. */
function fractionOf(digits: string, unit: bigint): bigint {
  let [value, scale] = [0n, 1];
  for (const digit of digits) {
    if (value > MAX_INT64 / 10n) break;
    const next = value * 10n + BigInt(digit);
    if (next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** `Duration.Round`: to the nearest multiple, halves away from zero, kept inside an int64. */
export function roundDuration(nanos: bigint, multiple: bigint): bigint {
  const rounded = roundToMultiple(nanos, multiple);
  if (rounded > MAX_INT64) return MAX_INT64;
  return rounded < -LIMIT ? -LIMIT : rounded;
}

/** To the nearest multiple, halves away from zero. */
export function roundToMultiple(nanos: bigint, multiple: bigint): bigint {
  if (multiple <= 0n) return nanos;
  const rest = nanos % multiple;
  const magnitude = rest < 0n ? -rest : rest;
  if (magnitude + magnitude < multiple) return nanos - rest;
  return nanos < 0n ? nanos - (multiple + rest) : nanos + (multiple - rest);
}

/** `Duration.Truncate`: towards zero. */
export function truncateDuration(nanos: bigint, multiple: bigint): bigint {
  return multiple <= 0n ? nanos : nanos - (nanos % multiple);
}
