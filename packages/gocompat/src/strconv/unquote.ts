// SPDX-License-Identifier: Apache-2.0

/** Reads Go's string and character literals. Source: Go 1.26 strconv/quote.go Unquote, UnquoteChar. */

import { decodeUtf8, encodeUtf8 } from '../text/text.ts';

/** A text is no Go literal. The message is Go's `strconv.ErrSyntax`. Code `gocompat/literal`. */
export class LiteralError extends Error {
  readonly code = 'gocompat/literal';
  readonly retry = 'terminal';
  constructor() {
    super('invalid syntax');
    this.name = 'LiteralError';
  }
}

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
]);

const ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.|$)/gsu;

/**
 * `strconv.Unquote`: the text a literal stands for; a single-quoted one must hold one character.
 *
 * @throws {LiteralError} `gocompat/literal`
 */
export function unquote(literal: string): string {
  const quote = literal.charAt(0);
  if (literal.length < 2 || !literal.endsWith(quote)) throw new LiteralError();
  const inner = literal.slice(1, -1);
  if (quote === '`') return unquoteRaw(inner);
  if (quote !== '"' && quote !== "'") throw new LiteralError();
  // An oversight of Go: a character literal may be empty.
  if (quote === "'" && inner === '') return '';
  if (inner.includes('\n')) throw new LiteralError();
  const text = inner.includes('\\') ? unescape(inner, quote) : plain(inner, quote);
  if (quote === "'" && [...text].length !== 1) throw new LiteralError();
  return text;
}

/**
 * What the characters between two quotes stand for, however many there are.
 *
 * @param quote the quotes: only their own kind may be escaped
 * @throws {LiteralError} `gocompat/literal`
 */
export function unquoteChars(inner: string, quote: string): string {
  return decodeUtf8(encodeUtf8(unescape(inner, quote)));
}

/** Carriage returns are dropped, as in Go source. */
function unquoteRaw(inner: string): string {
  if (inner.includes('`')) throw new LiteralError();
  return inner.replaceAll('\r', '');
}

function plain(inner: string, quote: string): string {
  if (inner.includes(quote)) throw new LiteralError();
  return inner;
}

function unescape(inner: string, quote: string): string {
  let hasBytes = false;
  let at = 0;
  let text = '';
  for (const match of inner.matchAll(ESCAPE)) {
    const [escape] = match;
    const char = escapedChar(escape.slice(1), quote);
    hasBytes ||= isByte(char);
    text += plain(inner.slice(at, match.index), quote) + char;
    at = match.index + escape.length;
  }
  text += plain(inner.slice(at), quote);
  // Bytes written one by one may form UTF-8 together.
  return hasBytes && quote === '"' ? decodeUtf8(encodeUtf8(text)) : text;
}

function isByte(char: string): boolean {
  return char.charCodeAt(0) >= 0xdc80 && char.charCodeAt(0) <= 0xdcff;
}

function escapedChar(escape: string, quote: string): string {
  const simple = escape === quote ? quote : SIMPLE.get(escape);
  if (simple !== undefined) return simple;
  if (/^[0-7]{3}$/.test(escape)) return byteChar(Number.parseInt(escape, 8));
  if (escape.length < 3) throw new LiteralError();
  const code = Number.parseInt(escape.slice(1), 16);
  if (escape.startsWith('x')) return byteChar(code);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new LiteralError();
  return String.fromCodePoint(code);
}

function byteChar(byte: number): string {
  if (byte > 0xff) throw new LiteralError();
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}
