// SPDX-License-Identifier: Apache-2.0

/** Source: Go 1.26 strconv/quote.go. */

import { isPrintable } from './printable.ts';

const ALL_PLAIN = /^[ !#-[\]-~]*$/;

const SHORT: ReadonlyMap<number, string> = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
]);

/** `strconv.Quote`: a Go string literal, non-printing characters escaped. */
export function quote(text: string): string {
  return ALL_PLAIN.test(text) ? `"${text}"` : quoteWith(text, '"', isPrintable);
}

/** `strconv.QuoteToASCII`: everything above ASCII escaped, too. */
export function quoteToAscii(text: string): string {
  return quoteWith(text, '"', (code) => code >= 0x20 && code < 0x7f);
}

/** `strconv.QuoteRune`: a Go character literal; what is no rune becomes U+FFFD. */
export function quoteRune(code: number): string {
  const isRune = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return quoteWith(String.fromCodePoint(isRune ? code : 0xfffd), "'", isPrintable);
}

/** `strconv.QuoteRuneToASCII`. */
export function quoteRuneToAscii(code: number): string {
  const isRune = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  const isPlain = (rune: number) => rune >= 0x20 && rune < 0x7f;
  return quoteWith(String.fromCodePoint(isRune ? code : 0xfffd), "'", isPlain);
}

function quoteWith(text: string, mark: string, isPlain: (code: number) => boolean): string {
  let out = mark;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === mark || char === '\\') out += `\\${char}`;
    else if (code >= 0xdc80 && code <= 0xdcff) out += `\\x${(code & 0xff).toString(16)}`;
    else if (isPlain(code)) out += char;
    else out += SHORT.get(code) ?? escape(code);
  }
  return out + mark;
}

function escape(code: number): string {
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** `strconv.CanBackquote`: could it stand between back quotes as it is? */
export function canBackquote(text: string): boolean {
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) return false;
    if (code === 0xfeff || code === 0x60 || code === 0x7f || (code < 0x20 && code !== 9))
      return false;
  }
  return true;
}
