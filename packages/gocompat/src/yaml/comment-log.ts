// SPDX-License-Identifier: Apache-2.0

/**
 * The comments of a YAML text: found between tokens, given to the events they belong to.
 *
 * Source: go.yaml.in/yaml/v3 v3.0.4 scannerc.go yaml_parser_scan_comments, yaml_parser_scan_line_comment,
 * yaml_parser_unroll_indent; parserc.go yaml_parser_unfold_comments, yaml_parser_split_stem_comment
 */

import { isBlank, isBreak, isBreakOrEnd } from './chars.ts';
import type { Cursor } from './cursor.ts';
import { BLOCK_END, BLOCK_MAPPING_START, BLOCK_SEQUENCE_START, type Token } from './tokens.ts';

export interface Mark {
  readonly index: number;
  /** 0-based. */
  readonly line: number;
  /** Of a token 0-based, of a comment that stands alone 1-based. */
  readonly column: number;
}

export type CommentPlace = 'head' | 'line' | 'foot';

/** A comment, from the time it is read until an event takes it. */
export interface Comment {
  place: CommentPlace;
  /** Empty once it was taken. */
  text: string;
  /** It belongs to the first token from here on. */
  tokenIndex: number;
  readonly start: Mark;
  /** Where the search that found it began. */
  readonly scanIndex: number;
  /** 0: a comment behind something. */
  endIndex: number;
}

export interface EventComments {
  headComment: string;
  lineComment: string;
  footComment: string;
}

const BLOCK_HEADER_COMMENT = /[|>][-+\d]*[ \t]*(?=#)/y;

/** go-yaml looks no further for a comment. */
export const MAX_LOOK_AHEAD = 512;

/** Where a cursor stands. */
export function markOf(cursor: Cursor): Mark {
  return { index: cursor.pos, line: cursor.line, column: cursor.column() };
}

/** Line breaks between the last character that is no blank and the cursor. */
export function breaksBefore({ text, pos }: Cursor): number {
  let breaks = 0;
  for (let at = pos - 1; at >= 0; at--) {
    const code = text.charCodeAt(at);
    if (isBreak(code)) breaks++;
    else if (!isBlank(code)) break;
  }
  return breaks;
}

export class CommentLog {
  /** What the next event takes. */
  head = '';
  line = '';
  foot = '';
  /** The head of a collection that is an item itself. */
  #stem = '';
  readonly #comments: Comment[] = [];
  #taken = 0;

  add(comment: Comment): void {
    this.#comments.push(comment);
  }

  last(): Comment | undefined {
    return this.#comments.at(-1);
  }

  /** Gives what is ready to an event. */
  give(event: EventComments): void {
    event.headComment = this.head;
    event.lineComment = this.line;
    event.footComment = this.foot;
    this.head = '';
    this.line = '';
    this.foot = '';
    this.#stem = '';
  }

  takeStem(): string {
    const stem = this.#stem;
    this.#stem = '';
    return stem;
  }

  /** Reads the comment behind `|` or `>`; the cursor stays. */
  scanBlockHeader(cursor: Cursor): void {
    const { pos, text } = cursor;
    BLOCK_HEADER_COMMENT.lastIndex = pos;
    if (!BLOCK_HEADER_COMMENT.test(text)) return;
    cursor.pos = BLOCK_HEADER_COMMENT.lastIndex;
    this.addLine(cursor, pos);
    cursor.pos = pos;
  }

  /** Reads a comment behind what was just read. */
  scanLine(cursor: Cursor, tokenIndex: number): void {
    if (breaksBefore(cursor) > 0) return;
    const { text } = cursor;
    let at = cursor.pos;
    while (at - cursor.pos < MAX_LOOK_AHEAD && isBlank(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at) !== 0x23 || at - cursor.pos >= MAX_LOOK_AHEAD) return;
    cursor.pos = at;
    this.addLine(cursor, tokenIndex);
  }

  /** Takes the rest of the line, the cursor standing on `#`. */
  addLine(cursor: Cursor, tokenIndex: number): void {
    const start = markOf(cursor);
    cursor.skipToBreak();
    cursor.countColumns(start.index);
    const text = cursor.text.slice(start.index, cursor.pos);
    this.add({ place: 'line', text, tokenIndex, start, scanIndex: 0, endIndex: 0 });
  }

  /** Where a block of this indentation ends: before the comments that stand at its parent's. */
  blockEnd(blockMark: number, indent: number): number {
    let end = blockMark;
    let stop = blockMark;
    for (let i = this.#comments.length - 1; i >= 0; i--) {
      const comment = this.#comments[i];
      if (comment === undefined || comment.text === '' || comment.endIndex < stop) break;
      if (comment.start.column === indent + 1) end = comment.start.index;
      stop = comment.scanIndex;
    }
    return end;
  }

  /** Makes the comments up to a token ready for the next event. */
  unfold(token: Token): void {
    for (;;) {
      const comment = this.#comments[this.#taken];
      if (comment === undefined || token.start < comment.tokenIndex) return;
      if (comment.place === 'head') {
        if (token.kind === BLOCK_END) return;
        this.head = joined(this.head, comment.text);
      } else if (comment.place === 'foot') {
        this.foot = joined(this.foot, comment.text);
      } else {
        this.line = joined(this.line, comment.text);
      }
      comment.text = '';
      this.#taken++;
    }
  }

  /** Sets the head of an item aside where the item is a collection. */
  splitStem(length: number, next: Token): void {
    if (length === 0) return;
    if (next.kind !== BLOCK_SEQUENCE_START && next.kind !== BLOCK_MAPPING_START) return;
    this.#stem = this.head.slice(0, length);
    this.head = this.head.length === length ? '' : this.head.slice(length + 1);
  }

  /** Gives the part of the head that belongs to the document: what stands above its last empty line. */
  splitDocumentHead(): string {
    const { head } = this;
    for (let i = head.length - 1; i > 0; i--) {
      if (head[i] !== '\n') continue;
      const isLast = i === head.length - 1;
      if (!isLast && head[i - 1] !== '\n') continue;
      this.head = head.slice(i + 1);
      return head.slice(0, isLast ? i : i - 1);
    }
    return '';
  }
}

function joined(before: string, text: string): string {
  return before === '' ? text : `${before}\n${text}`;
}

/** Passes everything up to a place, and the comment there; gives its text. */
export function readComment(cursor: Cursor, at: number): string {
  while (cursor.pos < at) {
    if (isBreakOrEnd(cursor.peek(0))) cursor.skipBreak();
    else cursor.pos++;
  }
  cursor.skipToBreak();
  cursor.countColumns(at);
  return cursor.text.slice(at, cursor.pos);
}
