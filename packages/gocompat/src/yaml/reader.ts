// SPDX-License-Identifier: Apache-2.0

/**
 * What libyaml's reader accepts: byte order marks, UTF-8 or UTF-16, printable characters only.
 *
 * Source: go.yaml.in/yaml/v2 v2.4.4 readerc.go
 */

import { encodeUtf8 } from '../text/text.ts';

/** Raw bytes libyaml reads in one go; an error in a block is found before anything in it is used. */
const BLOCK_BYTES = 512;
const BYTE_ORDER_MARK = 0xfeff;

export interface Input {
  /** The readable text; shorter than the input where `problem` is set. */
  readonly text: string;
  /** Why the reader stops after `text`; empty: it ends there. */
  readonly problem: string;
  readonly hasAstral: boolean;
  /** See `Cursor.skipMark`. */
  readonly markedUntil: number;
}

/** Code units that may be unreadable; surrogates are looked at one by one. */
const SUSPECT = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]/;

/** Reads an input as libyaml would; invalid bytes are lone surrogates U+DC80..DCFF, as everywhere. */
export function readInput(input: string): Input {
  const first = input.charCodeAt(0);
  if (!SUSPECT.test(input)) {
    const text = first === BYTE_ORDER_MARK ? input.slice(1) : input;
    return { text, problem: '', hasAstral: false, markedUntil: markedUntil(text) };
  }
  const second = input.charCodeAt(1);
  if (first === 0xdcff && second === 0xdcfe) return readUtf16(encodeUtf8(input), true);
  if (first === 0xdcfe && second === 0xdcff) return readUtf16(encodeUtf8(input), false);
  const start = first === BYTE_ORDER_MARK ? 1 : 0;
  return readUtf8(input, start);
}

function markedUntil(text: string): number {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? Math.min(text.length, BLOCK_BYTES / 3) : 0;
}

function readUtf8(input: string, start: number): Input {
  const limit = firstUnreadable(input, start);
  const readable = input.slice(start);
  if (limit < 0) {
    const hasAstral = /[\ud800-\udbff]/.test(readable);
    return { text: readable, problem: '', hasAstral, markedUntil: markedUntil(readable) };
  }
  const { length, problem } = lastGoodBlock(encodeUtf8(input), start === 0 ? 0 : 3);
  const text = input.slice(start, start + length);
  return { text, problem, hasAstral: true, markedUntil: markedUntil(text) };
}

function firstUnreadable(input: string, start: number): number {
  for (let i = start; i < input.length; i++) {
    const code = input.codePointAt(i) ?? 0;
    if (!isReadable(code)) return i;
    if (code > 0xffff) i++;
  }
  return -1;
}

function isReadable(code: number): boolean {
  if (code < 0x80) {
    return (code >= 0x20 && code <= 0x7e) || code === 0x09 || code === 0x0a || code === 0x0d;
  }
  if (code >= 0xa0 && code <= 0xd7ff) return true;
  return (code >= 0xe000 && code <= 0xfffd) || code === 0x85 || code > 0xffff;
}

/** Walks the blocks; gives the code units before the block that holds the first problem. */
function lastGoodBlock(bytes: Uint8Array, start: number): { length: number; problem: string } {
  let pos = start;
  let length = 0;
  let blockEnd = Math.min(BLOCK_BYTES, bytes.length);
  for (;;) {
    let units = 0;
    while (pos < blockEnd) {
      const width = utf8Width(bytes[pos] ?? 0);
      if (width === 0) return { length, problem: 'invalid leading UTF-8 octet' };
      if (pos + width > blockEnd) break;
      const problem = utf8Problem(bytes, pos, width);
      if (problem !== '') return { length, problem };
      units += width === 4 ? 2 : 1;
      pos += width;
    }
    length += units;
    if (blockEnd === bytes.length) return { length, problem: 'incomplete UTF-8 octet sequence' };
    blockEnd = Math.min(pos + BLOCK_BYTES, bytes.length);
  }
}

function utf8Width(octet: number): number {
  if (octet < 0x80) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}

const LEAD_MASK = [0, 0x7f, 0x1f, 0x0f, 0x07];
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

function utf8Problem(bytes: Uint8Array, pos: number, width: number): string {
  let code = (bytes[pos] ?? 0) & (LEAD_MASK[width] ?? 0);
  for (let i = 1; i < width; i++) {
    const octet = bytes[pos + i] ?? 0;
    if ((octet & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet';
    code = (code << 6) | (octet & 0x3f);
  }
  if (code < (SMALLEST[width] ?? 0)) return 'invalid length of a UTF-8 sequence';
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return 'invalid Unicode character';
  return isReadable(code) ? '' : 'control characters are not allowed';
}

function readUtf16(bytes: Uint8Array, isLittleEndian: boolean): Input {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: string[] = [];
  let pos = 2;
  let blockEnd = Math.min(BLOCK_BYTES, bytes.length);
  for (;;) {
    let block = '';
    while (pos < blockEnd) {
      const rest = blockEnd - pos;
      if (rest < 2) break;
      const high = view.getUint16(pos, isLittleEndian);
      if ((high & 0xfc00) === 0xdc00) return utf16(blocks, 'unexpected low surrogate area');
      const isPair = (high & 0xfc00) === 0xd800;
      if (isPair && rest < 4) break;
      const low = isPair ? view.getUint16(pos + 2, isLittleEndian) : 0;
      if (isPair && (low & 0xfc00) !== 0xdc00) return utf16(blocks, 'expected low surrogate area');
      if (!isPair && !isReadable(high)) return utf16(blocks, 'control characters are not allowed');
      block += isPair ? String.fromCharCode(high, low) : String.fromCharCode(high);
      pos += isPair ? 4 : 2;
    }
    blocks.push(block);
    if (blockEnd === bytes.length) break;
    blockEnd = Math.min(pos + BLOCK_BYTES, bytes.length);
  }
  if (pos === bytes.length) return utf16(blocks, '');
  const isHalf = bytes.length - pos >= 2;
  return utf16(blocks, isHalf ? 'incomplete UTF-16 surrogate pair' : 'incomplete UTF-16 character');
}

function utf16(blocks: readonly string[], problem: string): Input {
  const text = blocks.join('');
  return { text, problem, hasAstral: true, markedUntil: markedUntil(text) };
}
