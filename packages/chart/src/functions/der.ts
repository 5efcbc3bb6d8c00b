// SPDX-License-Identifier: Apache-2.0

/** ASN.1 DER, as much as keys and certificates need. Source: ITU-T X.690 */

/** One element: its tag byte, its content, and the bytes of both. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Tag bytes. */
export const DER: Readonly<
  Record<
    | 'boolean'
    | 'integer'
    | 'bitString'
    | 'octetString'
    | 'null'
    | 'oid'
    | 'utf8String'
    | 'printableString'
    | 'utcTime'
    | 'generalizedTime'
    | 'sequence'
    | 'set',
    number
  >
> = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
};

/** Data that is not the DER that was expected; the message is Go's `encoding/asn1` text. */
export class DerError extends Error {
  readonly code = 'chart/der';
  readonly retry = 'terminal';
  override readonly name = 'DerError';
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 | bytes.length, ...bytes];
}

/** An element of any tag. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(contents);
  return concatBytes([Uint8Array.of(tag, ...lengthBytes(content.length)), content]);
}

export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return element(DER.sequence, ...items);
}

/** A constructed element with a context tag, e.g. `[0] { … }`. */
export function explicit(tag: number, ...items: readonly Uint8Array[]): Uint8Array {
  return element(0xa0 | tag, ...items);
}

/** A non-negative integer from its big-endian bytes. */
export function unsigned(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  const sign = (digits[0] ?? 0) >= 0x80 ? [Uint8Array.of(0)] : [];
  return element(DER.integer, ...sign, digits);
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return element(DER.oid, Uint8Array.from(bytes));
}

export function octetString(...contents: readonly Uint8Array[]): Uint8Array {
  return element(DER.octetString, ...contents);
}

/** A bit string; the last `unusedBits` of `bytes` do not count. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return element(DER.bitString, Uint8Array.of(unusedBits), bytes);
}

const TAG_NUMBER = 0x1f;
const COMPOUND = 0x20;

/** How Go prints the parameters of a field that has none. */
const PARAMETERS =
  '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> ' +
  'stringType:0 timeType:0 set:false omitEmpty:false}';

interface Header {
  /** Where the element begins. */
  readonly start: number;
  readonly tag: number;
  /** Of the content, in bytes. */
  readonly length: number;
}

function headerText({ tag, length }: Header): string {
  const isCompound = (tag & COMPOUND) !== 0;
  return `{class:${tag >> 6} tag:${tag & TAG_NUMBER} length:${length} isCompound:${isCompound}}`;
}

function truncated(what: 'data' | 'sequence'): DerError {
  return new DerError(`asn1: syntax error: ${what} truncated`);
}

/** Reads elements one after the other. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Tag of the next element; -1 at the end. */
  get tag(): number {
    return this.#bytes[this.#at] ?? -1;
  }

  /** @throws {DerError} `chart/der`: there is no whole element left */
  next(): DerElement {
    return this.#element(this.#header());
  }

  /**
   * The next element, which must carry `tag`.
   *
   * @param goType what Go reads it into, for the message
   * @throws {DerError} `chart/der`: it does not
   */
  expect(tag: number, goType = ''): DerElement {
    if (this.isAtEnd) throw truncated('sequence');
    const header = this.#header();
    if (header.tag === tag) return this.#element(header);
    const found = `(${tag & TAG_NUMBER} vs ${headerText(header)})`;
    throw new DerError(
      `asn1: structure error: tags don't match ${found} ${PARAMETERS} ${goType} @${this.#at}`,
    );
  }

  /** The next element if it carries `tag`. */
  optional(tag: number): DerElement | undefined {
    return this.tag === tag ? this.next() : undefined;
  }

  #header(): Header {
    const start = this.#at;
    return { start, tag: this.#byte(), length: this.#length() };
  }

  #element({ start, tag, length }: Header): DerElement {
    const from = this.#at;
    const end = from + length;
    if (end > this.#bytes.length) throw truncated('data');
    this.#at = end;
    const content = this.#bytes.subarray(from, end);
    return { tag, content, bytes: this.#bytes.subarray(start, end) };
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw truncated('data');
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let length = 0;
    for (let left = first & 0x7f; left > 0; left--) length = length * 256 + this.#byte();
    return length;
  }
}
