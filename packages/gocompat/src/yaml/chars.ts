// SPDX-License-Identifier: Apache-2.0

/** Character classes of libyaml as bits, for ASCII; the few others are tested by value. */

export const LF = 0x0a;
export const CR = 0x0d;
export const TAB = 0x09;
export const SPACE = 0x20;
export const NEL = 0x85;
export const LINE_SEPARATOR = 0x2028;
export const PARAGRAPH_SEPARATOR = 0x2029;

/** Space or tab. */
export const BLANK = 1;
/** CR or LF. */
export const BREAK = 2;
/** NUL, which stands for the end of the text. */
export const END = 4;
/** `, ? [ ] { }`: ends a plain scalar inside a flow collection. */
export const FLOW_INDICATOR = 8;
export const COLON = 16;
/** Letters, digits, `_` and `-`: anchors, tag handles, directive names. */
export const WORD = 32;
/** What else may stand in a tag's URI. */
export const URI = 64;
/** May not start a plain scalar. */
export const INDICATOR = 128;

/** Bits by code unit below 128. */
export const CLASS: Uint8Array = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(128);
  const mark = (chars: string, bit: number): void => {
    for (let i = 0; i < chars.length; i++) {
      const code = chars.charCodeAt(i);
      table[code] = (table[code] ?? 0) | bit;
    }
  };
  mark(' \t', BLANK);
  mark('\r\n', BREAK);
  mark('\0', END);
  mark(',?[]{}', FLOW_INDICATOR);
  mark(':', COLON);
  mark('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-', WORD);
  mark(";/?:@&=+$,.!~*'()[]%", URI);
  mark('-?:,[]{}#&*!|>\'"%@`', INDICATOR);
  return table;
}

/** CR, LF, NEL, LS or PS. */
export function isBreak(code: number): boolean {
  return (
    code === LF ||
    code === CR ||
    code === NEL ||
    code === LINE_SEPARATOR ||
    code === PARAGRAPH_SEPARATOR
  );
}

/** A break or the end. */
export function isBreakOrEnd(code: number): boolean {
  return code === 0 || isBreak(code);
}

/** Space, tab, a break or the end. */
export function isBlankOrEnd(code: number): boolean {
  if (code < 128) return ((CLASS[code] ?? 0) & (BLANK | BREAK | END)) !== 0;
  return code === NEL || code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR;
}

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

export function isWord(code: number): boolean {
  return code < 128 && ((CLASS[code] ?? 0) & WORD) !== 0;
}

export function isUri(code: number): boolean {
  return code < 128 && ((CLASS[code] ?? 0) & (WORD | URI)) !== 0;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The value of a hexadecimal digit, or -1. */
export function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x41 && code <= 0x46) return code - 0x37;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  return -1;
}
