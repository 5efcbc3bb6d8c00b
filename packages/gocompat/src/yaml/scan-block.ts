// SPDX-License-Identifier: Apache-2.0
import { isBlank, isBreak, isBreakOrEnd, isDigit, SPACE, TAB } from './chars.ts';
import type { Cursor } from './cursor.ts';

type Chomping = 'strip' | 'clip' | 'keep';

const PLUS = 0x2b;
const MINUS = 0x2d;

/**
 * Scans a literal or folded scalar; the cursor stands on `|` or `>`.
 *
 * @param parentIndent column of the enclosing block collection; -1: none
 * @throws {YamlError} for a bad header or a tab in the indentation
 */
export function scanBlockScalar(cursor: Cursor, parentIndent: number, isLiteral: boolean): string {
  cursor.pos++;
  const { chomping, increment } = scanHeader(cursor);
  const lines: BlockLines = {
    indent: increment === 0 ? 0 : Math.max(parentIndent, 0) + increment,
    parentIndent,
    breaks: '',
  };
  skipIndentation(cursor, lines);
  let value = '';
  let lineBreak = '';
  let wasBlank = false;
  while (cursor.column() === lines.indent && cursor.peek(0) !== 0) {
    const startsBlank = isBlank(cursor.peek(0));
    const mayFold = !isLiteral && !wasBlank && !startsBlank && lineBreak === '\n';
    if (!mayFold) value += lineBreak;
    else if (lines.breaks === '') value += ' ';
    value += lines.breaks;
    lines.breaks = '';
    wasBlank = startsBlank;
    const start = cursor.pos;
    cursor.skipToBreak();
    value += cursor.text.slice(start, cursor.pos);
    cursor.countColumns(start);
    cursor.mustRead(1);
    lineBreak = cursor.readBreak();
    skipIndentation(cursor, lines);
  }
  if (chomping !== 'strip') value += lineBreak;
  return chomping === 'keep' ? value + lines.breaks : value;
}

interface BlockLines {
  /** Column of the content; 0 until known. */
  indent: number;
  readonly parentIndent: number;
  /** Breaks of empty lines not yet used. */
  breaks: string;
}

function scanHeader(cursor: Cursor): { chomping: Chomping; increment: number } {
  let chomping: Chomping = 'clip';
  let increment = 0;
  const readChomping = (): boolean => {
    const code = cursor.peek(0);
    if (code !== PLUS && code !== MINUS) return false;
    chomping = code === PLUS ? 'keep' : 'strip';
    cursor.pos++;
    return true;
  };
  const readIncrement = (): void => {
    const code = cursor.peek(0);
    if (!isDigit(code)) return;
    if (code === 0x30) throw cursor.error('found an indentation indicator equal to 0');
    increment = code - 0x30;
    cursor.pos++;
  };
  if (readChomping()) {
    readIncrement();
  } else {
    readIncrement();
    if (increment > 0) readChomping();
  }
  skipLineRest(cursor);
  return { chomping, increment };
}

/** @throws {YamlError} if more than a comment is left on the line */
export function skipLineRest(cursor: Cursor): void {
  while (isBlank(cursor.peek(0))) cursor.pos++;
  if (cursor.peek(0) === 0x23) cursor.skipToBreak();
  const code = cursor.peek(0);
  if (!isBreakOrEnd(code)) throw cursor.error('did not find expected comment or line break');
  cursor.mustRead(1);
  if (code !== 0) cursor.skipBreak();
}

/** Passes indentation and empty lines; the deepest of them sets an indentation not yet known. */
function skipIndentation(cursor: Cursor, lines: BlockLines): void {
  let deepest = 0;
  for (;;) {
    while (cursor.peek(0) === SPACE && (lines.indent === 0 || cursor.column() < lines.indent)) {
      cursor.pos++;
    }
    if (cursor.column() > deepest) deepest = cursor.column();
    const code = cursor.peek(0);
    if (code === TAB && (lines.indent === 0 || cursor.column() < lines.indent)) {
      throw cursor.error('found a tab character where an indentation space is expected');
    }
    if (!isBreak(code)) break;
    lines.breaks += cursor.readBreak();
  }
  if (lines.indent === 0) lines.indent = Math.max(deepest, lines.parentIndent + 1, 1);
}
