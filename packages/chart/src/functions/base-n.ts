// SPDX-License-Identifier: Apache-2.0

/**
 * Base64 and base32 with padding; line breaks are skipped, errors say where.
 *
 * Source: Go 1.26 encoding/base64, encoding/base32
 */

import { FunctionError } from './errors.ts';

/** One encoding: its letters, the bits of one letter, the letters of one full group. */
interface Encoding {
  readonly letters: string;
  readonly values: Uint8Array;
  readonly bits: number;
  readonly group: number;
}

const PADDING = 0x3d;
const INVALID = 0xff;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Letters after which a padded base32 group may end. */
const SHORT_BASE32_GROUPS: ReadonlySet<number> = new Set([2, 4, 5, 7]);

function encodingOf(letters: string, bits: number, group: number): Encoding {
  const values = new Uint8Array(256).fill(INVALID);
  for (let i = 0; i < letters.length; i++) values[letters.charCodeAt(i)] = i;
  return { letters, values, bits, group };
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const BASE64 = encodingOf(`${UPPER}${UPPER.toLowerCase()}0123456789+/`, 6, 4);
const BASE32 = encodingOf(`${UPPER}234567`, 5, 8);

function encode(bytes: Uint8Array, { letters, bits, group }: Encoding): string {
  const made: string[] = [];
  const mask = (1 << bits) - 1;
  let buffer = 0;
  let held = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    held += 8;
    for (; held >= bits; held -= bits) made.push(letters[(buffer >> (held - bits)) & mask] ?? '');
  }
  if (held > 0) made.push(letters[(buffer << (bits - held)) & mask] ?? '');
  return made.join('') + '='.repeat((group - (made.length % group)) % group);
}

/** Collects the bits of letters into bytes; bits that fill no byte are dropped. */
class BitWriter {
  readonly #bytes: Uint8Array;
  readonly #bits: number;
  #length = 0;
  #buffer = 0;
  #held = 0;

  constructor(bits: number, letters: number) {
    this.#bits = bits;
    this.#bytes = new Uint8Array(Math.ceil((letters * bits) / 8));
  }

  write(value: number): void {
    this.#buffer = ((this.#buffer << this.#bits) | value) & 0xffff;
    this.#held += this.#bits;
    if (this.#held < 8) return;
    this.#held -= 8;
    this.#bytes[this.#length++] = (this.#buffer >> this.#held) & 0xff;
  }

  end(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

function isLineBreak(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

function skipLineBreaks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isLineBreak(bytes[at])) at++;
  return at;
}

function corrupt(encoding: string, at: number): FunctionError {
  return new FunctionError(`illegal ${encoding} data at input byte ${at}`);
}

/** Checks the padding that begins at `at` after `letters` letters of a group; it must end the text. */
function checkBase64Padding(bytes: Uint8Array, at: number, letters: number): void {
  if (letters < 2) throw corrupt('base64', at);
  let next = at + 1;
  if (letters === 2) {
    next = skipLineBreaks(bytes, next);
    if (next === bytes.length) throw corrupt('base64', next);
    if (bytes[next] !== PADDING) throw corrupt('base64', next - 1);
    next++;
  }
  next = skipLineBreaks(bytes, next);
  if (next < bytes.length) throw corrupt('base64', next);
}

/**
 * `base64.StdEncoding.DecodeString`
 *
 * @throws {FunctionError} `illegal base64 data at input byte N`
 */
export function decodeBase64(bytes: Uint8Array): Uint8Array {
  const writer = new BitWriter(BASE64.bits, bytes.length);
  let letters = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const value = BASE64.values[byte] ?? INVALID;
    if (value !== INVALID) {
      writer.write(value);
      letters = (letters + 1) % BASE64.group;
    } else if (byte === PADDING) {
      checkBase64Padding(bytes, at, letters);
      return writer.end();
    } else if (!isLineBreak(byte)) throw corrupt('base64', at);
  }
  if (letters > 0) throw corrupt('base64', bytes.length - letters);
  return writer.end();
}

/** Checks the padding of a base32 group whose first `=` is at `at`; it must end the text. */
function checkBase32Padding(bytes: Uint8Array, at: number, letters: number): void {
  const left = bytes.length - at - 1;
  const wanted = BASE32.group - 1 - letters;
  if (left < wanted) throw corrupt('base32', bytes.length);
  for (let i = 0; i < wanted; i++) {
    if (bytes[at + 1 + i] !== PADDING) throw corrupt('base32', at + i);
  }
  if (!SHORT_BASE32_GROUPS.has(letters)) throw corrupt('base32', at);
}

/**
 * `base32.StdEncoding.DecodeString`; positions count without line breaks.
 *
 * @throws {FunctionError} `illegal base32 data at input byte N`
 */
export function decodeBase32(text: Uint8Array): Uint8Array {
  const bytes = text.filter((byte) => !isLineBreak(byte));
  const writer = new BitWriter(BASE32.bits, bytes.length);
  let letters = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === PADDING && letters >= 2 && bytes.length - at - 1 < BASE32.group) {
      checkBase32Padding(bytes, at, letters);
      return writer.end();
    }
    const value = BASE32.values[byte] ?? INVALID;
    if (value === INVALID) throw corrupt('base32', at);
    writer.write(value);
    letters = (letters + 1) % BASE32.group;
  }
  if (letters > 0) throw corrupt('base32', bytes.length - letters);
  return writer.end();
}

/** `base64.StdEncoding.EncodeToString` */
export function encodeBase64(bytes: Uint8Array): string {
  return encode(bytes, BASE64);
}

/** `base32.StdEncoding.EncodeToString` */
export function encodeBase32(bytes: Uint8Array): string {
  return encode(bytes, BASE32);
}
