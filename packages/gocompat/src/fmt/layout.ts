// SPDX-License-Identifier: Apache-2.0

/** Flags, width and precision of one verb, and how text, numbers and floats are laid out under them. Source: Go 1.26 fmt/format.go. */

import { type FloatFormat, formatFloat } from '../strconv/format-float.ts';
import { isPrintable } from '../strconv/printable.ts';
import {
  canBackquote,
  quote,
  quoteRune,
  quoteRuneToAscii,
  quoteToAscii,
} from '../strconv/quote.ts';
import { encodeUtf8 } from '../text/text.ts';

export interface Spec {
  plus: boolean;
  minus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `%+v` and `%#v` change what is printed, not how it is laid out. */
  plusV: boolean;
  sharpV: boolean;
  /** Inside `%!verb(...)` the methods of values are not called. */
  isError: boolean;
  width: number | undefined;
  precision: number | undefined;
}

export function emptySpec(): Spec {
  return {
    plus: false,
    minus: false,
    sharp: false,
    space: false,
    zero: false,
    plusV: false,
    sharpV: false,
    isError: false,
    width: undefined,
    precision: undefined,
  };
}

/** Pads to the width, counted in runes. */
export function pad(spec: Spec, text: string): string {
  if (spec.width === undefined) return text;
  let count = 0;
  for (const _ of text) count++;
  const missing = spec.width - count;
  if (missing <= 0) return text;
  if (spec.minus) return text + ' '.repeat(missing);
  return (spec.zero ? '0' : ' ').repeat(missing) + text;
}

/** A copy in which zeros do not pad. */
function withoutZero(spec: Spec): Spec {
  return spec.zero ? { ...spec, zero: false } : spec;
}

/** Cut to the precision, in runes. */
export function truncate(spec: Spec, text: string): string {
  if (spec.precision === undefined) return text;
  return [...text].slice(0, spec.precision).join('');
}

export function layString(spec: Spec, text: string): string {
  return pad(spec, truncate(spec, text));
}

export function layQuoted(spec: Spec, text: string): string {
  const cut = truncate(spec, text);
  if (spec.sharp && canBackquote(cut)) return pad(spec, `\`${cut}\``);
  return pad(spec, spec.plus ? quoteToAscii(cut) : quote(cut));
}

/** `%x` and `%X` of text or bytes. */
export function layHexBytes(spec: Spec, bytes: Uint8Array, isUpper: boolean): string {
  const used = bytes.subarray(0, spec.precision ?? bytes.length);
  const prefix = spec.sharp ? (isUpper ? '0X' : '0x') : '';
  const parts = Array.from(used, (byte) => byte.toString(16).padStart(2, '0'));
  if (parts.length === 0) return pad(spec, '');
  const body = spec.space
    ? parts.map((part) => part.toLowerCase()).join(` ${prefix}`)
    : parts.join('');
  return pad(spec, prefix + (isUpper ? upperDigits(body) : body));
}

function upperDigits(text: string): string {
  return text.replaceAll(/[a-f]/g, (digit) => digit.toUpperCase());
}

export function layHexString(spec: Spec, text: string, isUpper: boolean): string {
  return layHexBytes(spec, encodeUtf8(text), isUpper);
}

export interface IntegerStyle {
  readonly base: 2 | 8 | 10 | 16;
  readonly isUpper?: boolean;
  /** `%O`: the prefix is `0o`. */
  readonly isOctalNamed?: boolean;
}

export function layInteger(spec: Spec, value: bigint, style: IntegerStyle): string {
  const isNegative = value < 0n;
  const sign = isNegative ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
  let digits = (isNegative ? -value : value).toString(style.base);
  if (style.isUpper === true) digits = digits.toUpperCase();
  if (spec.precision !== undefined) {
    if (spec.precision === 0 && value === 0n) return pad(withoutZero(spec), '');
    digits = digits.padStart(spec.precision, '0');
  } else if (spec.zero && !spec.minus && spec.width !== undefined) {
    digits = digits.padStart(spec.width - (sign === '' ? 0 : 1), '0');
  }
  return pad(withoutZero(spec), sign + prefixOf(spec, style, digits) + digits);
}

function prefixOf(spec: Spec, style: IntegerStyle, digits: string): string {
  const name = style.isOctalNamed === true ? '0o' : '';
  if (!spec.sharp) return name;
  if (style.base === 2) return '0b';
  if (style.base === 8) return digits.startsWith('0') ? name : `${name}0`;
  if (style.base === 16) return style.isUpper === true ? '0X' : '0x';
  return '';
}

const MAX_RUNE = 0x10ffffn;

function runeOf(value: bigint): number {
  return value < 0n || value > MAX_RUNE || (value >= 0xd800n && value <= 0xdfffn)
    ? 0xfffd
    : Number(value);
}

export function layChar(spec: Spec, value: bigint): string {
  return pad(spec, String.fromCodePoint(runeOf(value)));
}

export function layQuotedChar(spec: Spec, value: bigint): string {
  const rune = runeOf(value);
  return pad(spec, spec.plus ? quoteRuneToAscii(rune) : quoteRune(rune));
}

/** `%U`: `U+0078`, with `#` also the character. */
export function layUnicode(spec: Spec, value: bigint): string {
  const unsigned = BigInt.asUintN(64, value);
  const digits = Math.max(spec.precision ?? 4, 4);
  const code = `U+${unsigned.toString(16).toUpperCase().padStart(digits, '0')}`;
  const rune = Number(unsigned);
  const isShown = spec.sharp && unsigned <= MAX_RUNE && isPrintable(rune);
  const shown = isShown ? ` '${String.fromCodePoint(rune)}'` : '';
  return pad(withoutZero(spec), code + shown);
}

/** A float under `verb`; `precision` is what the verb takes when none is given. */
export function layFloat(
  spec: Spec,
  value: number,
  options: { verb: FloatFormat; precision: number; bits: 32 | 64 },
): string {
  const { verb, bits } = options;
  const given = spec.precision ?? options.precision;
  let text = formatFloat(value, verb, given, bits);
  let sign = '';
  if (text.startsWith('-') || text.startsWith('+')) {
    sign = text.charAt(0);
    text = text.slice(1);
  } else {
    sign = '+';
  }
  const isFinite = Number.isFinite(value);
  if (!isFinite) {
    const shownSign = sign === '-' || spec.plus ? sign : spec.space ? ' ' : '';
    const named = Number.isNaN(value) ? 'NaN' : text;
    const bare = Number.isNaN(value) && !spec.plus && !spec.space ? '' : shownSign;
    const infinity =
      !Number.isNaN(value) && sign === '+' && !spec.plus ? (spec.space ? ' ' : '+') : bare;
    return pad(withoutZero(spec), infinity + named);
  }
  if (spec.sharp && verb !== 'b') text = withPoint(text, verb, given);
  const shown = sign === '-' || spec.plus ? sign : spec.space ? ' ' : '';
  if (spec.zero && !spec.minus && spec.width !== undefined && shown !== '') {
    return shown + text.padStart(spec.width - 1, '0');
  }
  return pad(spec.minus ? withoutZero(spec) : spec, shown + text);
}

/** `#`: always a decimal point, and for `%g` and `%x` the zeros that make up the precision. Go counts the `x` as a digit. */
function withPoint(text: string, verb: FloatFormat, precision: number): string {
  const isHex = verb === 'x' || verb === 'X';
  const at = text.search(isHex ? /[pP]/ : /[eE]/);
  const body = at < 0 ? text : text.slice(0, at);
  const tail = at < 0 ? '' : text.slice(at);
  const hasPoint = body.includes('.');
  const isCounted = verb === 'g' || verb === 'G' || verb === 'x';
  const wanted = isCounted ? (precision < 0 ? 6 : precision) : 0;
  const significant = body.replace('.', '').replace(/^0+/, '').length;
  const missing = wanted - (!hasPoint && body === '0' ? 1 : significant);
  return body + (hasPoint ? '' : '.') + '0'.repeat(Math.max(missing, 0)) + tail;
}
