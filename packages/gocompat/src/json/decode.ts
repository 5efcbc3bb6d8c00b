// SPDX-License-Identifier: Apache-2.0

import { encodeUtf8 } from '../text/text.ts';
import { int64, type Value, type ValueMap } from '../value/value.ts';

/**
 * What JSON numbers become.
 *
 * - `float64`: always a float64, as Go's `encoding/json` gives for `interface{}`;
 * - `int64orFloat64`: an int64 where the literal is one, as Kubernetes reads objects (apimachinery `util/json`).
 */
export type JsonNumbers = 'float64' | 'int64orFloat64';

/** How JSON is read. */
export interface DecodeJsonOptions {
  readonly numbers?: JsonNumbers | undefined;
}

/** A text that is not JSON; the message is Go's. */
export class JsonSyntaxError extends Error {
  readonly code = 'gocompat/json-syntax';
  readonly retry = 'terminal';
}

const MAX_DEPTH = 10_000;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Reads one JSON value.
 *
 * Source: Go 1.26 encoding/json (Unmarshal into interface{}): last duplicate key wins, invalid UTF-8 becomes U+FFFD.
 *
 * @throws {JsonSyntaxError} `gocompat/json-syntax`
 */
export function decodeJson(text: string, options: DecodeJsonOptions = {}): Value {
  return withinStack(() => {
    const reader = new Reader(text, options.numbers ?? 'float64');
    const value = reader.value(0);
    reader.end();
    reader.checkNumbers();
    return value;
  });
}

/** The stack may be full before Go's 10,000 levels: the error is the same. */
function withinStack<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new JsonSyntaxError('exceeded max depth', { cause });
  }
}

/** A JSON value with more text behind it; `end` is where that begins, in UTF-16 units. */
export interface JsonPrefix {
  readonly value: Value;
  readonly end: number;
}

/**
 * Reads the JSON value a text begins with, and nothing behind it.
 *
 * Source: Go 1.26 encoding/json (Decoder.Decode, InputOffset)
 * @throws {JsonSyntaxError} `gocompat/json-syntax`
 */
export function decodeJsonPrefix(text: string, options: DecodeJsonOptions = {}): JsonPrefix {
  return withinStack(() => {
    const reader = new Reader(text, options.numbers ?? 'float64', 'unexpected EOF');
    const value = reader.value(0);
    reader.checkNumbers();
    return { value, end: reader.position };
  });
}

class Reader {
  readonly #text: string;
  readonly #areIntegersKept: boolean;
  /** Go's words for a text that ends too soon, where they do not depend on the place. */
  readonly #endText: string | undefined;
  #at = 0;
  /** The first number that is no float64. */
  #tooLarge: string | undefined;

  constructor(text: string, numbers: JsonNumbers, endText?: string) {
    this.#text = text;
    this.#endText = endText;
    this.#areIntegersKept = numbers === 'int64orFloat64';
  }

  get position(): number {
    return this.#at;
  }

  value(depth: number): Value {
    const code = this.#next();
    switch (code) {
      case 0x7b:
        return this.#object(depth + 1);
      case 0x5b:
        return this.#array(depth + 1);
      case 0x22:
        return this.#string();
      case 0x74:
        return this.#literal('true', true);
      case 0x66:
        return this.#literal('false', false);
      case 0x6e:
        return this.#literal('null', null);
      default:
        if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.#number();
        throw this.#unexpected('looking for beginning of value');
    }
  }

  end(): void {
    if (!Number.isNaN(this.#next())) throw this.#unexpected('after top-level value');
  }

  /** Go looks at the numbers once the whole text is well formed. */
  checkNumbers(): void {
    if (this.#tooLarge === undefined) return;
    throw new JsonSyntaxError(
      `json: cannot unmarshal number ${this.#tooLarge} into Go value of type float64`,
    );
  }

  /** Skips blanks; NaN at the end. */
  #next(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.#at++;
    }
  }

  #object(depth: number): ValueMap {
    if (depth > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth');
    const map: ValueMap = new Map();
    this.#at++;
    if (this.#next() === 0x7d) {
      this.#at++;
      return map;
    }
    for (;;) {
      if (this.#next() !== 0x22)
        throw this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      if (this.#next() !== 0x3a) throw this.#unexpected('after object key');
      this.#at++;
      map.set(key, this.value(depth));
      const code = this.#next();
      this.#at++;
      if (code === 0x2c) continue;
      if (code === 0x7d) return map;
      this.#at--;
      throw this.#unexpected('after object key:value pair');
    }
  }

  #array(depth: number): Value[] {
    if (depth > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth');
    const list: Value[] = [];
    this.#at++;
    if (this.#next() === 0x5d) {
      this.#at++;
      return list;
    }
    for (;;) {
      list.push(this.value(depth));
      const code = this.#next();
      this.#at++;
      if (code === 0x2c) continue;
      if (code === 0x5d) return list;
      this.#at--;
      throw this.#unexpected('after array element');
    }
  }

  #string(): string {
    const from = this.#at + 1;
    for (let i = from; ; i++) {
      const code = this.#text.charCodeAt(i);
      if (code === 0x22) {
        this.#at = i + 1;
        return wellFormed(this.#text.slice(from, i));
      }
      if (code === 0x5c) return this.#escapedString(from, i);
      if (code < 0x20) {
        this.#at = i;
        throw this.#unexpected('in string literal');
      }
      if (Number.isNaN(code)) throw this.#endOfInput();
    }
  }

  #escapedString(from: number, firstEscape: number): string {
    let out = this.#text.slice(from, firstEscape);
    this.#at = firstEscape;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) {
        this.#at++;
        return wellFormed(out);
      }
      if (code === 0x5c) {
        this.#at++;
        out += this.#escape();
      } else if (code < 0x20) {
        throw this.#unexpected('in string literal');
      } else if (Number.isNaN(code)) {
        throw this.#endOfInput();
      } else {
        const plainFrom = this.#at;
        let plainCode = code;
        while (plainCode >= 0x20 && plainCode !== 0x22 && plainCode !== 0x5c) {
          plainCode = this.#text.charCodeAt(++this.#at);
        }
        out += wellFormed(this.#text.slice(plainFrom, this.#at));
      }
    }
  }

  #escape(): string {
    const char = this.#text[this.#at];
    switch (char) {
      case '"':
      case '\\':
      case '/':
        this.#at++;
        return char;
      case 'b':
        this.#at++;
        return '\b';
      case 'f':
        this.#at++;
        return '\f';
      case 'n':
        this.#at++;
        return '\n';
      case 'r':
        this.#at++;
        return '\r';
      case 't':
        this.#at++;
        return '\t';
      case 'u':
        this.#at++;
        return String.fromCharCode(this.#hex());
      default:
        throw this.#unexpected('in string escape code');
    }
  }

  #hex(): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const digit = Number.parseInt(this.#text[this.#at] ?? '', 16);
      if (Number.isNaN(digit)) throw this.#unexpected('in \\u hexadecimal character escape');
      value = value * 16 + digit;
      this.#at++;
    }
    return value;
  }

  #literal(word: 'true' | 'false' | 'null', value: Value): Value {
    for (let i = 1; i < word.length; i++) {
      if (this.#text[this.#at + i] !== word[i]) {
        this.#at += i;
        throw this.#unexpected(`in literal ${word} (expecting '${word[i]}')`);
      }
    }
    this.#at += word.length;
    return value;
  }

  #digits(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (!(code >= 0x30 && code <= 0x39)) return;
      this.#at++;
    }
  }

  #mustBeDigit(where: string): void {
    const code = this.#text.charCodeAt(this.#at);
    if (!(code >= 0x30 && code <= 0x39)) throw this.#unexpected(where);
  }

  #number(): Value {
    const from = this.#at;
    let isInteger = true;
    if (this.#text[this.#at] === '-') {
      this.#at++;
      this.#mustBeDigit('in numeric literal');
    }
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits();
    if (this.#text[this.#at] === '.') {
      isInteger = false;
      this.#at++;
      this.#mustBeDigit('after decimal point in numeric literal');
      this.#digits();
    }
    const exponent = this.#text[this.#at];
    if (exponent === 'e' || exponent === 'E') {
      isInteger = false;
      this.#at++;
      const sign = this.#text[this.#at];
      if (sign === '+' || sign === '-') this.#at++;
      this.#mustBeDigit('in exponent of numeric literal');
      this.#digits();
    }
    return this.#numberOf(this.#text.slice(from, this.#at), isInteger);
  }

  #numberOf(literal: string, isInteger: boolean): Value {
    if (isInteger && this.#areIntegersKept) {
      if (literal.length < 16) return int64(Number(literal));
      const big = BigInt(literal);
      if (big >= MIN_INT64 && big <= MAX_INT64) return int64(big);
    }
    const value = Number(literal);
    if (!Number.isFinite(value)) this.#tooLarge ??= literal;
    return value;
  }

  #endOfInput(): JsonSyntaxError {
    return new JsonSyntaxError(this.#endText ?? 'unexpected end of JSON input');
  }

  #unexpected(where: string): JsonSyntaxError {
    const code = this.#text.codePointAt(this.#at);
    if (code !== undefined) {
      return new JsonSyntaxError(`invalid character ${quoteByte(code)} ${where}`);
    }
    // At the end Go's scanner takes a blank more, which fits wherever blanks do.
    return this.#endText === undefined && NO_BLANKS.test(where)
      ? new JsonSyntaxError(`invalid character ' ' ${where}`)
      : this.#endOfInput();
  }
}

/** Places where a blank is an error. */
const NO_BLANKS = /^(?:in literal|in string escape|in \\u|in numeric|after decimal|in exponent)/;

/** Lone surrogates (from `\u` escapes or invalid UTF-8) become U+FFFD. */
function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

/** Go's scanner names one byte: a character above ASCII shows as its first byte in Latin 1. */
function quoteByte(code: number): string {
  if (code === 0x27) return `'\\''`;
  if (code === 0x22) return `'"'`;
  const byte = code < 0x80 ? code : (encodeUtf8(String.fromCodePoint(code))[0] ?? 0);
  const special = new Map([
    [0x07, '\\a'],
    [0x08, '\\b'],
    [0x09, '\\t'],
    [0x0a, '\\n'],
    [0x0b, '\\v'],
    [0x0c, '\\f'],
    [0x0d, '\\r'],
    [0x5c, '\\\\'],
  ]).get(byte);
  if (special !== undefined) return `'${special}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`;
  if (byte >= 0x80 && byte <= 0xa0) return `'\\u${byte.toString(16).padStart(4, '0')}'`;
  return byte === 0xad ? `'\\u00ad'` : `'${String.fromCharCode(byte)}'`;
}
