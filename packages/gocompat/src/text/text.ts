// SPDX-License-Identifier: Apache-2.0

/**
 * Go strings as JavaScript strings (ADR 1): valid UTF-8 is the same text; a byte `b` that is not part of valid UTF-8 is the
 * lone surrogate U+DC00 + b.
 */

const ESCAPE_FIRST = 0xdc80;
const ESCAPE_LAST = 0xdcff;
const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether all of a text is ASCII, so that characters are bytes. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Whether a text holds bytes that are not valid UTF-8. */
export function hasInvalidBytes(text: string): boolean {
  return !text.isWellFormed();
}

/** `len(s)`: bytes of the UTF-8 form. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code < 0xd800 || code > 0xdfff) bytes += 2;
    else if (code < 0xdc00) {
      bytes += 2;
      i++;
    }
  }
  return bytes;
}

/** The bytes of a text; invalid ones as they were. */
export function encodeUtf8(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  const out = new Uint8Array(byteLength(text));
  let at = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code < 0xdc00) {
      i++;
      continue;
    }
    if (code < 0xdc00 || code > 0xdfff) continue;
    at += encoder.encodeInto(text.slice(from, i), out.subarray(at)).written;
    out[at++] = code & 0xff;
    from = i + 1;
  }
  encoder.encodeInto(text.slice(from), out.subarray(at));
  return out;
}

/** The text of bytes; a byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeInvalid(bytes);
  }
}

function decodeInvalid(bytes: Uint8Array): string {
  let out = '';
  let from = 0;
  let i = 0;
  while (i < bytes.length) {
    const size = runeSize(bytes, i);
    if (size > 0) {
      i += size;
      continue;
    }
    if (i > from) out += strictDecoder.decode(bytes.subarray(from, i));
    out += String.fromCharCode(0xdc00 + (bytes[i] ?? 0));
    from = ++i;
  }
  return from < i ? out + strictDecoder.decode(bytes.subarray(from, i)) : out;
}

/** Bytes of the valid rune at `at`; 0 where there is none. Source: Go 1.26 unicode/utf8 (accept ranges). */
function runeSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size === 0 || at + size > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < size; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return size;
}

/** Joins invalid bytes that concatenation made into valid UTF-8. */
export function normalize(text: string): string {
  return text.isWellFormed() ? text : decodeUtf8(encodeUtf8(text));
}

/**
 * `s[from:to]` in bytes; a character that is cut becomes invalid bytes, as in Go.
 *
 * @throws {RangeError} when the bounds are outside the text
 */
export function byteSlice(text: string, from: number, to: number = byteLength(text)): string {
  if (isAscii(text)) {
    if (from < 0 || to > text.length || from > to) throw outOfRange(from, to, text.length);
    return text.slice(from, to);
  }
  const bytes = encodeUtf8(text);
  if (from < 0 || to > bytes.length || from > to) throw outOfRange(from, to, bytes.length);
  return decodeUtf8(bytes.subarray(from, to));
}

function outOfRange(from: number, to: number, length: number): RangeError {
  return new RangeError(
    from > to
      ? `slice bounds out of range [${from}:${to}]`
      : `slice bounds out of range [:${to}] with length ${length}`,
  );
}

/** `[]rune(s)` as code points; an invalid byte is U+FFFD. */
export function runes(text: string): number[] {
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) ?? 0;
    if (code > 0xffff) i++;
    out.push(code >= ESCAPE_FIRST && code <= ESCAPE_LAST ? 0xfffd : code);
  }
  return out;
}

/** Order of the UTF-8 bytes: negative, 0 or positive. Differs from `<` above U+FFFF. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    return x < 0xd800 && y < 0xd800 ? x - y : compareEncoded(a, b);
  }
  return a.length - b.length;
}

function compareEncoded(a: string, b: string): number {
  const x = encodeUtf8(a);
  const y = encodeUtf8(b);
  const length = Math.min(x.length, y.length);
  for (let i = 0; i < length; i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}
