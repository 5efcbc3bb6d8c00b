// SPDX-License-Identifier: Apache-2.0

/**
 * Turns tokens into events: document, collection and scalar borders, with tags and anchors.
 *
 * Source: go.yaml.in/yaml/v2 v2.4.4 parserc.go
 */

import type { CommentLog } from './comment-log.ts';
import { longTag, readDirectives } from './directives.ts';
import { yamlError } from './errors.ts';
import {
  ALIAS_EVENT,
  DOCUMENT_END_EVENT,
  DOCUMENT_START_EVENT,
  MAPPING_END_EVENT,
  MAPPING_START_EVENT,
  SCALAR_EVENT,
  SEQUENCE_END_EVENT,
  SEQUENCE_START_EVENT,
  STREAM_END_EVENT,
} from './events.ts';
import * as state from './parser-states.ts';
import { Scanner } from './scanner.ts';
import * as token from './tokens.ts';

/** Events one at a time: `next()` fills the fields, which hold until the next call. */
export class Parser {
  kind = 0;
  /** 0-based. */
  line = 0;
  /** Scalar text, or the name of an alias. */
  value = '';
  /** The tag in its long form; empty: none. */
  tag = '';
  /** The anchor; empty: none. */
  anchor = '';
  /** A scalar whose text decides its type: plain, or tagged `!`. */
  isImplicit = false;
  /** Of a scalar: how it stands in the text (`tokens.ts`). */
  style = 0;
  /** A collection in brackets. */
  isFlow = false;
  headComment = '';
  lineComment = '';
  footComment = '';

  readonly #comments: CommentLog | undefined;
  readonly #scanner: Scanner;
  #state = state.IMPLICIT_DOCUMENT_STATE;
  readonly #states: number[] = [];
  /** Lines of the open collections, for error texts. */
  readonly #lines: number[] = [];
  readonly #tagPrefixes = new Map<string, string>();

  constructor(text: string, comments?: CommentLog) {
    this.#comments = comments;
    this.#scanner = new Scanner(text, comments);
  }

  /** Reads the next event. After the end of the stream: not to be called. @throws {YamlError} */
  next(): void {
    switch (this.#state) {
      case state.IMPLICIT_DOCUMENT_STATE:
        this.#documentStart(true);
        return;
      case state.DOCUMENT_START_STATE:
        this.#documentStart(false);
        return;
      case state.DOCUMENT_CONTENT_STATE:
        this.#documentContent();
        return;
      case state.DOCUMENT_END_STATE:
        this.#documentEnd();
        return;
      case state.BLOCK_NODE_STATE:
        this.#node(true, false);
        return;
      case state.BLOCK_ENTRY_STATE:
        this.#blockEntry();
        return;
      case state.INDENTLESS_ENTRY_STATE:
        this.#indentlessEntry();
        return;
      case state.BLOCK_KEY_STATE:
        this.#blockKey();
        return;
      case state.BLOCK_VALUE_STATE:
        this.#blockValue();
        return;
      default:
        this.#nextInFlow();
        return;
    }
  }

  #nextInFlow(): void {
    switch (this.#state) {
      case state.FLOW_FIRST_ENTRY_STATE:
        this.#flowEntry(true);
        return;
      case state.FLOW_ENTRY_STATE:
        this.#flowEntry(false);
        return;
      case state.FLOW_PAIR_KEY_STATE:
        this.#flowPairKey();
        return;
      case state.FLOW_PAIR_VALUE_STATE:
        this.#flowPairValue();
        return;
      case state.FLOW_PAIR_END_STATE:
        this.#state = state.FLOW_ENTRY_STATE;
        this.#emit(MAPPING_END_EVENT, this.#scanner.peek().line);
        return;
      case state.FLOW_FIRST_KEY_STATE:
        this.#flowKey(true);
        return;
      case state.FLOW_KEY_STATE:
        this.#flowKey(false);
        return;
      case state.FLOW_VALUE_STATE:
        this.#flowValue(false);
        return;
      default:
        this.#flowValue(true);
        return;
    }
  }

  #emit(kind: number, line: number): void {
    this.kind = kind;
    this.line = line;
    this.value = '';
    this.tag = '';
    this.anchor = '';
    this.isImplicit = false;
    this.style = 0;
    this.isFlow = false;
    if (this.#comments === undefined) return;
    this.headComment = '';
    this.lineComment = '';
    this.footComment = '';
  }

  /** Gives the event the comments that belong to it. */
  #takeComments(): void {
    this.#comments?.give(this);
  }

  #emptyScalar(line: number): void {
    this.#emit(SCALAR_EVENT, line);
    this.isImplicit = true;
  }

  #popState(): void {
    this.#state = this.#states.pop() ?? state.DOCUMENT_START_STATE;
  }

  #documentStart(isFirst: boolean): void {
    const scanner = this.#scanner;
    let next = scanner.peek();
    if (!isFirst) {
      while (next.kind === token.DOCUMENT_END) {
        scanner.skip();
        next = scanner.peek();
      }
    }
    const { kind, line } = next;
    if (kind === token.STREAM_END) {
      this.#emit(STREAM_END_EVENT, line);
      return;
    }
    const isExplicit =
      kind === token.DOCUMENT_START ||
      kind === token.VERSION_DIRECTIVE ||
      kind === token.TAG_DIRECTIVE;
    readDirectives(scanner, this.#tagPrefixes);
    this.#states.push(state.DOCUMENT_END_STATE);
    if (isFirst && !isExplicit) {
      this.#state = state.BLOCK_NODE_STATE;
      this.#emit(DOCUMENT_START_EVENT, line);
      this.headComment = this.#comments?.splitDocumentHead() ?? '';
      return;
    }
    const marker = scanner.peek();
    if (marker.kind !== token.DOCUMENT_START) {
      throw yamlError(marker.line, 'did not find expected <document start>');
    }
    this.#state = state.DOCUMENT_CONTENT_STATE;
    scanner.skip();
    this.#emit(DOCUMENT_START_EVENT, line);
  }

  #documentContent(): void {
    const next = this.#scanner.peek();
    switch (next.kind) {
      case token.VERSION_DIRECTIVE:
      case token.TAG_DIRECTIVE:
      case token.DOCUMENT_START:
      case token.DOCUMENT_END:
      case token.STREAM_END:
        this.#popState();
        this.#emptyScalar(next.line);
        return;
      default:
        this.#node(true, false);
        return;
    }
  }

  #documentEnd(): void {
    const next = this.#scanner.peek();
    if (next.kind === token.DOCUMENT_END) this.#scanner.skip();
    this.#tagPrefixes.clear();
    this.#state = state.DOCUMENT_START_STATE;
    this.#emit(DOCUMENT_END_EVENT, next.line);
    this.#takeComments();
    if (this.headComment !== '' && this.footComment === '') this.footComment = this.headComment;
  }

  #node(isBlock: boolean, mayBeIndentless: boolean): void {
    const scanner = this.#scanner;
    let next = scanner.peek();
    if (next.kind === token.ALIAS) {
      this.#popState();
      this.#emit(ALIAS_EVENT, next.line);
      this.value = next.value;
      this.#takeComments();
      scanner.skip();
      return;
    }
    const { line } = next;
    let anchor = '';
    let tag = '';
    if (next.kind === token.ANCHOR || next.kind === token.TAG) {
      let tagToken: token.Token | undefined;
      const first = next.kind;
      for (let i = 0; i < 2; i++) {
        if (next.kind === token.ANCHOR && (i === 0 || first === token.TAG)) anchor = next.value;
        else if (next.kind === token.TAG && (i === 0 || first === token.ANCHOR)) tagToken = next;
        else break;
        scanner.skip();
        next = scanner.peek();
      }
      if (tagToken !== undefined) tag = longTag(tagToken, line, this.#tagPrefixes);
    }
    if (this.#content(next, isBlock, mayBeIndentless)) {
      if (this.kind === SCALAR_EVENT) {
        this.isImplicit = tag === '' ? next.isPlain : tag === '!';
      }
    } else if (anchor !== '' || tag !== '') {
      this.#popState();
      this.#emit(SCALAR_EVENT, line);
      this.isImplicit = tag === '';
    } else {
      throw this.#error('did not find expected node content', line);
    }
    this.line = line;
    this.anchor = anchor;
    this.tag = tag;
  }

  /** Emits what a node's content starts with. Gives false where there is none. */
  #content(next: token.Token, isBlock: boolean, mayBeIndentless: boolean): boolean {
    switch (next.kind) {
      case token.SCALAR:
        this.#popState();
        this.#emit(SCALAR_EVENT, next.line);
        this.value = next.value;
        this.style = next.style;
        this.#takeComments();
        this.#scanner.skip();
        return true;
      case token.BLOCK_ENTRY:
        if (!mayBeIndentless) return false;
        this.#state = state.INDENTLESS_ENTRY_STATE;
        this.#emit(SEQUENCE_START_EVENT, next.line);
        return true;
      case token.FLOW_SEQUENCE_START:
        this.#state = state.FLOW_FIRST_ENTRY_STATE;
        this.#emit(SEQUENCE_START_EVENT, next.line);
        this.isFlow = true;
        this.#takeComments();
        return true;
      case token.FLOW_MAPPING_START:
        this.#state = state.FLOW_FIRST_KEY_STATE;
        this.#emit(MAPPING_START_EVENT, next.line);
        this.isFlow = true;
        this.#takeComments();
        return true;
      case token.BLOCK_SEQUENCE_START:
        if (!isBlock) return false;
        this.#enterBlock(state.BLOCK_ENTRY_STATE, next.line);
        this.#emit(SEQUENCE_START_EVENT, next.line);
        this.headComment = this.#comments?.takeStem() ?? '';
        return true;
      case token.BLOCK_MAPPING_START:
        if (!isBlock) return false;
        this.#enterBlock(state.BLOCK_KEY_STATE, next.line);
        this.#emit(MAPPING_START_EVENT, next.line);
        this.headComment = this.#comments?.takeStem() ?? '';
        return true;
      default:
        return false;
    }
  }

  #enterBlock(next: number, line: number): void {
    this.#lines.push(line);
    this.#scanner.skip();
    this.#state = next;
  }

  /** Parses a node, to go on with `after`. */
  #nodeThen(after: number, isBlock: boolean, mayBeIndentless: boolean): void {
    this.#states.push(after);
    this.#node(isBlock, mayBeIndentless);
  }

  #emptyScalarThen(after: number, line: number): void {
    this.#state = after;
    this.#emptyScalar(line);
  }

  #endCollection(kind: number): void {
    this.#popState();
    this.#lines.pop();
    const next = this.#scanner.peek();
    this.#emit(kind, next.line);
    const isBlockSequence = kind === SEQUENCE_END_EVENT && next.kind === token.BLOCK_END;
    if (!isBlockSequence) this.#takeComments();
    this.#scanner.skip();
  }

  #unexpected(problem: string): Error {
    return this.#error(problem, this.#lines.at(-1) ?? 0);
  }

  /** go-yaml v3 names the line where what is wrong began. */
  #error(problem: string, startLine: number): Error {
    const lines = [this.#scanner.peek().line, startLine];
    if (this.#comments !== undefined) lines.reverse();
    return yamlError(lines.find((line) => line !== 0) ?? 0, problem);
  }

  #blockEntry(): void {
    const scanner = this.#scanner;
    const { kind, line } = scanner.peek();
    if (kind === token.BLOCK_END) {
      this.#endCollection(SEQUENCE_END_EVENT);
      return;
    }
    if (kind !== token.BLOCK_ENTRY) throw this.#unexpected("did not find expected '-' indicator");
    this.#skipDash();
    const next = scanner.peek().kind;
    if (next !== token.BLOCK_ENTRY && next !== token.BLOCK_END) {
      this.#nodeThen(state.BLOCK_ENTRY_STATE, true, false);
      return;
    }
    this.#emptyScalarThen(state.BLOCK_ENTRY_STATE, line);
  }

  #skipDash(): void {
    const length = this.#comments?.head.length ?? 0;
    this.#scanner.skip();
    if (length > 0) this.#comments?.splitStem(length, this.#scanner.peek());
  }

  #indentlessEntry(): void {
    const scanner = this.#scanner;
    const { kind, line } = scanner.peek();
    if (kind !== token.BLOCK_ENTRY) {
      this.#popState();
      this.#emit(SEQUENCE_END_EVENT, line);
      return;
    }
    this.#skipDash();
    const next = scanner.peek().kind;
    if (next !== token.BLOCK_ENTRY && !state.isKeyOrEnd(next)) {
      this.#nodeThen(state.INDENTLESS_ENTRY_STATE, true, false);
      return;
    }
    this.#emptyScalarThen(state.INDENTLESS_ENTRY_STATE, line);
  }

  #blockKey(): void {
    const scanner = this.#scanner;
    const { kind, line } = scanner.peek();
    if (kind === token.BLOCK_END) {
      this.#endCollection(MAPPING_END_EVENT);
      return;
    }
    if (kind !== token.KEY) throw this.#unexpected('did not find expected key');
    scanner.skip();
    if (!state.isKeyOrEnd(scanner.peek().kind)) {
      this.#nodeThen(state.BLOCK_VALUE_STATE, true, true);
      return;
    }
    this.#emptyScalarThen(state.BLOCK_VALUE_STATE, line);
  }

  #blockValue(): void {
    const scanner = this.#scanner;
    const { kind, line } = scanner.peek();
    if (kind === token.VALUE) {
      scanner.skip();
      if (!state.isKeyOrEnd(scanner.peek().kind)) {
        this.#nodeThen(state.BLOCK_KEY_STATE, true, true);
        return;
      }
    }
    this.#emptyScalarThen(state.BLOCK_KEY_STATE, line);
  }

  /** Enters a flow collection, or passes the comma before its next entry. */
  #separator(isFirst: boolean, end: number, problem: string): void {
    const scanner = this.#scanner;
    if (isFirst) {
      this.#lines.push(scanner.peek().line);
      scanner.skip();
      return;
    }
    const { kind } = scanner.peek();
    if (kind === end) return;
    if (kind !== token.FLOW_ENTRY) throw this.#unexpected(problem);
    scanner.skip();
  }

  #flowEntry(isFirst: boolean): void {
    const scanner = this.#scanner;
    this.#separator(isFirst, token.FLOW_SEQUENCE_END, "did not find expected ',' or ']'");
    const { kind, line } = scanner.peek();
    if (kind === token.FLOW_SEQUENCE_END) {
      this.#endCollection(SEQUENCE_END_EVENT);
      return;
    }
    if (kind !== token.KEY) {
      this.#nodeThen(state.FLOW_ENTRY_STATE, false, false);
      return;
    }
    this.#state = state.FLOW_PAIR_KEY_STATE;
    scanner.skip();
    this.#emit(MAPPING_START_EVENT, line);
    this.isFlow = true;
  }

  #flowPairKey(): void {
    const { kind, line } = this.#scanner.peek();
    if (kind !== token.VALUE && kind !== token.FLOW_ENTRY && kind !== token.FLOW_SEQUENCE_END) {
      this.#nodeThen(state.FLOW_PAIR_VALUE_STATE, false, false);
      return;
    }
    // go-yaml takes the token away with the empty key: `[? : x]` loses its colon.
    this.#scanner.skip();
    this.#emptyScalarThen(state.FLOW_PAIR_VALUE_STATE, line);
  }

  #flowPairValue(): void {
    const scanner = this.#scanner;
    const { kind, line } = scanner.peek();
    if (kind === token.VALUE) {
      scanner.skip();
      const next = scanner.peek().kind;
      if (next !== token.FLOW_ENTRY && next !== token.FLOW_SEQUENCE_END) {
        this.#nodeThen(state.FLOW_PAIR_END_STATE, false, false);
        return;
      }
    }
    this.#emptyScalarThen(state.FLOW_PAIR_END_STATE, line);
  }

  #flowKey(isFirst: boolean): void {
    const scanner = this.#scanner;
    this.#separator(isFirst, token.FLOW_MAPPING_END, "did not find expected ',' or '}'");
    const { kind } = scanner.peek();
    if (kind === token.FLOW_MAPPING_END) {
      this.#endCollection(MAPPING_END_EVENT);
      return;
    }
    if (kind !== token.KEY) {
      this.#nodeThen(state.FLOW_EMPTY_VALUE_STATE, false, false);
      return;
    }
    scanner.skip();
    const next = scanner.peek();
    if (!state.isFlowKeyEnd(next.kind)) {
      this.#nodeThen(state.FLOW_VALUE_STATE, false, false);
      return;
    }
    this.#emptyScalarThen(state.FLOW_VALUE_STATE, next.line);
  }

  #flowValue(isEmpty: boolean): void {
    const scanner = this.#scanner;
    let next = scanner.peek();
    if (!isEmpty && next.kind === token.VALUE) {
      scanner.skip();
      next = scanner.peek();
      if (next.kind !== token.FLOW_ENTRY && next.kind !== token.FLOW_MAPPING_END) {
        this.#nodeThen(state.FLOW_KEY_STATE, false, false);
        return;
      }
    }
    this.#emptyScalarThen(state.FLOW_KEY_STATE, next.line);
  }
}
