// SPDX-License-Identifier: Apache-2.0

/**
 * The YAML that charts and `toYaml` write, read in one pass: block mappings and lists, scalars with and without quotes, literal blocks,
 * comments, flow collections of one line.
 *
 * Everything else is *unusual*: the reader gives up, and the whole text goes the long way (scanner, parser, composer, decoder), which
 * also words all errors. So this reader must only be sure of what it takes, never complete.
 * Source: as the long way; what both read must be equal (plain-reader.test.ts, the corpus, the fuzz suite `yaml`)
 */

import type { Value, ValueMap } from '../value/value.ts';
import type { YamlOptions } from './decode.ts';
import type { YamlNumbers } from './number-value.ts';
import {
  COLON,
  checkUnquoted,
  closingQuote,
  codeAt,
  countBreaks,
  endWithoutBlanks,
  foldedBreaks,
  HASH,
  isDash,
  isQuote,
  keyEndOf,
  LF,
  lastBreak,
  lineEndOf,
  mustStartPlain,
  plainLineEnd,
  plainValue,
  readLiteral,
  SPACE,
  UNUSUAL,
  Unusual,
  unquoted,
  withoutBlanks,
} from './plain-scalars.ts';
import { isSurelyText, resolvePlain } from './resolve.ts';

/** Tabs, other breaks than LF, byte order marks, surrogates, what libyaml does not read. */
const UNUSUAL_CHARACTER = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
/** Well below the depth at which the long way refuses. */
const MAX_DEPTH = 200;
/** Well below the length at which a key is none any more. */
const MAX_KEY_LENGTH = 900;
/** Scalars without quotes that mean no more than themselves inside a flow collection. */
const FLOW_WORD = /[A-Za-z0-9_./$(][A-Za-z0-9_./$()=@+-]*/y;

const COMMA = 0x2c;
const LIST_START = 0x5b;
const LIST_END = 0x5d;
const MAP_START = 0x7b;
const LESS = 0x3c;
const LITERAL = 0x7c;
const MAP_END = 0x7d;

/** The one document of a text; `undefined`: it is unusual, or wrong. */
export function readPlain(text: string, options: YamlOptions): Value | undefined {
  if (UNUSUAL_CHARACTER.test(text)) return undefined;
  try {
    return new PlainReader(text, options).document();
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

/** In the place of every map and text that is skipped. */
const NOTHING: ValueMap = new Map();
const SOME_TEXT = 'text';

class PlainReader {
  readonly #text: string;
  readonly #numbers: YamlNumbers;
  readonly #isStrict: boolean;
  readonly #isWanted: YamlOptions['isWanted'];
  /** Inside a member that nobody wants: it is read, but nothing is made of it. */
  #isSkipped = false;
  #pos = 0;
  #lineStart = 0;
  #depth = 0;
  /** Column of the content at `#pos`; -1 at the end of the text. */
  #column = -1;

  constructor(text: string, { numbers = 'float64', strict = false, isWanted }: YamlOptions) {
    this.#text = text;
    this.#isWanted = isWanted;
    this.#numbers = numbers;
    this.#isStrict = strict;
  }

  document(): Value {
    this.#nextContent();
    if (this.#column < 0) return null;
    if (this.#text.startsWith('---\n', this.#pos)) {
      if (this.#column !== 0) throw UNUSUAL;
      this.#pos += 3;
      this.#nextContent();
      if (this.#column < 0) throw UNUSUAL;
    }
    const value = this.#block(this.#column);
    if (this.#column >= 0) throw UNUSUAL;
    return value;
  }

  get #code(): number {
    return codeAt(this.#text, this.#pos);
  }

  #skipBlanks(): void {
    while (this.#text.charCodeAt(this.#pos) === SPACE) this.#pos++;
  }

  /** Goes to the next line with content; `#pos` stands behind a line's content, its comment not yet passed, or at the start. */
  #nextContent(): void {
    const text = this.#text;
    let pos = this.#pos;
    for (;;) {
      while (text.charCodeAt(pos) === SPACE) pos++;
      const code = pos < text.length ? text.charCodeAt(pos) : 0;
      if (code === HASH) {
        if (pos !== this.#lineStart && text.charCodeAt(pos - 1) !== SPACE) throw UNUSUAL;
        pos = lineEndOf(text, pos);
      } else if (code === LF) {
        pos++;
        this.#lineStart = pos;
      } else {
        this.#pos = pos;
        this.#column = code === 0 ? -1 : pos - this.#lineStart;
        return;
      }
    }
  }

  /** Whether nothing but blanks and a comment is left on the line; goes on to the next content then. */
  #endsLine(): boolean {
    const text = this.#text;
    let pos = this.#pos;
    while (text.charCodeAt(pos) === SPACE) pos++;
    const code = codeAt(text, pos);
    if (code !== LF && (code !== HASH || pos === this.#pos)) return false;
    this.#nextContent();
    return true;
  }

  /** A mapping or list whose first line stands at `#pos`. */
  #block(column: number): Value {
    if (isDash(this.#text, this.#pos)) return this.#list(column);
    return this.#mapping(column, keyEndOf(this.#text, this.#pos));
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) throw UNUSUAL;
  }

  #list(column: number): Value[] {
    this.#enter();
    const items: Value[] = [];
    while (this.#column === column && isDash(this.#text, this.#pos)) {
      this.#pos++;
      const item = this.#item(column);
      if (!this.#isSkipped) items.push(item);
    }
    if (this.#column > column) throw UNUSUAL;
    this.#depth--;
    return items;
  }

  #item(column: number): Value {
    if (this.#endsLine()) return this.#column > column ? this.#below(column) : null;
    this.#skipBlanks();
    this.#column = this.#pos - this.#lineStart;
    return this.#code === LITERAL ? this.#value(column) : this.#below(column);
  }

  /** A node deeper than the collection it belongs to, on lines of its own or behind a dash. */
  #below(parent: number): Value {
    const code = this.#code;
    if (isDash(this.#text, this.#pos)) return this.#list(this.#column);
    if (code === LIST_START || code === MAP_START) return this.#value(parent);
    const keyEnd = keyEndOf(this.#text, this.#pos);
    return keyEnd < 0 ? this.#value(parent) : this.#mapping(this.#column, keyEnd);
  }

  #mapping(column: number, firstKeyEnd: number): ValueMap {
    this.#enter();
    const isSkipped = this.#isSkipped;
    const map: ValueMap = isSkipped ? NOTHING : new Map();
    const mayEndHere = this.#isWanted !== undefined && this.#depth === 1;
    let keyEnd = firstKeyEnd;
    for (;;) {
      const key = isSkipped ? this.#skippedKey(keyEnd) : this.#key(keyEnd);
      if (this.#isStrict && map.has(key)) throw UNUSUAL;
      this.#pos = keyEnd + 1;
      if (mayEndHere) this.#isSkipped = this.#isWanted?.(key) === false;
      const value = this.#member(column);
      if (!this.#isSkipped) map.set(key, value);
      this.#isSkipped = isSkipped;
      if (this.#column !== column) break;
      keyEnd = keyEndOf(this.#text, this.#pos);
    }
    if (this.#column > column) throw UNUSUAL;
    this.#depth--;
    return map;
  }

  /** What stands behind `key:`. */
  #member(column: number): Value {
    if (!this.#endsLine()) {
      this.#skipBlanks();
      return this.#value(column);
    }
    if (this.#column > column) return this.#below(column);
    // A list may be no deeper than the key it belongs to.
    const isList = this.#column === column && isDash(this.#text, this.#pos);
    return isList ? this.#list(column) : null;
  }

  #key(end: number): string {
    const from = this.#pos;
    if (end < 0 || end - from > MAX_KEY_LENGTH) throw UNUSUAL;
    if (isQuote(this.#code)) return unquoted(this.#text, from, end - 1);
    mustStartPlain(this.#text, from);
    const key = withoutBlanks(this.#text, from, end);
    if (key === '<<' || resolvePlain(key) !== undefined) throw UNUSUAL;
    return key;
  }

  /** Makes sure that a key is one, and makes no text of it. */
  #skippedKey(end: number): string {
    const from = this.#pos;
    const length = endWithoutBlanks(this.#text, end) - from;
    const isPlain = end > from && length < MAX_KEY_LENGTH && !isQuote(this.#code);
    if (!isPlain || !isSurelyText(this.#code, length) || this.#code === LESS) return this.#key(end);
    mustStartPlain(this.#text, from);
    return '';
  }

  /** A value that is no block collection. Goes on to the next content. */
  #value(parent: number): Value {
    const value = this.#inlineValue(parent);
    if (this.#column > parent) throw UNUSUAL;
    return value;
  }

  #inlineValue(parent: number): Value {
    const code = this.#code;
    if (code === LITERAL) return this.#literal(parent);
    const isFlow = code === LIST_START || code === MAP_START;
    if (!isFlow && !isQuote(code)) return this.#plain(parent);
    const value = isFlow ? this.#flow() : this.#quoted();
    if (!this.#endsLine()) throw UNUSUAL;
    return value;
  }

  #quoted(): string {
    const from = this.#pos;
    const end = closingQuote(this.#text, from);
    this.#pos = end + 1;
    const lastLine = lastBreak(this.#text, from, end);
    if (lastLine >= 0) this.#lineStart = lastLine + 1;
    if (!this.#isSkipped) return unquoted(this.#text, from, end);
    checkUnquoted(this.#text, from, end);
    return '';
  }

  #literal(parent: number): string {
    const isWanted = !this.#isSkipped;
    const { value, next } = readLiteral(this.#text, this.#pos, { parent, isWanted });
    this.#pos = next;
    this.#lineStart = next;
    this.#nextContent();
    return value;
  }

  #plain(parent: number): Value {
    mustStartPlain(this.#text, this.#pos);
    let value = this.#plainLine();
    for (;;) {
      const line = this.#pos;
      const hasComment = this.#code === HASH;
      this.#nextContent();
      if (hasComment || this.#column <= parent) return plainValue(value, this.#numbers);
      const breaks = countBreaks(this.#text, line, this.#pos);
      // A comment between the lines ends the scalar, and what follows is wrong.
      if (breaks < 0) throw UNUSUAL;
      value += foldedBreaks(breaks) + this.#plainLine();
    }
  }

  /** The part of a plain scalar that stands on this line. */
  #plainLine(): string {
    const text = this.#text;
    const from = this.#pos;
    this.#pos = plainLineEnd(text, from);
    const end = endWithoutBlanks(text, this.#pos);
    const isText = this.#isSkipped && isSurelyText(text.charCodeAt(from), end - from);
    return isText ? SOME_TEXT : text.slice(from, end);
  }

  /** A flow collection of one line; `#pos` is behind it then. */
  #flow(): Value {
    this.#enter();
    const isList = this.#code === LIST_START;
    const end = isList ? LIST_END : MAP_END;
    const items: Value[] = [];
    const map: ValueMap = new Map();
    this.#pos++;
    this.#skipBlanks();
    for (let isFirst = true; this.#code !== end; isFirst = false) {
      if (!isFirst) this.#passComma();
      if (isList) items.push(this.#flowValue());
      else this.#flowMember(map);
      this.#skipBlanks();
    }
    this.#pos++;
    this.#depth--;
    return isList ? items : map;
  }

  #passComma(): void {
    if (this.#code !== COMMA) throw UNUSUAL;
    this.#pos++;
    this.#skipBlanks();
  }

  #flowMember(map: ValueMap): void {
    const key = this.#flowValue();
    if (typeof key !== 'string') throw UNUSUAL;
    if (this.#code !== COLON || codeAt(this.#text, this.#pos + 1) !== SPACE) throw UNUSUAL;
    if (this.#isStrict && map.has(key)) throw UNUSUAL;
    this.#pos++;
    this.#skipBlanks();
    map.set(key, this.#flowValue());
  }

  #flowValue(): Value {
    const from = this.#pos;
    const code = this.#code;
    if (code === LIST_START || code === MAP_START) return this.#flow();
    if (isQuote(code)) return this.#flowQuoted();
    FLOW_WORD.lastIndex = from;
    const word = FLOW_WORD.exec(this.#text)?.[0] ?? '';
    if (word === '' || word.length > MAX_KEY_LENGTH) throw UNUSUAL;
    this.#pos = from + word.length;
    return plainValue(word, this.#numbers);
  }

  #flowQuoted(): string {
    const from = this.#pos;
    const end = closingQuote(this.#text, from);
    if (lastBreak(this.#text, from, end) >= 0 || end - from > MAX_KEY_LENGTH) throw UNUSUAL;
    this.#pos = end + 1;
    return unquoted(this.#text, from, end);
  }
}
