// SPDX-License-Identifier: Apache-2.0

/**
 * The order in which go-yaml writes the keys of a map: letters after other characters, runs of
 * digits by their number.
 *
 * Source: go.yaml.in/yaml/v2 v2.4.4 and v3 v3.0.5 sorter.go
 */

import { isYoungerThanGo } from '../text/unicode-age.ts';

const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;
/** Decimal digits that a double and an int64 hold alike. */
const MAX_EXACT_DIGITS = 15;
const ZERO = 0x30;

/** Compares two keys as go-yaml v2 does. */
export function compareKeys(a: string, b: string): number {
  return compare(a, b, false);
}

/** Compares two keys as go-yaml v3 does: after equal digits a letter comes first. */
export function compareKeysV3(a: string, b: string): number {
  return compare(a, b, true);
}

function compare(a: string, b: string, lettersAfterDigitsFirst: boolean): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length - b.length;
  if (at > 0 && isLowSurrogate(a.charCodeAt(at)) && isLowSurrogate(b.charCodeAt(at))) at--;
  const left = a.codePointAt(at) ?? 0;
  const right = b.codePointAt(at) ?? 0;
  const isLeftLetter = isLetter(left);
  const isRightLetter = isLetter(right);
  if (isLeftLetter && isRightLetter) return left - right;
  if (isLeftLetter || isRightLetter) {
    const isLeftFirst =
      lettersAfterDigitsFirst && isDigitBefore(a, at) ? isLeftLetter : isRightLetter;
    return isLeftFirst ? -1 : 1;
  }
  return compareDigits(a, b, at) || left - right;
}

function compareDigits(a: string, b: string, at: number): number {
  const isZero = a.charCodeAt(at) === ZERO || b.charCodeAt(at) === ZERO;
  const lead = isZero && followsNonZero(a, at) ? 1 : 0;
  const left = digitRun(a, at);
  const right = digitRun(b, at);
  if (left === '' && right === '') return 0;
  const longest = Math.max(left.length, right.length);
  const difference =
    longest < MAX_EXACT_DIGITS && isAsciiDigits(left) && isAsciiDigits(right)
      ? Number(`${lead}${left}`) - Number(`${lead}${right}`)
      : wrappedDifference(lead, left, right);
  return difference || [...left].length - [...right].length;
}

/** Whether the digits that end before `at` hold one that is not `0`. */
function followsNonZero(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0; i--) {
    const code = codePointBefore(text, i + 1);
    if (!isDigit(code)) return false;
    if (code !== ZERO) return true;
    if (code > 0xffff) i--;
  }
  return false;
}

function digitRun(text: string, from: number): string {
  let end = from;
  for (;;) {
    const code = text.codePointAt(end);
    if (code === undefined || !isDigit(code)) return text.slice(from, end);
    end += code > 0xffff ? 2 : 1;
  }
}

function isAsciiDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x39) return false;
  return true;
}

/** The numbers as Go's int64, which wraps, compared. */
function wrappedDifference(lead: number, left: string, right: string): number {
  const a = wrapped(lead, left);
  const b = wrapped(lead, right);
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function wrapped(lead: number, digits: string): bigint {
  let number = BigInt(lead);
  for (const digit of digits) {
    number = BigInt.asIntN(64, number * 10n + BigInt((digit.codePointAt(0) ?? ZERO) - ZERO));
  }
  return number;
}

function isDigitBefore(text: string, at: number): boolean {
  return at > 0 && isDigit(codePointBefore(text, at));
}

function codePointBefore(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return isLowSurrogate(code) && at > 1 ? (text.codePointAt(at - 2) ?? code) : code;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

function isLetter(code: number): boolean {
  if (code < 0x80) return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return LETTER.test(String.fromCodePoint(code)) && !isYoungerThanGo(code);
}

function isDigit(code: number): boolean {
  if (code < 0x80) return code >= 0x30 && code <= 0x39;
  return DIGIT.test(String.fromCodePoint(code)) && !isYoungerThanGo(code);
}
