// SPDX-License-Identifier: Apache-2.0

/**
 * Cuts a YAML text into tokens, as libyaml does: indentation becomes block start and end tokens, and
 * a key is recognised, late, by the `:` after it.
 *
 * Source: go.yaml.in/yaml/v2 v2.4.4 scannerc.go
 */

import { CLASS, INDICATOR, isBlankOrEnd, isBreak, SPACE, TAB } from './chars.ts';
import { type CommentLog, type Mark, markOf } from './comment-log.ts';
import { Cursor } from './cursor.ts';
import type { YamlError } from './errors.ts';
import { scanBlockScalar } from './scan-block.ts';
import { CommentScan } from './scan-comments.ts';
import { scanPlain } from './scan-plain.ts';
import { scanQuoted } from './scan-quoted.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-tags.ts';
import { newSimpleKey, noColon, type SimpleKey } from './simple-key.ts';
import {
  ALIAS,
  ANCHOR,
  BLOCK_END,
  BLOCK_ENTRY,
  BLOCK_MAPPING_START,
  BLOCK_SEQUENCE_START,
  DOCUMENT_END,
  DOCUMENT_START,
  DOUBLE_QUOTED_STYLE,
  FLOW_ENTRY,
  FLOW_MAPPING_END,
  FLOW_MAPPING_START,
  FLOW_SEQUENCE_END,
  FLOW_SEQUENCE_START,
  FOLDED_STYLE,
  KEY,
  LITERAL_STYLE,
  SCALAR,
  SINGLE_QUOTED_STYLE,
  STREAM_END,
  Token,
  VALUE,
} from './tokens.ts';

/** Collections of one kind inside each other, as go-yaml. */
const MAX_NESTING = 10_000;
/** Code points between the start of a key without `?` and its `:`. */
const MAX_KEY_LENGTH = 1024;
/** Tokens that must be known behind one, so that the comments that belong to it are. */
const COMMENT_LOOK_AHEAD = 2;
/** Tokens already taken that are kept at most. */
const MAX_KEPT_TOKENS = 4096;

export class Scanner {
  readonly #cursor: Cursor;
  #queue: Token[] = [];
  #head = 0;
  #taken = 0;
  #isHeadReady = false;
  #mayStartKey = true;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #key: SimpleKey = newSimpleKey(0, undefined);
  readonly #keys: SimpleKey[] = [this.#key];
  /** Level (plus one) of the possible key that starts at a token, by token number. */
  #keyLevels: Uint16Array = new Uint16Array(64);

  /** Set where comments are kept. */
  readonly #comments: CommentLog | undefined;

  constructor(text: string, comments?: CommentLog) {
    this.#cursor = new Cursor(text);
    this.#comments = comments;
  }

  /** The next token, which stays next. @throws {YamlError} */
  peek(): Token {
    if (!this.#isHeadReady) this.#fetchMore();
    const token = this.#queue[this.#head] as Token;
    if (this.#comments !== undefined) this.#comments.unfold(token);
    return token;
  }

  /** Takes the token last peeked at. */
  skip(): void {
    this.#isHeadReady = false;
    this.#taken++;
    this.#head++;
  }

  #fetchMore(): void {
    const ahead = this.#comments === undefined ? 0 : COMMENT_LOOK_AHEAD;
    if (this.#head > MAX_KEPT_TOKENS) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    for (;;) {
      if (this.#head + ahead < this.#queue.length) {
        const level = this.#keyLevels[this.#taken] ?? 0;
        if (level === 0) break;
        const key = this.#keys[level - 1];
        if (key === undefined || !this.#isValid(key)) break;
      } else if (this.#head > 0 && ahead === 0) {
        this.#queue.length = 0;
        this.#head = 0;
      }
      this.#fetchNext();
    }
    this.#isHeadReady = true;
  }

  #append(kind: number): void {
    this.#push(new Token(kind, this.#cursor.line, '', '', false), this.#cursor.pos);
  }

  #push(token: Token, start: number): void {
    token.start = start;
    this.#queue.push(token);
  }

  /** Inserts a token before the one with this number; before one already taken: appends, as go-yaml. */
  #insert(kind: number, { tokenNumber, line, start }: SimpleKey): void {
    const token = new Token(kind, line, '', '', false);
    token.start = start;
    const place = tokenNumber - this.#taken;
    if (place < 0) this.#queue.push(token);
    else this.#queue.splice(this.#head + place, 0, token);
  }

  #nextNumber(): number {
    return this.#taken + this.#queue.length - this.#head;
  }

  #fetchNext(): void {
    const cursor = this.#cursor;
    const scan = this.#comments === undefined ? undefined : markOf(cursor);
    this.#skipToNextToken(scan);
    this.#unrollIndent(cursor.column(), scan?.index);
    cursor.mustRead(4);
    if (this.#comments !== undefined) cursor.startLine = cursor.line;
    const code = cursor.peek(0);
    if (code === 0) {
      this.#fetchStreamEnd();
      return;
    }
    const isLineStart = cursor.pos === cursor.lineStart;
    if (isLineStart) {
      if (code === 0x25) {
        this.#endBlocks();
        const start = cursor.pos;
        this.#push(scanDirective(cursor), start);
        cursor.mustRead(1);
        return;
      }
      if (cursor.isDocumentIndicator()) {
        this.#fetchDocumentIndicator(code);
        return;
      }
    }
    const owner = this.#comments === undefined ? 0 : this.#commentOwner(code);
    if (code < 128 && ((CLASS[code] ?? 0) & INDICATOR) !== 0) {
      if (this.#fetchIndicator(code)) {
        cursor.mustRead(1);
        this.#scanLineComment(owner);
        return;
      }
    } else if (!isBlankOrEnd(code)) {
      this.#fetchPlain();
      cursor.mustRead(1);
      this.#scanLineComment(owner);
      return;
    }
    throw cursor.error('found character that cannot start any token');
  }

  /** What a comment behind the next token belongs to: before `:` and `,` what stands there. */
  #commentOwner(code: number): number {
    const isSeparator = this.#flowLevel === 0 ? code === 0x3a : code === 0x2c;
    return isSeparator ? (this.#queue.at(-1)?.start ?? 0) : this.#cursor.pos;
  }

  #scanLineComment(owner: number): void {
    // Behind a dash alone it is the head of what follows.
    if (this.#comments === undefined || this.#queue.at(-1)?.kind === BLOCK_ENTRY) return;
    this.#comments.scanLine(this.#cursor, owner);
  }

  /** Fetches what starts with an indicator. Gives false where it can start nothing here. */
  #fetchIndicator(code: number): boolean {
    const cursor = this.#cursor;
    const isFlow = this.#flowLevel > 0;
    switch (code) {
      case 0x5b:
        this.#fetchFlowStart(FLOW_SEQUENCE_START);
        return true;
      case 0x7b:
        this.#fetchFlowStart(FLOW_MAPPING_START);
        return true;
      case 0x5d:
        this.#fetchFlowEnd(FLOW_SEQUENCE_END);
        return true;
      case 0x7d:
        this.#fetchFlowEnd(FLOW_MAPPING_END);
        return true;
      case 0x2c:
        this.#fetchFlowEntry();
        return true;
      case 0x2d:
        if (isBlankOrEnd(cursor.peek(1))) this.#fetchBlockEntry();
        else this.#fetchPlain();
        return true;
      case 0x3f:
        if (isFlow || isBlankOrEnd(cursor.peek(1))) this.#fetchKey();
        else this.#fetchPlain();
        return true;
      case 0x3a:
        if (isFlow || isBlankOrEnd(cursor.peek(1))) this.#fetchValue();
        else this.#fetchPlain();
        return true;
      default:
        return this.#fetchNodeIndicator(code, isFlow);
    }
  }

  #fetchNodeIndicator(code: number, isFlow: boolean): boolean {
    const cursor = this.#cursor;
    const start = cursor.pos;
    switch (code) {
      case 0x2a:
      case 0x26:
        this.#saveKey();
        this.#mayStartKey = false;
        this.#push(scanAnchor(cursor, code === 0x2a ? ALIAS : ANCHOR), start);
        return true;
      case 0x21:
        this.#saveKey();
        this.#mayStartKey = false;
        this.#push(scanTag(cursor), start);
        return true;
      case 0x7c:
      case 0x3e:
        if (isFlow) return false;
        this.#fetchBlockScalar(code === 0x7c);
        return true;
      case 0x27:
      case 0x22:
        this.#fetchQuoted();
        return true;
      default:
        return false;
    }
  }

  /** Passes blanks, breaks and comments. Tabs count as blanks only where no key may start. */
  #skipToNextToken(scan: Mark | undefined): void {
    const cursor = this.#cursor;
    for (;;) {
      cursor.skipMark();
      let code = cursor.peek(0);
      while (code === SPACE || (code === TAB && (this.#flowLevel > 0 || !this.#mayStartKey))) {
        cursor.pos++;
        code = cursor.peek(0);
      }
      if (this.#comments !== undefined) this.#headOfItem(this.#comments, isBreak(code));
      if (code === 0x23) {
        this.#passComment(scan);
        code = cursor.peek(0);
      }
      cursor.mustRead(1);
      if (!isBreak(code)) return;
      cursor.skipBreak();
      if (this.#flowLevel === 0) this.#mayStartKey = true;
    }
  }

  /** A comment behind the first dash of a list is the head of what stands below it. */
  #headOfItem(log: CommentLog, isAtBreak: boolean): void {
    const comment = log.last();
    if (isAtBreak || comment?.place !== 'line' || comment.text === '') return;
    if (this.#queue.at(-1)?.kind !== BLOCK_ENTRY) return;
    if (this.#queue.at(-2)?.kind !== BLOCK_SEQUENCE_START) return;
    comment.place = 'head';
    if (comment.start.line === this.#cursor.line - 1) comment.tokenIndex = this.#cursor.pos;
  }

  #passComment(scan: Mark | undefined): void {
    const cursor = this.#cursor;
    if (this.#comments === undefined || scan === undefined) {
      cursor.skipToBreak();
      return;
    }
    const last = this.#queue.at(-1);
    const prior = last?.kind === FLOW_ENTRY ? (this.#queue.at(-2) ?? last) : last;
    const context = { scan, prior, indent: this.#indent, isFlow: this.#flowLevel > 0 };
    new CommentScan(cursor, this.#comments, context).read();
  }

  /** Whether the key is still one. @throws {YamlError} if it must be one and cannot */
  #isValid(key: SimpleKey): boolean {
    if (!key.isPossible) return false;
    const cursor = this.#cursor;
    if (key.line === cursor.line && key.column + MAX_KEY_LENGTH >= cursor.column()) return true;
    if (key.isRequired) throw noColon(cursor, key);
    key.isPossible = false;
    return false;
  }

  #saveKey(): void {
    if (!this.#mayStartKey) return;
    const cursor = this.#cursor;
    this.#removeKey();
    const key = this.#key;
    key.isPossible = true;
    key.isRequired = this.#flowLevel === 0 && this.#indent === cursor.column();
    key.tokenNumber = this.#nextNumber();
    key.line = cursor.line;
    key.column = cursor.column();
    key.start = cursor.pos;
    this.#setKeyLevel(key.tokenNumber, this.#keys.length);
  }

  #removeKey(): void {
    const key = this.#key;
    if (!key.isPossible) return;
    if (key.isRequired) throw noColon(this.#cursor, key);
    key.isPossible = false;
    this.#setKeyLevel(key.tokenNumber, 0);
  }

  #setKeyLevel(tokenNumber: number, level: number): void {
    if (tokenNumber >= this.#keyLevels.length) {
      if (level === 0) return;
      const wider = new Uint16Array(Math.max(this.#keyLevels.length * 2, tokenNumber + 64));
      wider.set(this.#keyLevels);
      this.#keyLevels = wider;
    }
    this.#keyLevels[tokenNumber] = level;
  }

  /** Opens a block where one starts; before a key, where it is given. */
  #rollIndent(column: number, kind: number, key?: SimpleKey): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    if (this.#indents.length > MAX_NESTING) throw this.#tooDeep();
    if (key === undefined) this.#append(kind);
    else this.#insert(kind, key);
  }

  #tooDeep(): YamlError {
    return this.#cursor.error(`exceeded max depth of ${MAX_NESTING}`);
  }

  #unrollIndent(column: number, scanIndex: number = this.#cursor.pos): void {
    if (this.#flowLevel > 0) return;
    let end = scanIndex - 1;
    while (this.#indent > column) {
      end = this.#comments?.blockEnd(end, this.#indent) ?? end;
      this.#push(new Token(BLOCK_END, this.#cursor.line, '', '', false), end);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #endBlocks(): void {
    this.#unrollIndent(-1);
    this.#removeKey();
    this.#mayStartKey = false;
  }

  #fetchStreamEnd(): void {
    const cursor = this.#cursor;
    if (cursor.column() !== 0) {
      cursor.lineStart = cursor.pos;
      cursor.line++;
    }
    this.#endBlocks();
    this.#append(STREAM_END);
  }

  #fetchDocumentIndicator(code: number): void {
    this.#endBlocks();
    this.#append(code === 0x2d ? DOCUMENT_START : DOCUMENT_END);
    this.#cursor.pos += 3;
    this.#cursor.mustRead(1);
  }

  #fetchFlowStart(kind: number): void {
    const cursor = this.#cursor;
    this.#saveKey();
    this.#key = newSimpleKey(this.#nextNumber(), cursor);
    this.#keys.push(this.#key);
    this.#flowLevel++;
    if (this.#flowLevel > MAX_NESTING) throw this.#tooDeep();
    this.#mayStartKey = true;
    this.#append(kind);
    cursor.pos++;
  }

  #fetchFlowEnd(kind: number): void {
    this.#removeKey();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      this.#setKeyLevel(this.#key.tokenNumber, 0);
      this.#keys.pop();
      this.#key = this.#keys[this.#keys.length - 1] as SimpleKey;
    }
    this.#mayStartKey = false;
    this.#append(kind);
    this.#cursor.pos++;
  }

  #fetchFlowEntry(): void {
    this.#removeKey();
    this.#mayStartKey = true;
    this.#append(FLOW_ENTRY);
    this.#cursor.pos++;
  }

  #fetchBlockEntry(): void {
    const cursor = this.#cursor;
    if (this.#flowLevel === 0) {
      if (!this.#mayStartKey) {
        throw cursor.error('block sequence entries are not allowed in this context');
      }
      this.#rollIndent(cursor.column(), BLOCK_SEQUENCE_START);
    }
    this.#removeKey();
    this.#mayStartKey = true;
    this.#append(BLOCK_ENTRY);
    cursor.pos++;
  }

  #fetchKey(): void {
    const cursor = this.#cursor;
    if (this.#flowLevel === 0) {
      if (!this.#mayStartKey) {
        throw cursor.error('mapping keys are not allowed in this context');
      }
      this.#rollIndent(cursor.column(), BLOCK_MAPPING_START);
    }
    this.#removeKey();
    this.#mayStartKey = this.#flowLevel === 0;
    this.#append(KEY);
    cursor.pos++;
  }

  #fetchValue(): void {
    const cursor = this.#cursor;
    const key = this.#key;
    if (this.#isValid(key)) {
      this.#insert(KEY, key);
      this.#rollIndent(key.column, BLOCK_MAPPING_START, key);
      key.isPossible = false;
      this.#setKeyLevel(key.tokenNumber, 0);
      this.#mayStartKey = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#mayStartKey) {
          throw cursor.error('mapping values are not allowed in this context');
        }
        this.#rollIndent(cursor.column(), BLOCK_MAPPING_START);
      }
      this.#mayStartKey = this.#flowLevel === 0;
    }
    this.#append(VALUE);
    cursor.pos++;
  }

  #fetchBlockScalar(isLiteral: boolean): void {
    const { line, pos } = this.#cursor;
    this.#removeKey();
    this.#mayStartKey = true;
    this.#comments?.scanBlockHeader(this.#cursor);
    const value = scanBlockScalar(this.#cursor, this.#indent, isLiteral);
    const token = new Token(SCALAR, line, value, '', false);
    token.style = isLiteral ? LITERAL_STYLE : FOLDED_STYLE;
    this.#push(token, pos);
  }

  #fetchQuoted(): void {
    const { line, pos } = this.#cursor;
    this.#saveKey();
    this.#mayStartKey = false;
    const isSingle = this.#cursor.peek(0) === 0x27;
    const token = new Token(SCALAR, line, scanQuoted(this.#cursor), '', false);
    token.style = isSingle ? SINGLE_QUOTED_STYLE : DOUBLE_QUOTED_STYLE;
    this.#push(token, pos);
  }

  #fetchPlain(): void {
    const { line, pos } = this.#cursor;
    this.#saveKey();
    this.#mayStartKey = false;
    const scalar = scanPlain(this.#cursor, this.#indent + 1, this.#flowLevel > 0);
    this.#push(new Token(SCALAR, line, scalar.value, '', true), pos);
    if (scalar.isBeforeBreak) this.#mayStartKey = true;
  }
}
