// SPDX-License-Identifier: Apache-2.0

/**
 * Go's rune predicates and simple case mappings: one rune in, one rune out, unlike JavaScript's full mappings.
 *
 * Source: Go 1.26 package unicode
 */

import { isYoungerThanGo } from '@helm-operator/gocompat';

/** What Go decodes an invalid byte to. */
export const REPLACEMENT = 0xfffd;

const SPACE = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;
const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;
const NUMBER = /^\p{N}$/u;
const UPPER = /^\p{Lu}$/u;
const LOWER = /^\p{Ll}$/u;
const TITLE = /^\p{Lt}$/u;
const PUNCTUATION = /^\p{P}$/u;

function predicate(pattern: RegExp): (rune: number) => boolean {
  return (rune) => pattern.test(String.fromCodePoint(rune)) && !isYoungerThanGo(rune);
}

/** `unicode.IsSpace` */
export const isSpace: (rune: number) => boolean = predicate(SPACE);
/** `unicode.IsLetter` */
export const isLetter: (rune: number) => boolean = predicate(LETTER);
/** `unicode.IsDigit` */
export const isDigit: (rune: number) => boolean = predicate(DIGIT);
/** `unicode.IsNumber` */
export const isNumber: (rune: number) => boolean = predicate(NUMBER);
/** `unicode.IsUpper` */
export const isUpper: (rune: number) => boolean = predicate(UPPER);
const isSmall = predicate(LOWER);

/** `unicode.IsLower` */
export function isLower(rune: number): boolean {
  return rune === PHARYNGEAL || isSmall(rune);
}
/** `unicode.IsTitle` */
export const isTitle: (rune: number) => boolean = predicate(TITLE);
/** `unicode.IsPunct` */
export const isPunctuation: (rune: number) => boolean = predicate(PUNCTUATION);

/** A letter Go's Unicode counts as small, newer ones as without case. */
const PHARYNGEAL = 0x295;
/** Small letters whose capitals are younger than Go's Unicode. */
const WITHOUT_CAPITAL: ReadonlySet<number> = new Set([0x19b, 0x264, 0xa7d3, 0xa7d5]);

function single(text: string): number | undefined {
  const rune = text.codePointAt(0);
  return rune !== undefined && String.fromCodePoint(rune) === text ? rune : undefined;
}

/** Greek letters with iota below: the full upper case is two letters, the simple one is the title form. */
function upperOfIota(rune: number): number {
  if (rune >= 0x1f80 && rune <= 0x1faf && (rune & 8) === 0) return rune + 8;
  return rune === 0x1fb3 || rune === 0x1fc3 || rune === 0x1ff3 ? rune + 9 : rune;
}

/** `unicode.ToUpper` */
export function toUpper(rune: number): number {
  if (WITHOUT_CAPITAL.has(rune) || isYoungerThanGo(rune)) return rune;
  return single(String.fromCodePoint(rune).toUpperCase()) ?? upperOfIota(rune);
}

/** `unicode.ToLower` */
export function toLower(rune: number): number {
  if (isYoungerThanGo(rune)) return rune;
  // İ is the only letter whose full lower case is longer than the simple one.
  return single(String.fromCodePoint(rune).toLowerCase()) ?? (rune === 0x130 ? 0x69 : rune);
}

/** `unicode.ToTitle` */
export function toTitle(rune: number): number {
  if (rune >= 0x1c4 && rune <= 0x1cc) return rune <= 0x1c6 ? 0x1c5 : rune <= 0x1c9 ? 0x1c8 : 0x1cb;
  if (rune >= 0x1f1 && rune <= 0x1f3) return 0x1f2;
  const isGeorgian = (rune >= 0x10d0 && rune <= 0x10fa) || (rune >= 0x10fd && rune <= 0x10ff);
  return isGeorgian ? rune : toUpper(rune);
}

/** A lone surrogate stands for one byte that is not UTF-8. */
function isEscapedByte(rune: number): boolean {
  return rune >= 0xdc80 && rune <= 0xdcff;
}

/** Go's `[]rune(s)`: an invalid byte is U+FFFD. */
export function runesOf(text: string): number[] {
  const runes: number[] = [];
  for (const char of text) {
    const rune = char.codePointAt(0) ?? REPLACEMENT;
    runes.push(isEscapedByte(rune) ? REPLACEMENT : rune);
  }
  return runes;
}

/** Go's `string(runes)`. */
export function stringOf(runes: readonly number[]): string {
  let text = '';
  for (const rune of runes) text += String.fromCodePoint(rune);
  return text;
}

/** Go's `strings.Map`. */
export function mapRunes(text: string, map: (rune: number) => number): string {
  return stringOf(runesOf(text).map(map));
}
