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
import { CLASS, INDICATOR } from './chars.ts';
import type { YamlOptions } from './decode.ts';
import { floatValue, integerValue, type YamlNumbers } from './number-value.ts';
import { resolvePlain } from './resolve.ts';

/** Tabs, other breaks than LF, byte order marks, surrogates, what libyaml does not read. */
const UNUSUAL_CHARACTER = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
/** Well below the depth at which the long way refuses. */
const MAX_DEPTH = 200;
/** Well below the length at which a key is none any more. */
const MAX_KEY_LENGTH = 900;

const LF = 0x0a;
const SPACE = 0x20;
const DOUBLE = 0x22;
const HASH = 0x23;
const SINGLE = 0x27;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LIST_START = 0x5b;
const LIST_END = 0x5d;
const MAP_START = 0x7b;
const LITERAL = 0x7c;
const MAP_END = 0x7d;

class Unusual extends Error {}

/** Thrown often: it has no stack of its own. */
const UNUSUAL = new Unusual('not in the plain part of YAML');

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

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [DOUBLE, '"'],
  [BACKSLASH, '\\'],
  [0x6e, '\n'],
  [0x74, '\t'],
]);

class PlainReader {
  readonly #text: string;
  readonly #end: number;
  readonly #numbers: YamlNumbers;
  readonly #isStrict: boolean;
  #pos = 0;
  #lineStart = 0;
  #depth = 0;
  /** Column of the content at `#pos`; -1 at the end of the text. */
  #column = -1;

  constructor(text: string, { numbers = 'float64', strict = false }: YamlOptions) {
    this.#text = text;
    this.#end = text.length;
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

  #at(pos: number): number {
    return pos < this.#end ? this.#text.charCodeAt(pos) : LF;
  }

  /** Goes to the next line with content; `#pos` stands behind a line's content, its comment not yet passed, or at the start. */
  #nextContent(): void {
    const text = this.#text;
    let pos = this.#pos;
    for (;;) {
      while (text.charCodeAt(pos) === SPACE) pos++;
      if (pos >= this.#end) {
        this.#pos = pos;
        this.#column = -1;
        return;
      }
      const code = text.charCodeAt(pos);
      if (code === HASH) {
        if (pos > 0 && text.charCodeAt(pos - 1) !== SPACE && pos !== this.#lineStart) throw UNUSUAL;
        const found = text.indexOf('\n', pos);
        pos = found < 0 ? this.#end : found;
        continue;
      }
      if (code !== LF) break;
      pos++;
      this.#lineStart = pos;
    }
    this.#pos = pos;
    this.#column = pos - this.#lineStart;
  }

  /** Whether nothing but blanks and a comment is left on the line; goes on to the next content then. */
  #endsLine(): boolean {
    const text = this.#text;
    let pos = this.#pos;
    while (text.charCodeAt(pos) === SPACE) pos++;
    const code = this.#at(pos);
    if (code !== LF && (code !== HASH || pos === this.#pos)) return false;
    this.#nextContent();
    return true;
  }

  /** A mapping or list whose first line stands at `#pos`. */
  #block(column: number): Value {
    if (++this.#depth > MAX_DEPTH) throw UNUSUAL;
    const code = this.#at(this.#pos);
    const isList = code === MINUS && this.#isBlankAfter(this.#pos);
    const value = isList ? this.#list(column) : this.#mapping(column, this.#keyEnd());
    this.#depth--;
    return value;
  }

  #isBlankAfter(pos: number): boolean {
    const next = this.#at(pos + 1);
    return next === SPACE || next === LF;
  }

  #list(column: number): Value[] {
    const items: Value[] = [];
    while (this.#column === column && this.#at(this.#pos) === MINUS) {
      if (!this.#isBlankAfter(this.#pos)) throw UNUSUAL;
      this.#pos++;
      items.push(this.#item(column));
    }
    if (this.#column > column) throw UNUSUAL;
    return items;
  }

  #item(column: number): Value {
    if (this.#endsLine()) return this.#column > column ? this.#below(column) : null;
    while (this.#at(this.#pos) === SPACE) this.#pos++;
    const code = this.#at(this.#pos);
    const inner = this.#pos - this.#lineStart;
    if (code === MINUS && this.#isBlankAfter(this.#pos)) return this.#inner(inner);
    if (code === LIST_START || code === MAP_START || code === LITERAL) return this.#value(column);
    if (this.#findKeyEnd() < 0) return this.#value(column);
    return this.#inner(inner);
  }

  /** A collection that begins on the line of its list's dash. */
  #inner(column: number): Value {
    this.#column = column;
    return this.#block(column);
  }

  #mapping(column: number, firstKeyEnd: number): ValueMap {
    const map: ValueMap = new Map();
    let keyEnd = firstKeyEnd;
    for (;;) {
      const key = this.#key(keyEnd);
      if (this.#isStrict && map.has(key)) throw UNUSUAL;
      this.#pos = keyEnd + 1;
      map.set(key, this.#member(column));
      if (this.#column !== column) break;
      keyEnd = this.#keyEnd();
    }
    if (this.#column > column) throw UNUSUAL;
    return map;
  }

  /** What stands behind `key:`. */
  #member(column: number): Value {
    if (!this.#endsLine()) {
      while (this.#at(this.#pos) === SPACE) this.#pos++;
      return this.#value(column);
    }
    if (this.#column > column) return this.#below(column);
    const isList =
      this.#column === column &&
      this.#at(this.#pos) === MINUS &&
      this.#isBlankAfter(this.#pos);
    return isList ? this.#listBesideKey(column) : null;
  }

  /** A node on lines of its own, deeper than the collection it belongs to. */
  #below(parent: number): Value {
    const code = this.#at(this.#pos);
    const isDash = code === MINUS && this.#isBlankAfter(this.#pos);
    if (isDash) return this.#block(this.#column);
    const isValue = code === LIST_START || code === MAP_START || this.#findKeyEnd() < 0;
    return isValue ? this.#value(parent) : this.#block(this.#column);
  }

  /** A list that is no deeper than the key it belongs to. */
  #listBesideKey(column: number): Value {
    if (++this.#depth > MAX_DEPTH) throw UNUSUAL;
    const items = this.#list(column);
    this.#depth--;
    return items;
  }

  /** Position of the colon behind the key at `#pos`. */
  #keyEnd(): number {
    const end = this.#findKeyEnd();
    if (end < 0) throw UNUSUAL;
    return end;
  }

  /** As `#keyEnd`; -1 where the line holds no key. */
  #findKeyEnd(): number {
    const text = this.#text;
    const from = this.#pos;
    const first = this.#at(from);
    let pos = from;
    if (first === DOUBLE || first === SINGLE) {
      pos = this.#closingQuote(from) + 1;
      // Whatever goes over lines is no key.
      if (this.#text.lastIndexOf('\n', pos) > from) return -1;
      return this.#at(pos) === COLON && this.#isBlankAfter(pos) ? pos : -1;
    }
    for (; pos < this.#end; pos++) {
      const code = text.charCodeAt(pos);
      if (code === LF) return -1;
      if (code === COLON && this.#isBlankAfter(pos)) return pos;
      if (code === HASH && pos > from && text.charCodeAt(pos - 1) === SPACE) return -1;
    }
    return -1;
  }

  #key(end: number): string {
    const from = this.#pos;
    if (end - from > MAX_KEY_LENGTH) throw UNUSUAL;
    const first = this.#at(from);
    if (first === DOUBLE || first === SINGLE) return this.#unquoted(from, end - 1);
    this.#mustStartPlain(from);
    let last = end;
    while (this.#text.charCodeAt(last - 1) === SPACE) last--;
    const key = this.#text.slice(from, last);
    if (key === '<<' || resolvePlain(key) !== undefined) throw UNUSUAL;
    return key;
  }

  #mustStartPlain(pos: number): void {
    const code = this.#at(pos);
    // Three dots may end a document, three dashes begin one.
    if (code === DOT && this.#text.startsWith('...', pos)) throw UNUSUAL;
    if (code >= 128 || ((CLASS[code] ?? 0) & INDICATOR) === 0) return;
    const mayStart = code === MINUS || code === COLON || code === 0x3f;
    if (!mayStart || this.#isBlankAfter(pos)) throw UNUSUAL;
    if (code === MINUS && this.#text.startsWith('---', pos)) throw UNUSUAL;
  }

  /** A value that begins on the line of its key or dash and ends on it, but for literals. Goes on to the next content. */
  #value(parent: number): Value {
    const value = this.#inlineValue(parent);
    if (this.#column > parent) throw UNUSUAL;
    return value;
  }

  #inlineValue(parent: number): Value {
    const from = this.#pos;
    const code = this.#at(from);
    if (code === LITERAL) return this.#literal(parent);
    if (code === DOUBLE || code === SINGLE) {
      const end = this.#closingQuote(from);
      const text = this.#unquoted(from, end);
      this.#pos = end + 1;
      this.#lineStart = this.#text.lastIndexOf('\n', end) + 1;
      if (!this.#endsLine()) throw UNUSUAL;
      return text;
    }
    if (code === LIST_START || code === MAP_START) {
      const value = this.#flow();
      if (!this.#endsLine()) throw UNUSUAL;
      return value;
    }
    return this.#plain(from, parent);
  }

  #plain(from: number, parent: number): Value {
    this.#mustStartPlain(from);
    let value = this.#plainLine(from);
    for (;;) {
      const line = this.#pos;
      const hasComment = this.#at(line) === HASH;
      this.#nextContent();
      if (hasComment || this.#column <= parent) return this.#scalar(value);
      const breaks = countBreaks(this.#text, line, this.#pos);
      // A comment between the lines ends the scalar, and what follows is wrong.
      if (breaks < 0) throw UNUSUAL;
      value += (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)) + this.#plainLine(this.#pos);
    }
  }

  /** The part of a plain scalar that stands on this line; `#pos` is at the line's end or comment then. */
  #plainLine(from: number): string {
    const text = this.#text;
    const found = text.indexOf('\n', from);
    let end = found < 0 ? this.#end : found;
    for (let pos = from; pos < end; pos++) {
      const code = text.charCodeAt(pos);
      if (code === COLON && this.#isBlankAfter(pos)) throw UNUSUAL;
      if (code === HASH && text.charCodeAt(pos - 1) === SPACE) {
        end = pos;
        break;
      }
    }
    this.#pos = end;
    while (text.charCodeAt(end - 1) === SPACE) end--;
    return text.slice(from, end);
  }

  #scalar(text: string): Value {
    const resolved = resolvePlain(text);
    if (resolved === undefined) return text;
    const { kind, value } = resolved;
    if (kind === 'int') return integerValue(value as number | bigint, this.#numbers);
    if (kind !== 'float') return value as null | boolean;
    if (!Number.isFinite(value)) throw UNUSUAL;
    return floatValue(value as number, this.#numbers);
  }

  /** Position of the quote that ends the scalar whose first quote is at `from`. */
  #closingQuote(from: number): number {
    const text = this.#text;
    const quote = text.charCodeAt(from);
    for (let pos = from + 1; pos < this.#end; pos++) {
      const code = text.charCodeAt(pos);
      if (code === LF && isDocumentMark(text, pos + 1)) break;
      if (code === BACKSLASH && quote === DOUBLE) {
        pos++;
        continue;
      }
      if (code !== quote) continue;
      if (quote === DOUBLE || text.charCodeAt(pos + 1) !== SINGLE) return pos;
      pos++;
    }
    throw UNUSUAL;
  }

  #unquoted(from: number, end: number): string {
    const raw = this.#text.slice(from + 1, end);
    const text = raw.includes('\n') ? folded(raw) : raw;
    if (this.#text.charCodeAt(from) === SINGLE) {
      return text.includes("'") ? text.replaceAll("''", "'") : text;
    }
    return text.includes('\\') ? unescaped(text) : text;
  }

  /** A `|` block; its header is `|`, `|-` or `|+` alone. */
  #literal(parent: number): string {
    const text = this.#text;
    let pos = this.#pos + 1;
    const mark = text.charCodeAt(pos);
    if (mark === MINUS || mark === PLUS) pos++;
    if (text.charCodeAt(pos) !== LF) throw UNUSUAL;
    const first = contentStart(text, pos + 1);
    const indent = first - (text.lastIndexOf('\n', first - 1) + 1);
    if (first >= this.#end || indent <= parent) throw UNUSUAL;
    let value = '';
    /** Breaks since the last line with content. */
    let breaks = 0;
    let lineStart = pos + 1;
    while (lineStart < this.#end) {
      const found = text.indexOf('\n', lineStart);
      const lineEnd = found < 0 ? this.#end : found;
      const depth = depthOf(text, lineStart, lineEnd);
      const isBlank = lineStart + depth === lineEnd;
      if (isBlank && depth > indent && value === '') throw UNUSUAL;
      if (!isBlank && depth < indent) break;
      if (!isBlank || depth > indent) {
        value += `${'\n'.repeat(breaks)}${text.slice(lineStart + indent, lineEnd)}`;
        breaks = 0;
      }
      if (found < 0) {
        lineStart = this.#end;
        break;
      }
      breaks++;
      lineStart = lineEnd + 1;
    }
    this.#pos = lineStart;
    this.#lineStart = lineStart;
    this.#nextContent();
    if (mark === MINUS) return value;
    return value + '\n'.repeat(mark === PLUS ? breaks : Math.min(breaks, 1));
  }

  /** A flow collection of one line; `#pos` is behind it then. */
  #flow(): Value {
    if (++this.#depth > MAX_DEPTH) throw UNUSUAL;
    const isList = this.#at(this.#pos) === LIST_START;
    const end = isList ? LIST_END : MAP_END;
    const items: Value[] = [];
    const map: ValueMap = new Map();
    this.#pos++;
    this.#skipSpaces();
    for (let isFirst = true; this.#at(this.#pos) !== end; isFirst = false) {
      if (!isFirst) this.#passComma();
      if (isList) items.push(this.#flowValue());
      else this.#flowMember(map);
      this.#skipSpaces();
    }
    this.#pos++;
    this.#depth--;
    return isList ? items : map;
  }

  #skipSpaces(): void {
    while (this.#text.charCodeAt(this.#pos) === SPACE) this.#pos++;
  }

  #passComma(): void {
    if (this.#at(this.#pos) !== COMMA) throw UNUSUAL;
    this.#pos++;
    this.#skipSpaces();
  }

  #flowMember(map: ValueMap): void {
    const key = this.#flowValue();
    if (typeof key !== 'string' || key === '<<') throw UNUSUAL;
    if (this.#at(this.#pos) !== COLON || this.#at(this.#pos + 1) !== SPACE) throw UNUSUAL;
    if (this.#isStrict && map.has(key)) throw UNUSUAL;
    this.#pos++;
    this.#skipSpaces();
    map.set(key, this.#flowValue());
  }

  #flowValue(): Value {
    const from = this.#pos;
    const code = this.#at(from);
    if (code === LIST_START || code === MAP_START) return this.#flow();
    if (code === DOUBLE || code === SINGLE) {
      const end = this.#closingQuote(from);
      const isOneLine = this.#text.lastIndexOf('\n', end) < from;
      if (!isOneLine || end - from > MAX_KEY_LENGTH) throw UNUSUAL;
      this.#pos = end + 1;
      return this.#unquoted(from, end);
    }
    FLOW_WORD.lastIndex = from;
    const word = FLOW_WORD.exec(this.#text)?.[0] ?? '';
    if (word === '' || word.length > MAX_KEY_LENGTH) throw UNUSUAL;
    this.#pos = from + word.length;
    return this.#scalar(word);
  }
}

/** Scalars without quotes that mean no more than themselves inside a flow collection. */
const FLOW_WORD = /[A-Za-z0-9_./$(][A-Za-z0-9_./$()=@+-]*/y;

/** The first character that is no blank and no break. */
function contentStart(text: string, from: number): number {
  let pos = from;
  while (text.charCodeAt(pos) === SPACE || text.charCodeAt(pos) === LF) pos++;
  return pos;
}

/** Spaces at the start of a line. */
function depthOf(text: string, start: number, end: number): number {
  let pos = start;
  while (pos < end && text.charCodeAt(pos) === SPACE) pos++;
  return pos - start;
}

/** Breaks between two places; -1 where anything but blanks stands between them. */
function countBreaks(text: string, from: number, to: number): number {
  let breaks = 0;
  for (let pos = from; pos < to; pos++) {
    const code = text.charCodeAt(pos);
    if (code === LF) breaks++;
    else if (code !== SPACE) return -1;
  }
  return breaks;
}

function isDocumentMark(text: string, lineStart: number): boolean {
  return text.startsWith('---', lineStart) || text.startsWith('...', lineStart);
}

const BREAKS = / *\n[ \n]*/g;

/** A quoted text of several lines as one: a break is a space, more lose the first. */
function folded(text: string): string {
  return text.replaceAll(BREAKS, (gap) => {
    const breaks = countBreaks(gap, 0, gap.length);
    return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
  });
}

function unescaped(text: string): string {
  let out = '';
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    const escape = ESCAPES.get(text.charCodeAt(at + 1));
    if (escape === undefined) throw UNUSUAL;
    out += text.slice(from, at) + escape;
    from = at + 2;
  }
  return out + text.slice(from);
}
