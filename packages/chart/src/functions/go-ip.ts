// SPDX-License-Identifier: Apache-2.0

/** IP addresses as Go reads them. Source: Go 1.26 net/netip ParseAddr, net ParseIP */

import { quote } from '@helm-operator/gocompat';
import { FunctionError } from './errors.ts';

/** An address of 4 or 16 bytes; `zone` is "" where there is none. */
export interface IpAddress {
  readonly bytes: readonly number[];
  readonly zone: string;
}

const V6_BYTES = 16;
const V4_BYTES = 4;
const HEX = /^[0-9A-Fa-f]*/;

function addressError(whole: string, message: string, at = ''): FunctionError {
  const place = at === '' ? '' : ` (at ${quote(at)})`;
  return new FunctionError(`ParseAddr(${quote(whole)}): ${message}${place}`);
}

function parseV4(whole: string, text: string): number[] {
  const bytes: number[] = [];
  let digits = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char >= '0' && char <= '9') {
      if (digits === '0') throw addressError(whole, 'IPv4 field has octet with leading zero');
      digits += char;
      if (Number(digits) > 255) throw addressError(whole, 'IPv4 field has value >255');
      continue;
    }
    if (char !== '.') throw addressError(whole, 'unexpected character', text.slice(i));
    if (digits === '' || i === text.length - 1) {
      throw addressError(whole, 'IPv4 field must have at least one digit', text.slice(i));
    }
    if (bytes.length === V4_BYTES - 1) throw addressError(whole, 'IPv4 address too long');
    bytes.push(Number(digits));
    digits = '';
  }
  if (bytes.length < V4_BYTES - 1) throw addressError(whole, 'IPv4 address too short');
  return [...bytes, Number(digits)];
}

/** Reads groups of an IPv6 address from left to right. */
class V6Reader {
  readonly #whole: string;
  #left: string;
  readonly #bytes: number[] = [];
  #ellipsis = -1;

  constructor(whole: string, text: string) {
    this.#whole = whole;
    this.#left = text;
  }

  read(): readonly number[] {
    if (this.#left.startsWith('::')) {
      this.#ellipsis = 0;
      this.#left = this.#left.slice(2);
      if (this.#left === '') return this.#expand();
    }
    while (this.#bytes.length < V6_BYTES && this.#readGroup());
    if (this.#left !== '') throw this.#error('trailing garbage after address');
    return this.#expand();
  }

  #error(message: string): FunctionError {
    return addressError(this.#whole, message, this.#left);
  }

  /** @returns whether another group must follow */
  #readGroup(): boolean {
    const digits = HEX.exec(this.#left)?.[0] ?? '';
    if (digits.length > 4) throw this.#error('each group must have 4 or less digits');
    if (digits === '') {
      throw this.#error('each colon-separated field must have at least one digit');
    }
    if (this.#left[digits.length] === '.') return this.#readV4();
    const group = Number.parseInt(digits, 16);
    this.#bytes.push(group >> 8, group & 0xff);
    this.#left = this.#left.slice(digits.length);
    if (this.#left === '') return false;
    if (!this.#left.startsWith(':')) throw this.#error('unexpected character, want colon');
    if (this.#left === ':') throw this.#error('colon must be followed by more characters');
    this.#left = this.#left.slice(1);
    if (!this.#left.startsWith(':')) return true;
    if (this.#ellipsis >= 0) throw this.#error('multiple :: in address');
    this.#ellipsis = this.#bytes.length;
    this.#left = this.#left.slice(1);
    return this.#left !== '';
  }

  #readV4(): false {
    if (this.#ellipsis < 0 && this.#bytes.length !== V6_BYTES - V4_BYTES) {
      throw this.#error('embedded IPv4 address must replace the final 2 fields of the address');
    }
    if (this.#bytes.length + V4_BYTES > V6_BYTES) {
      throw this.#error('too many hex fields to fit an embedded IPv4 at the end of the address');
    }
    this.#bytes.push(...parseV4(this.#whole, this.#left));
    this.#left = '';
    return false;
  }

  #expand(): readonly number[] {
    const missing = V6_BYTES - this.#bytes.length;
    if (this.#ellipsis < 0) {
      if (missing > 0) throw addressError(this.#whole, 'address string too short');
      return this.#bytes;
    }
    if (missing === 0) {
      throw addressError(this.#whole, 'the :: must expand to at least one field of zeros');
    }
    return this.#bytes.toSpliced(this.#ellipsis, 0, ...Array.from({ length: missing }, () => 0));
  }
}

/**
 * `netip.ParseAddr`
 *
 * @throws {FunctionError} `ParseAddr("…"): …`
 */
export function parseAddress(text: string): IpAddress {
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === undefined) throw addressError(text, 'unable to parse IP');
  if (mark === '%') throw addressError(text, 'missing IPv6 address');
  if (mark === '.') return { bytes: parseV4(text, text), zone: '' };
  const percent = text.indexOf('%');
  if (percent < 0) return { bytes: new V6Reader(text, text).read(), zone: '' };
  const zone = text.slice(percent + 1);
  if (zone === '') throw addressError(text, 'zone must be a non-empty string');
  return { bytes: new V6Reader(text, text.slice(0, percent)).read(), zone };
}

/** `net.ParseIP`, IPv4 in IPv6 form shortened: `undefined` where the text is no address. */
export function parseIp(text: string): readonly number[] | undefined {
  try {
    const { bytes, zone } = parseAddress(text);
    if (zone !== '') return undefined;
    const isMapped =
      bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;
    return bytes.length === V6_BYTES && isMapped ? bytes.slice(12) : bytes;
  } catch (error) {
    if (error instanceof FunctionError) return undefined;
    throw error;
  }
}
