// SPDX-License-Identifier: Apache-2.0

/** Scalars for the plain reader: where they end in a text, and what they say. */

import type { Value } from '../value/value.ts';
import { CLASS, INDICATOR } from './chars.ts';
import { floatValue, integerValue, type YamlNumbers } from './number-value.ts';
import { resolvePlain } from './resolve.ts';

export const LF = 0x0a;
export const SPACE = 0x20;
export const HASH = 0x23;
export const MINUS = 0x2d;
export const COLON = 0x3a;
const DOUBLE = 0x22;
const SINGLE = 0x27;
const PLUS = 0x2b;
const DOT = 0x2e;
const QUESTION = 0x3f;
const BACKSLASH = 0x5c;

/** The text goes beyond what the plain reader is sure of. */
export class Unusual extends Error {}

/** Thrown often: it has no stack of its own. */
export const UNUSUAL: Unusual = new Unusual('not in the plain part of YAML');

/** The code unit at a place; behind the text it ends like a line. */
export function codeAt(text: string, pos: number): number {
  return pos < text.length ? text.charCodeAt(pos) : LF;
}

export function isQuote(code: number): boolean {
  return code === DOUBLE || code === SINGLE;
}

export function isBlankAfter(text: string, pos: number): boolean {
  const next = codeAt(text, pos + 1);
  return next === SPACE || next === LF;
}

/** Whether a list's item starts here. */
export function isDash(text: string, pos: number): boolean {
  return codeAt(text, pos) === MINUS && isBlankAfter(text, pos);
}

/** Position of the last break between two places, -1 for none: what stands before them may be long. */
export function lastBreak(text: string, from: number, to: number): number {
  for (let pos = to - 1; pos >= from; pos--) if (text.charCodeAt(pos) === LF) return pos;
  return -1;
}

export function lineEndOf(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? text.length : found;
}

/** Position of the colon behind the key at `from`; -1 where the line holds no key. */
export function keyEndOf(text: string, from: number): number {
  if (isQuote(codeAt(text, from))) {
    const pos = closingQuote(text, from) + 1;
    // Whatever goes over lines is no key.
    if (lastBreak(text, from, pos) >= 0) return -1;
    return codeAt(text, pos) === COLON && isBlankAfter(text, pos) ? pos : -1;
  }
  for (let pos = from; pos < text.length; pos++) {
    const code = text.charCodeAt(pos);
    if (code === LF) return -1;
    if (code === COLON && isBlankAfter(text, pos)) return pos;
    if (code === HASH && pos > from && text.charCodeAt(pos - 1) === SPACE) return -1;
  }
  return -1;
}

/** @throws {Unusual} no scalar without quotes can start here */
export function mustStartPlain(text: string, pos: number): void {
  const code = codeAt(text, pos);
  // Three dots may end a document, three dashes begin one.
  if (code === DOT && text.startsWith('...', pos)) throw UNUSUAL;
  if (code >= 128 || ((CLASS[code] ?? 0) & INDICATOR) === 0) return;
  const mayStart = code === MINUS || code === COLON || code === QUESTION;
  if (!mayStart || isBlankAfter(text, pos)) throw UNUSUAL;
  if (code === MINUS && text.startsWith('---', pos)) throw UNUSUAL;
}

/** Where the part of a plain scalar on this line ends: at the line's end or its comment, blanks included. */
export function plainLineEnd(text: string, from: number): number {
  const end = lineEndOf(text, from);
  for (let pos = from; pos < end; pos++) {
    const code = text.charCodeAt(pos);
    if (code === COLON && isBlankAfter(text, pos)) throw UNUSUAL;
    if (code === HASH && text.charCodeAt(pos - 1) === SPACE) return pos;
  }
  return end;
}

/** Where a piece of the text ends without the blanks at its end. */
export function endWithoutBlanks(text: string, end: number): number {
  let last = end;
  while (text.charCodeAt(last - 1) === SPACE) last--;
  return last;
}

/** A piece of the text without the blanks at its end. */
export function withoutBlanks(text: string, from: number, end: number): string {
  return text.slice(from, endWithoutBlanks(text, end));
}

/** What a scalar without quotes is. @throws {Unusual} a number without end */
export function plainValue(text: string, numbers: YamlNumbers): Value {
  const resolved = resolvePlain(text);
  if (resolved === undefined) return text;
  const { kind, value } = resolved;
  if (kind === 'int') return integerValue(value as number | bigint, numbers);
  if (kind !== 'float') return value as null | boolean;
  if (!Number.isFinite(value)) throw UNUSUAL;
  return floatValue(value as number, numbers);
}

/** Position of the quote that ends the scalar whose first quote is at `from`. */
export function closingQuote(text: string, from: number): number {
  const quote = text.charCodeAt(from);
  for (let pos = from + 1; pos < text.length; pos++) {
    const code = text.charCodeAt(pos);
    if (code === LF && isDocumentMark(text, pos + 1)) break;
    if (code === BACKSLASH && quote === DOUBLE) {
      pos++;
      continue;
    }
    if (code !== quote) continue;
    if (quote === DOUBLE || text.charCodeAt(pos + 1) !== SINGLE) return pos;
    pos++;
  }
  throw UNUSUAL;
}

function isDocumentMark(text: string, lineStart: number): boolean {
  return text.startsWith('---', lineStart) || text.startsWith('...', lineStart);
}

/** What stands between two quotes. */
export function unquoted(text: string, from: number, end: number): string {
  const raw = text.slice(from + 1, end);
  const inner = raw.includes('\n') ? folded(raw) : raw;
  if (text.charCodeAt(from) === SINGLE) {
    return inner.includes("'") ? inner.replaceAll("''", "'") : inner;
  }
  return inner.includes('\\') ? unescaped(inner) : inner;
}

/** Makes sure of what stands between two quotes without making it. */
export function checkUnquoted(text: string, from: number, end: number): void {
  if (text.charCodeAt(from) === SINGLE) return;
  const raw = text.slice(from + 1, end);
  if (raw.includes('\\')) unescaped(raw);
}

/** Breaks between two places; -1 where anything but blanks stands between them. */
export function countBreaks(text: string, from: number, to: number): number {
  let breaks = 0;
  for (let pos = from; pos < to; pos++) {
    const code = text.charCodeAt(pos);
    if (code === LF) breaks++;
    else if (code !== SPACE) return -1;
  }
  return breaks;
}

/** A break is a space, more lose the first. */
export function foldedBreaks(breaks: number): string {
  return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
}

const GAP = / *\n[ \n]*/g;

function folded(text: string): string {
  return text.replaceAll(GAP, (gap) => foldedBreaks(countBreaks(gap, 0, gap.length)));
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [DOUBLE, '"'],
  [BACKSLASH, '\\'],
  [0x6e, '\n'],
  [0x74, '\t'],
]);

function unescaped(text: string): string {
  let out = '';
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    const escape = ESCAPES.get(text.charCodeAt(at + 1));
    if (escape === undefined) throw UNUSUAL;
    out += text.slice(from, at) + escape;
    from = at + 2;
  }
  return out + text.slice(from);
}

/** A `|` block at `from`, and where the line behind it starts; its header is `|`, `|-` or `|+` alone. */
export function readLiteral(
  text: string,
  from: number,
  { parent, isWanted }: { readonly parent: number; readonly isWanted: boolean },
): { readonly value: string; readonly next: number } {
  const mark = text.charCodeAt(from + 1);
  const header = mark === MINUS || mark === PLUS ? from + 2 : from + 1;
  if (text.charCodeAt(header) !== LF) throw UNUSUAL;
  const first = contentStart(text, header + 1);
  const indent = first - (text.lastIndexOf('\n', first - 1) + 1);
  if (first >= text.length || indent <= parent) throw UNUSUAL;
  let value = '';
  let hasContent = false;
  /** Breaks since the last line with content. */
  let breaks = 0;
  let next = header + 1;
  while (next < text.length) {
    const lineEnd = lineEndOf(text, next);
    const depth = blanksAt(text, next, lineEnd);
    const isBlank = next + depth === lineEnd;
    if (isBlank && depth > indent && !hasContent) throw UNUSUAL;
    if (!isBlank && depth < indent) break;
    if (!isBlank || depth > indent) {
      if (isWanted) value += `${'\n'.repeat(breaks)}${text.slice(next + indent, lineEnd)}`;
      hasContent = true;
      breaks = 0;
    }
    if (lineEnd < text.length) breaks++;
    next = lineEnd + 1;
  }
  if (!isWanted) return { value, next };
  const kept = mark === PLUS ? breaks : Math.min(breaks, 1);
  return { value: mark === MINUS ? value : value + '\n'.repeat(kept), next };
}

/** The first character that is no blank and no break. */
function contentStart(text: string, from: number): number {
  let pos = from;
  while (text.charCodeAt(pos) === SPACE || text.charCodeAt(pos) === LF) pos++;
  return pos;
}

function blanksAt(text: string, start: number, end: number): number {
  let pos = start;
  while (pos < end && text.charCodeAt(pos) === SPACE) pos++;
  return pos - start;
}
