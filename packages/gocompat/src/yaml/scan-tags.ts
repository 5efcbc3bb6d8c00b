// SPDX-License-Identifier: Apache-2.0
import { hexValue, isBlank, isBlankOrEnd, isDigit, isUri, isWord } from './chars.ts';
import type { Cursor } from './cursor.ts';
import { skipLineRest } from './scan-block.ts';
import { type ALIAS, type ANCHOR, TAG, TAG_DIRECTIVE, Token, VERSION_DIRECTIVE } from './tokens.ts';

const BANG = 0x21;
const PERCENT = 0x25;
/** Two digits at most, as libyaml. */
const MAX_VERSION_DIGITS = 2;

/** Scans `&name` or `*name`. @throws {YamlError} for an empty or badly ended name */
export function scanAnchor(cursor: Cursor, kind: typeof ALIAS | typeof ANCHOR): Token {
  const { line } = cursor;
  cursor.pos++;
  const name = scanWord(cursor);
  const next = cursor.peek(0);
  if (name === '' || !(isBlankOrEnd(next) || ANCHOR_ENDS.includes(String.fromCharCode(next)))) {
    throw cursor.error('did not find expected alphabetic or numeric character');
  }
  return new Token(kind, line, name, '', false);
}

const ANCHOR_ENDS = '?:,]}%@`';

function scanWord(cursor: Cursor): string {
  const start = cursor.pos;
  while (isWord(cursor.peek(0))) cursor.pos++;
  return cursor.text.slice(start, cursor.pos);
}

/** Scans a tag: `!<uri>`, `!suffix`, `!handle!suffix` or `!`. @throws {YamlError} */
export function scanTag(cursor: Cursor): Token {
  const { line } = cursor;
  let handle = '';
  let suffix: string;
  if (cursor.peek(1) === 0x3c) {
    cursor.pos += 2;
    suffix = scanUri(cursor, '');
    if (cursor.peek(0) !== 0x3e) throw cursor.error("did not find the expected '>'");
    cursor.pos++;
  } else {
    handle = scanHandle(cursor, false);
    if (handle.length > 1 && handle.endsWith('!')) {
      suffix = scanUri(cursor, '');
    } else {
      suffix = scanUri(cursor, handle);
      handle = suffix === '' ? '' : '!';
      if (suffix === '') suffix = '!';
    }
  }
  if (!isBlankOrEnd(cursor.peek(0))) {
    throw cursor.error('did not find expected whitespace or line break');
  }
  return new Token(TAG, line, handle, suffix, false);
}

function scanHandle(cursor: Cursor, isDirective: boolean): string {
  if (cursor.peek(0) !== BANG) throw cursor.error("did not find expected '!'");
  cursor.pos++;
  const handle = `!${scanWord(cursor)}`;
  if (cursor.peek(0) === BANG) {
    cursor.pos++;
    return `${handle}!`;
  }
  if (isDirective && handle !== '!') throw cursor.error("did not find expected '!'");
  return handle;
}

/** Scans a URI after `head`, whose `!` is left out. @throws {YamlError} if both are empty */
function scanUri(cursor: Cursor, head: string): string {
  let uri = head.slice(1);
  const start = cursor.pos;
  let from = start;
  while (isUri(cursor.peek(0))) {
    if (cursor.peek(0) !== PERCENT) {
      cursor.pos++;
      continue;
    }
    uri += cursor.text.slice(from, cursor.pos) + scanUriEscapes(cursor);
    from = cursor.pos;
  }
  if (head === '' && cursor.pos === start) throw cursor.error('did not find expected tag URI');
  return uri + cursor.text.slice(from, cursor.pos);
}

/** The octets of one UTF-8 character, each as `%XX`. */
function scanUriEscapes(cursor: Cursor): string {
  const octets: number[] = [];
  let width = 1;
  while (octets.length < width) {
    cursor.mustRead(3);
    const high = hexValue(cursor.peek(1));
    const low = hexValue(cursor.peek(2));
    if (cursor.peek(0) !== PERCENT || high < 0 || low < 0) {
      throw cursor.error('did not find URI escaped octet');
    }
    const octet = high * 16 + low;
    if (octets.length === 0) {
      width = leadWidth(octet);
      if (width === 0) throw cursor.error('found an incorrect leading UTF-8 octet');
    } else if ((octet & 0xc0) !== 0x80) {
      throw cursor.error('found an incorrect trailing UTF-8 octet');
    }
    octets.push(octet);
    cursor.pos += 3;
  }
  return new TextDecoder().decode(Uint8Array.from(octets));
}

function leadWidth(octet: number): number {
  if (octet < 0x80) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}

/** Scans a line that starts with `%`. @throws {YamlError} for all but YAML and TAG directives */
export function scanDirective(cursor: Cursor): Token {
  const { line } = cursor;
  cursor.pos++;
  const name = scanWord(cursor);
  if (name === '') throw cursor.error('could not find expected directive name');
  if (!isBlankOrEnd(cursor.peek(0))) {
    throw cursor.error('found unexpected non-alphabetical character');
  }
  let token: Token;
  if (name === 'YAML') {
    token = new Token(VERSION_DIRECTIVE, line, scanVersion(cursor), '', false);
  } else if (name === 'TAG') {
    token = scanTagDirective(cursor, line);
  } else {
    throw cursor.error('found unknown directive name');
  }
  skipLineRest(cursor);
  return token;
}

function scanVersion(cursor: Cursor): string {
  skipBlanks(cursor);
  const major = scanVersionNumber(cursor);
  if (cursor.peek(0) !== 0x2e) {
    throw cursor.error("did not find expected digit or '.' character");
  }
  cursor.pos++;
  return `${major}.${scanVersionNumber(cursor)}`;
}

function scanVersionNumber(cursor: Cursor): number {
  const start = cursor.pos;
  while (isDigit(cursor.peek(0))) {
    if (cursor.pos - start === MAX_VERSION_DIGITS) {
      throw cursor.error('found extremely long version number');
    }
    cursor.pos++;
  }
  if (cursor.pos === start) throw cursor.error('did not find expected version number');
  return Number(cursor.text.slice(start, cursor.pos));
}

function scanTagDirective(cursor: Cursor, line: number): Token {
  skipBlanks(cursor);
  const handle = scanHandle(cursor, true);
  if (!isBlank(cursor.peek(0))) throw cursor.error('did not find expected whitespace');
  skipBlanks(cursor);
  const prefix = scanUri(cursor, '');
  if (!isBlankOrEnd(cursor.peek(0))) {
    throw cursor.error('did not find expected whitespace or line break');
  }
  return new Token(TAG_DIRECTIVE, line, handle, prefix, false);
}

function skipBlanks(cursor: Cursor): void {
  while (isBlank(cursor.peek(0))) cursor.pos++;
}
