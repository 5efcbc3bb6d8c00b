// SPDX-License-Identifier: Apache-2.0

import { byteLength, int, isYoungerThanGo, quote, sprintf } from '@helm-operator/gocompat';

/**
 * Cuts the text of a template into items.
 *
 * Source: Go 1.26 text/template/parse/lex.go. Differs: pulls items by need, one branch per first character;
 * positions are UTF-16 indexes and become byte columns only where an error is printed.
 */

const KEYWORDS = [
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
] as const;

/** A word that is never a function name. */
export type Keyword = (typeof KEYWORDS)[number];

export type ItemKind =
  | Keyword
  | 'dot'
  | 'error'
  | 'eof'
  | 'bool'
  | 'char'
  | 'char-constant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'field'
  | 'identifier'
  | 'left-delim'
  | 'left-paren'
  | 'number'
  | 'pipe'
  | 'raw-string'
  | 'right-delim'
  | 'right-paren'
  | 'space'
  | 'string'
  | 'text'
  | 'variable';

/** One token. `line` counts from 1 and is where the item starts. */
export interface Item {
  readonly kind: ItemKind;
  readonly pos: number;
  readonly text: string;
  readonly line: number;
}

const keywords: ReadonlyMap<string, Keyword> = new Map(KEYWORDS.map((word) => [word, word]));

/** The item as an error message shows it. */
export function printItem(item: Item): string {
  if (item.kind === 'eof') return 'EOF';
  if (item.kind === 'error') return item.text;
  if (item.kind === 'dot' || keywords.has(item.kind)) return `<${item.text}>`;
  if (byteLength(item.text) > 10) {
    return `${quote([...item.text].slice(0, 10).join(''))}...`;
  }
  return quote(item.text);
}

const LEFT_DELIM = '{{';
const RIGHT_DELIM = '}}';
const LEFT_COMMENT = '/*';
const RIGHT_COMMENT = '*/';
/** The marker and the space beside it. */
const TRIM_MARKER_LENGTH = 2;
const EOF = -1;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

const LETTER_OR_DIGIT = /^[\p{L}\p{Nd}]$/u;

function isAlphaNumeric(code: number): boolean {
  if (code < 0x80) {
    const lower = code | 0x20;
    return (lower >= 0x61 && lower <= 0x7a) || isDigit(code) || code === 0x5f;
  }
  return LETTER_OR_DIGIT.test(String.fromCodePoint(code)) && !isYoungerThanGo(code);
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

const UNCLOSED_STRING = 'unterminated quoted string';
const UNCLOSED_CHAR = 'unterminated character constant';

/** The characters of one number, by its prefix. */
interface Digits {
  readonly set: string;
  readonly exponent: string;
}
const DECIMAL: Digits = { set: '0123456789_', exponent: 'eE' };
const DIGITS_BY_PREFIX: ReadonlyMap<string, Digits> = new Map([
  ['x', { set: '0123456789abcdefABCDEF_', exponent: 'pP' }],
  ['o', { set: '01234567_', exponent: '' }],
  ['b', { set: '01_', exponent: '' }],
]);

/** Reads items from one text, in order. */
export class Lexer {
  #text: string;
  #pos = 0;
  #start = 0;
  #line = 1;
  /** `#line` is the line of this position. */
  #linePos = 0;
  #isInAction = false;
  #parenDepth = 0;
  readonly #hasBreak: boolean;
  readonly #hasContinue: boolean;

  /**
   * A function called `break` or `continue` takes the word's meaning away.
   * @param pos where to begin: outside of actions; lines count from there
   */
  constructor(text: string, hasFunction: (name: string) => boolean, pos = 0) {
    this.#text = text;
    this.#pos = pos;
    this.#start = pos;
    this.#linePos = pos;
    this.#hasBreak = !hasFunction('break');
    this.#hasContinue = !hasFunction('continue');
  }

  /** The next item; after an `error` item only the end or another error follows. */
  next(): Item {
    return this.#isInAction ? this.#insideAction() : this.#outsideAction();
  }

  #emit(kind: ItemKind): Item {
    const item = {
      kind,
      pos: this.#start,
      text: this.#text.slice(this.#start, this.#pos),
      line: this.#lineOf(this.#start),
    };
    this.#start = this.#pos;
    return item;
  }

  #fail(message: string): Item {
    const item: Item = {
      kind: 'error',
      pos: this.#start,
      text: message,
      line: this.#lineOf(this.#start),
    };
    this.#text = '';
    this.#pos = 0;
    this.#start = 0;
    this.#linePos = 0;
    return item;
  }

  #lineOf(pos: number): number {
    for (;;) {
      const at = this.#text.indexOf('\n', this.#linePos);
      if (at < 0 || at >= pos) break;
      this.#line++;
      this.#linePos = at + 1;
    }
    return this.#line;
  }

  /** The code point at the position, without taking it. */
  #peek(): number {
    return this.#text.codePointAt(this.#pos) ?? EOF;
  }

  #take(): number {
    const code = this.#peek();
    if (code !== EOF) this.#pos += code > 0xffff ? 2 : 1;
    return code;
  }

  #accept(set: string): boolean {
    const code = this.#text.charAt(this.#pos);
    if (code === '' || !set.includes(code)) return false;
    this.#pos++;
    return true;
  }

  #acceptRun(set: string): void {
    while (this.#accept(set));
  }

  #startsWith(text: string, at: number): boolean {
    return this.#text.startsWith(text, at);
  }

  #skipSpacesAfter(pos: number): number {
    let end = pos;
    while (end < this.#text.length && isSpace(this.#text.charCodeAt(end))) end++;
    return end;
  }

  /** `- ` after a left delimiter that ends at `pos`. */
  #hasLeftTrim(pos: number): boolean {
    return this.#startsWith('-', pos) && isSpace(this.#text.charCodeAt(pos + 1));
  }

  /** Length of the trim marker (0 or 2) of a right delimiter at `pos`; `undefined` where there is none. */
  #rightDelimTrim(pos: number): number | undefined {
    if (this.#startsWith(RIGHT_DELIM, pos)) return 0;
    if (!isSpace(this.#text.charCodeAt(pos)) || !this.#startsWith('-', pos + 1)) return undefined;
    return this.#startsWith(RIGHT_DELIM, pos + TRIM_MARKER_LENGTH) ? TRIM_MARKER_LENGTH : undefined;
  }

  #outsideAction(): Item {
    for (;;) {
      const at = this.#text.indexOf(LEFT_DELIM, this.#pos);
      if (at < 0) {
        this.#pos = this.#text.length;
        return this.#emit(this.#pos > this.#start ? 'text' : 'eof');
      }
      const text = this.#textBefore(at);
      if (text !== undefined) return text;
      const item = this.#leftDelim();
      if (item !== undefined) return item;
    }
  }

  #textBefore(delim: number): Item | undefined {
    let end = delim;
    if (this.#hasLeftTrim(delim + LEFT_DELIM.length)) {
      while (end > this.#start && isSpace(this.#text.charCodeAt(end - 1))) end--;
    }
    this.#pos = end;
    const item = end > this.#start ? this.#emit('text') : undefined;
    this.#pos = delim;
    this.#start = delim;
    return item;
  }

  /** `undefined` after a comment: text goes on. */
  #leftDelim(): Item | undefined {
    this.#pos += LEFT_DELIM.length;
    const marker = this.#hasLeftTrim(this.#pos) ? TRIM_MARKER_LENGTH : 0;
    if (this.#startsWith(LEFT_COMMENT, this.#pos + marker)) {
      this.#pos += marker;
      this.#start = this.#pos;
      return this.#comment();
    }
    const item = this.#emit('left-delim');
    this.#isInAction = true;
    this.#pos += marker;
    this.#start = this.#pos;
    this.#parenDepth = 0;
    return item;
  }

  #comment(): Item | undefined {
    const end = this.#text.indexOf(RIGHT_COMMENT, this.#pos + LEFT_COMMENT.length);
    if (end < 0) return this.#fail('unclosed comment');
    this.#pos = end + RIGHT_COMMENT.length;
    const marker = this.#rightDelimTrim(this.#pos);
    if (marker === undefined) return this.#fail('comment ends before closing delimiter');
    this.#pos += marker + RIGHT_DELIM.length;
    if (marker > 0) this.#pos = this.#skipSpacesAfter(this.#pos);
    this.#start = this.#pos;
    return undefined;
  }

  #rightDelim(marker: number): Item {
    this.#pos += marker;
    this.#start = this.#pos;
    this.#pos += RIGHT_DELIM.length;
    const item = this.#emit('right-delim');
    if (marker > 0) this.#pos = this.#skipSpacesAfter(this.#pos);
    this.#start = this.#pos;
    this.#isInAction = false;
    return item;
  }

  #insideAction(): Item {
    const marker = this.#rightDelimTrim(this.#pos);
    if (marker !== undefined) {
      return this.#parenDepth === 0 ? this.#rightDelim(marker) : this.#fail('unclosed left paren');
    }
    const code = this.#peek();
    if (code === EOF) return this.#fail('unclosed action');
    if (isSpace(code)) return this.#space();
    if (isDigit(code) || code === 0x2b || code === 0x2d) return this.#number();
    if (isAlphaNumeric(code)) return this.#identifier();
    return this.#punctuation(code);
  }

  #punctuation(code: number): Item {
    this.#take();
    switch (code) {
      case 0x3d: // =
        return this.#emit('assign');
      case 0x3a: // :
        return this.#take() === 0x3d ? this.#emit('declare') : this.#fail('expected :=');
      case 0x7c: // |
        return this.#emit('pipe');
      case 0x22: // "
        return this.#quoted(code, 'string', UNCLOSED_STRING);
      case 0x27: // '
        return this.#quoted(code, 'char-constant', UNCLOSED_CHAR);
      case 0x60: // `
        return this.#rawString();
      case 0x24: // $
        return this.#word('variable', 'variable');
      case 0x2e: // .
        return this.#dot();
      case 0x28: // (
        this.#parenDepth++;
        return this.#emit('left-paren');
      case 0x29: // )
        this.#parenDepth--;
        return this.#parenDepth < 0
          ? this.#fail('unexpected right paren')
          : this.#emit('right-paren');
      default:
    }
    if (code > 0x20 && code < 0x7f) return this.#emit('char');
    return this.#fail(`unrecognized character in action: ${printRune(code)}`);
  }

  #dot(): Item {
    const next = this.#text.charCodeAt(this.#pos);
    if (!Number.isNaN(next) && !isDigit(next)) return this.#word('field', 'dot');
    this.#pos--;
    return this.#number();
  }

  /** A run of spaces, without the one that belongs to a trim marker. */
  #space(): Item {
    this.#pos = this.#skipSpacesAfter(this.#pos);
    if (this.#rightDelimTrim(this.#pos - 1) === TRIM_MARKER_LENGTH) {
      this.#pos--;
      if (this.#pos === this.#start) return this.#rightDelim(TRIM_MARKER_LENGTH);
    }
    return this.#emit('space');
  }

  #identifier(): Item {
    while (isAlphaNumeric(this.#peek())) this.#take();
    const word = this.#text.slice(this.#start, this.#pos);
    if (!this.#isAtTerminator()) return this.#badCharacter();
    const keyword = keywords.get(word);
    if (keyword === undefined) {
      return this.#emit(word === 'true' || word === 'false' ? 'bool' : 'identifier');
    }
    const isFree =
      (keyword === 'break' && !this.#hasBreak) || (keyword === 'continue' && !this.#hasContinue);
    return this.#emit(isFree ? 'identifier' : keyword);
  }

  /** The letters after `.` or `$`; `alone` where there are none. */
  #word(kind: ItemKind, alone: ItemKind): Item {
    if (this.#isAtTerminator()) return this.#emit(alone);
    while (isAlphaNumeric(this.#peek())) this.#take();
    return this.#isAtTerminator() ? this.#emit(kind) : this.#badCharacter();
  }

  #isAtTerminator(): boolean {
    const code = this.#peek();
    if (code === EOF || isSpace(code) || '.,|:)('.includes(String.fromCodePoint(code))) return true;
    return this.#startsWith(RIGHT_DELIM, this.#pos);
  }

  #badCharacter(): Item {
    return this.#fail(`bad character ${printRune(this.#peek())}`);
  }

  #quoted(quoteCode: number, kind: ItemKind, unclosed: string): Item {
    for (;;) {
      let code = this.#take();
      if (code === quoteCode) return this.#emit(kind);
      if (code === 0x5c) code = this.#take();
      if (code === EOF || code === 0x0a) return this.#fail(unclosed);
    }
  }

  #rawString(): Item {
    const end = this.#text.indexOf('`', this.#pos);
    if (end < 0) return this.#fail('unterminated raw quoted string');
    this.#pos = end + 1;
    return this.#emit('raw-string');
  }

  #number(): Item {
    if (!this.#scanNumber()) return this.#badNumber();
    if (!this.#startsWith('+', this.#pos) && !this.#startsWith('-', this.#pos)) {
      return this.#emit('number');
    }
    if (!this.#scanNumber() || !this.#startsWith('i', this.#pos - 1)) return this.#badNumber();
    return this.#emit('complex');
  }

  #badNumber(): Item {
    return this.#fail(`bad number syntax: ${quote(this.#text.slice(this.#start, this.#pos))}`);
  }

  /** Takes what looks like a number; whether it is one, the parser finds out. */
  #scanNumber(): boolean {
    this.#accept('+-');
    let digits = DECIMAL;
    if (this.#accept('0')) {
      const prefix = DIGITS_BY_PREFIX.get(this.#text.charAt(this.#pos).toLowerCase());
      if (prefix !== undefined) {
        this.#pos++;
        digits = prefix;
      }
    }
    this.#acceptRun(digits.set);
    if (this.#accept('.')) this.#acceptRun(digits.set);
    if (digits.exponent !== '' && this.#accept(digits.exponent)) {
      this.#accept('+-');
      this.#acceptRun(DECIMAL.set);
    }
    this.#accept('i');
    if (!isAlphaNumeric(this.#peek())) return true;
    this.#take();
    return false;
  }
}

/** A character in an error: `U+0026 '&'`. A byte that is not UTF-8 reads as U+FFFD. */
function printRune(code: number): string {
  return sprintf('%#U', [int(isSurrogate(code) ? 0xfffd : code)]);
}
