// SPDX-License-Identifier: Apache-2.0
import {
  BLANK,
  BREAK,
  CLASS,
  COLON,
  END,
  FLOW_INDICATOR,
  isBlank,
  isBlankOrEnd,
  isBreak,
  NEL,
  SPACE,
  TAB,
} from './chars.ts';
import type { Cursor } from './cursor.ts';

export interface PlainScalar {
  readonly value: string;
  /** The scan went over a line break after the scalar's last character. */
  readonly isBeforeBreak: boolean;
}

/**
 * Scans an unquoted scalar, folding its lines.
 *
 * @param indent column that continuation lines must reach, outside flow collections
 * @throws {YamlError} for a tab in the indentation
 */
export function scanPlain(cursor: Cursor, indent: number, isFlow: boolean): PlainScalar {
  const { text } = cursor;
  let value = '';
  let fold = '';
  let isBeforeBreak = false;
  let first = cursor.pos;
  let last = cursor.pos;
  while (!cursor.isDocumentIndicator() && cursor.peek(0) !== 0x23) {
    const wordStart = cursor.pos;
    const wordEnd = plainWordEnd(text, wordStart, isFlow);
    if (wordEnd > wordStart) {
      if (isBeforeBreak) {
        value += text.slice(first, last) + fold;
        first = wordStart;
        isBeforeBreak = false;
      }
      cursor.pos = wordEnd;
      cursor.countColumns(wordStart);
      last = wordEnd;
      while (isBlank(text.charCodeAt(last - 1))) last--;
    }
    const code = cursor.peek(0);
    if (code !== SPACE && code !== TAB && !isBreak(code)) break;
    const gap = skipGap(cursor, indent);
    if (gap !== undefined) {
      fold = gap;
      isBeforeBreak = true;
    }
    if (!isFlow && cursor.column() < indent) break;
  }
  return { value: value + text.slice(first, last), isBeforeBreak };
}

/** The end of a run of characters a plain scalar takes in one go, single spaces inside included. */
function plainWordEnd(text: string, from: number, isFlow: boolean): number {
  const stop = isFlow ? BLANK | BREAK | END | COLON | FLOW_INDICATOR : BLANK | BREAK | END | COLON;
  let pos = from;
  for (;;) {
    const code = text.charCodeAt(pos);
    if (code >= 128) {
      if (code === NEL || code === 0x2028 || code === 0x2029) return pos;
      pos++;
      continue;
    }
    const bits = (CLASS[code] ?? 0) & stop;
    if (bits === 0) {
      pos++;
      continue;
    }
    if (bits === COLON && !isBlankOrEnd(text.charCodeAt(pos + 1))) {
      pos++;
      continue;
    }
    if (code === SPACE) {
      const next = text.charCodeAt(pos + 1);
      if (next !== 0x23 && !isBlankOrEnd(next)) {
        pos++;
        continue;
      }
    }
    return pos;
  }
}

/**
 * Passes blanks and breaks. Gives what the breaks fold to, or `undefined` where there were only blanks.
 *
 * @throws {YamlError} for a tab left of `indent`
 */
function skipGap(cursor: Cursor, indent: number): string | undefined {
  let leading = '';
  let trailing = '';
  let isAfterBreak = false;
  for (;;) {
    const code = cursor.peek(0);
    if (code === SPACE || code === TAB) {
      if (code === TAB && isAfterBreak && cursor.column() < indent) {
        throw cursor.error('found a tab character that violates indentation');
      }
      cursor.pos++;
      continue;
    }
    if (!isBreak(code)) break;
    const text = cursor.readBreak();
    if (isAfterBreak) trailing += text;
    else leading = text;
    isAfterBreak = true;
  }
  if (!isAfterBreak) return undefined;
  return foldBreaks(leading, trailing);
}

/** One LF is a space; more lose the first; LS and PS stay. */
export function foldBreaks(leading: string, trailing: string): string {
  if (leading !== '\n') return leading + trailing;
  return trailing === '' ? ' ' : trailing;
}
