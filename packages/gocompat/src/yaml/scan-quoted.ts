// SPDX-License-Identifier: Apache-2.0
import { hexValue, isBlank, isBreak, NEL } from './chars.ts';
import type { Cursor } from './cursor.ts';
import { foldBreaks } from './scan-plain.ts';

const DOUBLE = 0x22;
const SINGLE = 0x27;
const BACKSLASH = 0x5c;

const ESCAPES = new Map<number, string>(
  Object.entries({
    '0': '\0',
    a: '\x07',
    b: '\b',
    t: '\t',
    '\t': '\t',
    n: '\n',
    v: '\v',
    f: '\f',
    r: '\r',
    e: '\x1b',
    ' ': ' ',
    '"': '"',
    "'": "'",
    '\\': '\\',
    N: '\x85',
    _: '\xa0',
    L: '\u2028',
    P: '\u2029',
  }).map(([name, text]) => [name.charCodeAt(0), text]),
);

const HEX_LENGTH = new Map<number, number>([
  [0x78, 2],
  [0x75, 4],
  [0x55, 8],
]);

/**
 * Scans a quoted scalar; the cursor stands on its opening quote.
 *
 * @throws {YamlError} for a missing closing quote, a document marker inside, a bad escape
 */
export function scanQuoted(cursor: Cursor): string {
  const { text } = cursor;
  const quote = cursor.peek(0);
  let value = '';
  let from = cursor.pos;
  cursor.pos++;
  for (;;) {
    if (cursor.isDocumentIndicator()) throw cursor.error('found unexpected document indicator');
    if (cursor.peek(0) === 0) throw cursor.error('found unexpected end of stream');
    const start = cursor.pos;
    let end = quotedRunEnd(text, start, quote);
    cursor.pos = end;
    const code = text.charCodeAt(end);
    if (code === quote) {
      if (quote === SINGLE && text.charCodeAt(end + 1) === SINGLE) {
        value += text.slice(start, end + 1);
        cursor.pos += 2;
        continue;
      }
      value += text.slice(start, end);
      cursor.pos++;
      break;
    }
    if (code === BACKSLASH && quote === DOUBLE) {
      value += text.slice(start, end);
      cursor.mustRead(2);
      if (isBreak(text.charCodeAt(end + 1))) {
        cursor.pos++;
        cursor.skipBreak();
        value += skipBreaks(cursor, '');
      } else {
        value += scanEscape(cursor);
      }
      continue;
    }
    if (code === 0) continue;
    while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
    value += text.slice(start, end);
    value += skipBreaks(cursor, cursor.readBreak());
    from = cursor.lineStart;
  }
  cursor.countColumns(from);
  return value;
}

/** The next quote, backslash (in double quotes), break or end. */
function quotedRunEnd(text: string, from: number, quote: number): number {
  let pos = from;
  for (;;) {
    const code = text.charCodeAt(pos);
    if (code === quote || code === 0 || code === 0x0a || code === 0x0d) return pos;
    if (code === BACKSLASH && quote === DOUBLE) return pos;
    if (code >= NEL && (code === NEL || code === 0x2028 || code === 0x2029)) return pos;
    pos++;
  }
}

/** Passes blanks and further breaks; gives what the gap folds to. An escaped break has no `leading`. */
function skipBreaks(cursor: Cursor, leading: string): string {
  let trailing = '';
  for (;;) {
    const code = cursor.peek(0);
    if (isBlank(code)) cursor.pos++;
    else if (isBreak(code)) trailing += cursor.readBreak();
    else return foldBreaks(leading, trailing);
  }
}

function scanEscape(cursor: Cursor): string {
  const name = cursor.peek(1);
  const simple = ESCAPES.get(name);
  if (simple !== undefined) {
    cursor.pos += 2;
    return simple;
  }
  const length = HEX_LENGTH.get(name);
  if (length === undefined) throw cursor.error('found unknown escape character');
  cursor.mustRead(2 + length);
  let code = 0;
  for (let i = 0; i < length; i++) {
    const digit = hexValue(cursor.peek(2 + i));
    if (digit < 0) throw cursor.error('did not find expected hexdecimal number');
    code = code * 16 + digit;
  }
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw cursor.error('found invalid Unicode character escape code');
  }
  cursor.pos += 2 + length;
  return String.fromCodePoint(code);
}
