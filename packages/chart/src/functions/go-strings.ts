// SPDX-License-Identifier: Apache-2.0

/** Go's package `strings`, as far as JavaScript's own methods differ. Source: Go 1.26 strings */

import { isAscii } from '@helm-operator/gocompat';
import { checkLength, fromBinary, toBinary } from './bytes.ts';
import {
  isDigit,
  isLetter,
  isSpace,
  toLower as lowerRune,
  mapRunes,
  toTitle,
  toUpper as upperRune,
} from './unicode.ts';

/** `strings.ToUpper` */
export function toUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapRunes(text, upperRune);
}

/** `strings.ToLower` */
export function toLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapRunes(text, lowerRune);
}

function isSeparator(rune: number): boolean {
  if (rune <= 0x7f) return !/\w/.test(String.fromCharCode(rune));
  return !isLetter(rune) && !isDigit(rune) && isSpace(rune);
}

/** `strings.Title` */
export function title(text: string): string {
  let isStart = true;
  return mapRunes(text, (rune) => {
    const mapped = isStart ? toTitle(rune) : rune;
    isStart = isSeparator(rune);
    return mapped;
  });
}

/** Cuts characters off both ends while `isCut` holds. */
function trimWhile(text: string, isCut: (char: string) => boolean): string {
  let start = 0;
  while (start < text.length) {
    const char = String.fromCodePoint(text.codePointAt(start) ?? 0);
    if (!isCut(char)) break;
    start += char.length;
  }
  let end = text.length;
  while (end > start) {
    const isPair = end - 2 >= start && (text.codePointAt(end - 2) ?? 0) > 0xffff;
    const from = end - (isPair ? 2 : 1);
    if (!isCut(text.slice(from, end))) break;
    end = from;
  }
  return text.slice(start, end);
}

/** `strings.TrimSpace` */
export function trimSpace(text: string): string {
  return trimWhile(text, (char) => isSpace(char.codePointAt(0) ?? 0));
}

/** `strings.Trim` */
export function trimSet(text: string, set: string): string {
  // To Go all bytes that are not UTF-8 are one rune.
  const cut = new Set(set.toWellFormed());
  return trimWhile(text, (char) => cut.has(char.toWellFormed()));
}

/**
 * Runs a search on texts that hold bytes as Go does.
 *
 * Where all are Unicode, matching by UTF-16 units and by bytes is the same.
 */
export function onBytes<T>(texts: readonly string[], run: (...texts: readonly string[]) => T): T {
  return texts.every((text) => text.isWellFormed()) ? run(...texts) : run(...texts.map(toBinary));
}

/** Like `onBytes`, for a result that is text again. */
export function throughBytes(
  texts: readonly string[],
  run: (...texts: readonly string[]) => string,
): string {
  if (texts.every((text) => text.isWellFormed())) return run(...texts);
  return fromBinary(run(...texts.map(toBinary)));
}

/** `strings.SplitN`; `limit` < 0 is all parts, 0 none. An empty separator splits after each character. */
export function splitN(text: string, separator: string, limit: number): string[] {
  if (limit === 0) return [];
  if (separator === '') return explode(text, limit);
  if (!text.isWellFormed() || !separator.isWellFormed()) {
    return cut(toBinary(text).split(toBinary(separator)), toBinary(separator), limit).map(
      fromBinary,
    );
  }
  return cut(text.split(separator), separator, limit);
}

function cut(parts: string[], separator: string, limit: number): string[] {
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function explode(text: string, limit: number): string[] {
  const chars = Array.from(text);
  return cut(chars, '', limit);
}

/** `strings.ReplaceAll`; an empty `old` matches before each character and at the end. */
export function replaceAll(text: string, old: string, replacement: string): string {
  if (old === '') {
    const chars = Array.from(text);
    checkLength(text.length + replacement.length * chars.length);
    return [replacement, ...chars.map((char) => char + replacement)].join('');
  }
  return throughBytes([text, old, replacement], (source = '', from = '', to = '') => {
    const parts = source.split(from);
    checkLength(source.length + to.length * parts.length);
    return parts.join(to);
  });
}

/** `strings.HasPrefix` cut off. */
export function trimPrefix(text: string, prefix: string): string {
  return throughBytes([text, prefix], (whole = '', start = '') =>
    whole.startsWith(start) ? whole.slice(start.length) : whole,
  );
}

/** `strings.HasSuffix` cut off. */
export function trimSuffix(text: string, suffix: string): string {
  return throughBytes([text, suffix], (whole = '', end = '') =>
    whole.endsWith(end) ? whole.slice(0, whole.length - end.length) : whole,
  );
}
