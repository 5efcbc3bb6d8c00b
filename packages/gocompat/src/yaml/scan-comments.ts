// SPDX-License-Identifier: Apache-2.0

import { isBlank, isBreak, isBreakOrEnd } from './chars.ts';
import {
  breaksBefore,
  type CommentLog,
  MAX_LOOK_AHEAD,
  type Mark,
  readComment,
} from './comment-log.ts';
import type { Cursor } from './cursor.ts';
import { type Token, VALUE } from './tokens.ts';

/** Where in a text comments are found. */
export interface CommentContext {
  /** Where the search for the next token began. */
  readonly scan: Mark;
  /** What stands before. */
  readonly prior: Token | undefined;
  /** Column of the enclosing block; -1: none. */
  readonly indent: number;
  readonly isFlow: boolean;
}

/**
 * Reads the comments between two tokens, the cursor standing on the first `#`: each run of lines is the foot of what stands
 * before, or the head of what follows.
 *
 * Source: go.yaml.in/yaml/v3 v3.0.4 scannerc.go yaml_parser_scan_comments
 */
export class CommentScan {
  readonly #cursor: Cursor;
  readonly #log: CommentLog;
  readonly #context: CommentContext;
  readonly #indent: number;
  readonly #footLine: number;
  #scanIndex: number;
  #tokenIndex: number;
  #start: Mark = { index: 0, line: 0, column: 0 };
  #text = '';
  /** Places ahead of the cursor. */
  #ahead = 0;
  #line: number;
  #column: number;
  #wasEmpty = false;
  #isFirstEmpty: boolean;

  constructor(cursor: Cursor, log: CommentLog, context: CommentContext) {
    const breaks = breaksBefore(cursor);
    this.#cursor = cursor;
    this.#log = log;
    this.#context = context;
    this.#indent = Math.max(context.indent, 0);
    this.#scanIndex = context.scan.index;
    this.#tokenIndex = context.prior?.start ?? 0;
    this.#line = cursor.line;
    this.#column = cursor.column();
    this.#isFirstEmpty = breaks <= 1;
    const isBehind = breaks === 0 && cursor.column() > 1;
    this.#footLine = context.scan.line > 0 ? cursor.line - breaks + (isBehind ? 2 : 1) : -1;
  }

  read(): void {
    for (; this.#ahead < MAX_LOOK_AHEAD; this.#ahead++) {
      this.#column++;
      const code = this.#cursor.peek(this.#ahead);
      if (isBlank(code)) continue;
      const closesFlow = this.#context.isFlow && (code === 0x5d || code === 0x7d);
      if (closesFlow || isBreakOrEnd(code)) {
        if (closesFlow || !this.#wasEmpty) this.#endRun(closesFlow, code);
        if (!isBreak(code)) break;
        this.#passEmptyLine();
        continue;
      }
      const isDedented = this.#column - 1 < this.#indent && this.#column !== this.#start.column;
      if (this.#text !== '' && isDedented) this.#addFoot();
      if (code !== 0x23) break;
      this.#takeLine();
    }
    if (this.#text === '') return;
    this.#log.add({
      place: 'head',
      text: this.#text,
      tokenIndex: this.#start.index,
      start: this.#start,
      scanIndex: this.#scanIndex,
      endIndex: this.#cursor.pos + this.#ahead - 1,
    });
  }

  /** At an empty line, the end, or the end of a flow collection. */
  #endRun(closesFlow: boolean, code: number): void {
    const { prior } = this.#context;
    const isDedented = this.#start.column - 1 < this.#indent;
    const isBelow = this.#start.line === this.#footLine && prior?.kind !== VALUE;
    if (closesFlow || (this.#isFirstEmpty && (isBelow || isDedented))) {
      if (this.#text === '') return;
      if (isDedented) this.#tokenIndex = this.#start.index;
      this.#addFoot();
    } else if (this.#text !== '' && code !== 0) {
      this.#text += '\n';
    }
  }

  #passEmptyLine(): void {
    this.#isFirstEmpty = false;
    this.#wasEmpty = true;
    this.#column = 0;
    this.#line++;
  }

  #addFoot(): void {
    const end = this.#cursor.pos + this.#ahead;
    this.#log.add({
      place: 'foot',
      text: this.#text,
      tokenIndex: this.#tokenIndex,
      start: this.#start,
      scanIndex: this.#scanIndex,
      endIndex: end,
    });
    this.#scanIndex = end;
    this.#tokenIndex = end;
    this.#text = '';
  }

  #takeLine(): void {
    const cursor = this.#cursor;
    const index = cursor.pos + this.#ahead;
    if (this.#text === '') this.#start = { index, line: this.#line, column: this.#column };
    else this.#text += '\n';
    this.#wasEmpty = false;
    this.#text += readComment(cursor, index);
    this.#ahead = 0;
    this.#column = 0;
    this.#line = cursor.line;
  }
}
