// SPDX-License-Identifier: Apache-2.0

/**
 * Abbreviating, wrapping and initials; positions count bytes.
 *
 * Source: Masterminds/goutils v1.1.1 stringutils.go, wordutils.go
 */

import { byteLength, encodeUtf8 } from '@helm-operator/gocompat';
import { binaryOf, byBytes, fromBinary, toBinary } from './bytes.ts';
import {
  isLower,
  isSpace,
  isTitle,
  isUpper,
  runesOf,
  stringOf,
  toLower,
  toTitle,
  toUpper,
} from './unicode.ts';

const ELLIPSIS = '...';
const MIN_WIDTH = 4;
const MIN_WIDTH_WITH_OFFSET = 7;

function abbreviateBytes(bytes: string, offset: number, width: number): string {
  const length = bytes.length;
  const kept = width - ELLIPSIS.length;
  let from = Math.min(offset, length);
  if (length - from < kept) from = length - kept;
  if (from <= MIN_WIDTH) return bytes.slice(0, kept) + ELLIPSIS;
  if (width < MIN_WIDTH_WITH_OFFSET) return '';
  if (from + kept >= length) return ELLIPSIS + bytes.slice(length - kept);
  const tail = bytes.slice(from);
  return ELLIPSIS + (tail.length <= kept ? tail : abbreviateBytes(tail, 0, kept));
}

/** Shortens `text` to `width` bytes; `offset` is where the visible part may begin. */
export function abbreviate(text: string, offset: number, width: number): string {
  if (width < MIN_WIDTH || (offset > 0 && width < MIN_WIDTH_WITH_OFFSET)) return text;
  if (byteLength(text) <= width) return text;
  return byBytes(text, (bytes) => abbreviateBytes(bytes, offset, width));
}

/** How lines are wrapped: `width` in bytes, long words cut or left whole. */
export interface Wrapping {
  readonly width: number;
  readonly newLine: string;
  readonly mustCutWords: boolean;
}

function wrapBytes(bytes: string, { width, newLine, mustCutWords }: Wrapping): string {
  let made = '';
  let at = 0;
  while (bytes.length - at > width) {
    if (bytes[at] === ' ') {
      at++;
      continue;
    }
    const space = bytes.slice(at, at + width + 1).lastIndexOf(' ');
    if (space < 0 && mustCutWords) {
      made += bytes.slice(at, at + width) + newLine;
      at += width;
      continue;
    }
    const end = space >= 0 ? at + space : bytes.indexOf(' ', at + width);
    if (end < 0) break;
    made += bytes.slice(at, end) + newLine;
    at = end + 1;
  }
  return made + bytes.slice(at);
}

/** Breaks one long line at spaces. */
export function wrap(text: string, wrapping: Wrapping): string {
  if (text === '') return '';
  const newLine = wrapping.newLine === '' ? '\n' : wrapping.newLine;
  const width = Math.max(wrapping.width, 1);
  const bytes = { ...wrapping, width, newLine: toBinary(newLine) };
  return fromBinary(wrapBytes(toBinary(text), bytes));
}

/** The bytes of `text` that `isKept` accepts, each read as a character of its own. */
function filterBytes(text: string, isKept: (byte: number) => boolean): string {
  return binaryOf(encodeUtf8(text).filter(isKept));
}

/** Drops white space byte by byte: what remains of other scripts is re-read as Latin-1, as Go does. */
export function deleteWhiteSpace(text: string): string {
  const isKept = (byte: number): boolean => !isSpace(byte);
  return encodeUtf8(text).every(isKept) ? text : filterBytes(text, isKept);
}

/** The first byte of each word, read as Latin-1. */
export function initials(text: string): string {
  let isGap = true;
  return filterBytes(text, (byte) => {
    const isFirst = isGap && !isSpace(byte);
    isGap = isSpace(byte);
    return isFirst;
  });
}

/** `goutils.Uncapitalize`: the first letter of each word small. */
export function uncapitalize(text: string): string {
  let isStart = true;
  const small = runesOf(text).map((rune) => {
    const mapped = isStart && !isSpace(rune) ? toLower(rune) : rune;
    isStart = isSpace(rune);
    return mapped;
  });
  return stringOf(small);
}

/** `goutils.SwapCase`: a small letter at the start of a word becomes a title letter. */
export function swapCase(text: string): string {
  let isStart = true;
  const swapped = runesOf(text).map((rune) => {
    if (isUpper(rune) || isTitle(rune)) {
      isStart = false;
      return toLower(rune);
    }
    if (isLower(rune)) {
      const mapped = isStart ? toTitle(rune) : toUpper(rune);
      isStart = false;
      return mapped;
    }
    isStart = isSpace(rune);
    return rune;
  });
  return stringOf(swapped);
}
