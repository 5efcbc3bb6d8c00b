// SPDX-License-Identifier: Apache-2.0

/** Go's package `strings`, as far as JavaScript's own methods differ. Source: Go 1.26 strings */

import { isAscii } from '@helm-operator/gocompat';
import { checkLength, fromBinary, toBinary } from './bytes.ts';
import { FunctionLimitError } from './errors.ts';
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
    const parts = counted(toBinary(text).split(toBinary(separator), MAX_PARTS + 1));
    return cut(parts, toBinary(separator), limit).map(fromBinary);
  }
  return cut(counted(text.split(separator, MAX_PARTS + 1)), separator, limit);
}

/** Most pieces one call may make of a text. */
export const MAX_PARTS = 4_000_000;

/** @throws {FunctionLimitError} `chart/function-limit`: too many pieces */
export function counted<T>(parts: T[]): T[] {
  if (parts.length > MAX_PARTS) throw new FunctionLimitError('pieces', MAX_PARTS);
  return parts;
}

function cut(parts: string[], separator: string, limit: number): string[] {
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function explode(text: string, limit: number): string[] {
  const isLong = limit < 0 && text.length > 2 * MAX_PARTS;
  return cut(counted(isLong ? Array(MAX_PARTS + 1).fill('') : Array.from(text)), '', limit);
}

/** `strings.ReplaceAll`; an empty `old` matches before each character and at the end. */
export function replaceAll(text: string, old: string, replacement: string): string {
  if (old === '') {
    checkLength(text.length + replacement.length * (text.length >> 1));
    const chars = counted(Array.from(text));
    checkLength(text.length + replacement.length * chars.length);
    return [replacement, ...chars.map((char) => char + replacement)].join('');
  }
  return throughBytes([text, old, replacement], (source = '', from = '', to = '') => {
    const parts = counted(source.split(from, MAX_PARTS + 1));
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
