// SPDX-License-Identifier: Apache-2.0

import { encodeUtf8, quote, sprint, Typed, type Value } from '@helm-operator/gocompat';
import { printableOf } from '../exec/reflect.ts';

/** `html`, `js` and `urlquery`. Source: Go 1.26 text/template/funcs.go, net/url QueryEscape */

/** The arguments as printing shows them; nil reads `<no value>`. */
export function textOf(args: readonly Value[]): string {
  const [only] = args;
  if (args.length === 1 && typeof only === 'string') return only;
  return sprint(args.map(printable));
}

function printable(value: Value): Value {
  if (value === null) return '<no value>';
  return value instanceof Typed ? printableOf(value) : value;
}

const HTML_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '\uFFFD'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => HTML_ESCAPES.get(char) ?? char);
}

const JS_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
]);

export function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=\0-\x1f]|[^\0-\x7f]/gu, (char) => {
    const escaped = JS_ESCAPES.get(char);
    if (escaped !== undefined) return escaped;
    const code = char.codePointAt(0) ?? 0;
    // Bytes that are no UTF-8 (lone surrogates) pass; so does every letter that can be printed.
    if (code > 0x7f && (isLoneByte(code) || isPrintable(char))) return char;
    return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

function isLoneByte(code: number): boolean {
  return code >= 0xdc80 && code <= 0xdcff;
}

function isPrintable(char: string): boolean {
  return quote(char) === `"${char}"`;
}

export function escapeQuery(text: string): string {
  if (/^[A-Za-z0-9\-_.~]*$/.test(text)) return text;
  let out = '';
  for (const byte of encodeUtf8(text)) {
    const char = String.fromCharCode(byte);
    if (byte < 0x80 && /[A-Za-z0-9\-_.~]/.test(char)) out += char;
    else if (byte === 0x20) out += '+';
    else out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
