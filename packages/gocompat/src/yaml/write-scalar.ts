// SPDX-License-Identifier: Apache-2.0

/**
 * Writes scalars in libyaml's styles, folding long lines at spaces.
 *
 * Source: go.yaml.in/yaml/v2 v2.4.4 emitterc.go yaml_emitter_write_*
 */

import { isPrintable } from './analyze.ts';
import { isBlank, isBreak, LF, SPACE } from './chars.ts';

const APOSTROPHE = 0x27;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BYTE_ORDER_MARK = 0xfeff;

const ESCAPES = new Map<number, string>([
  [0x00, '0'],
  [0x07, 'a'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0b, 'v'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x1b, 'e'],
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
  [0x85, 'N'],
  [0xa0, '_'],
  [0x2028, 'L'],
  [0x2029, 'P'],
]);

export class ScalarWriter {
  readonly #width: number;
  #out = '';
  /** In code points. */
  #column = 0;
  /** The last thing written was a blank, or nothing was. */
  #isAfterBlank = true;
  /** Nothing but indentation and indicators stands on the line. */
  isIndented = true;
  /** Column of a comment that an empty line must follow; -1: none. */
  footColumn = -1;

  constructor(width: number) {
    this.#width = width;
  }

  text(): string {
    return this.#out;
  }

  /** Nothing stands on the line yet. */
  isLineStart(): boolean {
    return this.#column === 0;
  }

  lineBreak(): void {
    this.#break();
    this.isIndented = true;
  }

  /** Writes a comment, a line break after it; one behind something after a blank. */
  comment(text: string, indent: number): void {
    if (!this.#isAfterBlank) this.#put(' ', 1);
    let wasBreak = false;
    let hasPound = false;
    for (const line of text.split(/(?<=\n)/)) {
      const words = line.endsWith('\n') ? line.slice(0, -1) : line;
      if (words !== '') {
        if (wasBreak) this.indent(indent);
        if (!hasPound && !words.startsWith('#')) this.#put('# ', 2);
        this.#put(words, words.length);
        hasPound = true;
        this.isIndented = false;
        wasBreak = false;
      }
      if (words.length === line.length) continue;
      this.lineBreak();
      wasBreak = true;
      hasPound = false;
    }
    if (!wasBreak) this.lineBreak();
    this.#isAfterBlank = true;
  }

  /** Goes to a column, on a new line unless this one is still free. */
  indent(column: number): void {
    const isTaken =
      !this.isIndented || this.#column > column || (this.#column === column && !this.#isAfterBlank);
    if (isTaken) this.#break();
    if (this.footColumn === column) this.#break();
    this.footColumn = -1;
    if (this.#column < column) {
      this.#out += ' '.repeat(column - this.#column);
      this.#column = column;
    }
    this.#isAfterBlank = true;
    this.isIndented = true;
  }

  /** Writes `-`, `?` or `:`. */
  indicator(text: string, needsBlank: boolean, keepsIndented: boolean): void {
    if (needsBlank && !this.#isAfterBlank) this.#put(' ', 1);
    this.#put(text, text.length);
    this.#isAfterBlank = false;
    this.isIndented = this.isIndented && keepsIndented;
  }

  /** Writes `[` or `{`. */
  open(text: string): void {
    this.indicator(text, true, false);
    this.#isAfterBlank = true;
  }

  /** Writes text that needs no look: a number, `null`, `{}`, a tag. */
  word(text: string): void {
    this.indicator(text, true, false);
  }

  plain(text: string, indent: number, mayBreak: boolean): void {
    if (!this.#isAfterBlank) this.#put(' ', 1);
    this.#folded(text, indent, mayBreak, false);
    this.#isAfterBlank = false;
    this.isIndented = false;
  }

  singleQuoted(text: string, indent: number, mayBreak: boolean): void {
    this.indicator("'", true, false);
    this.#folded(text, indent, mayBreak, true);
    this.indicator("'", false, false);
  }

  #folded(text: string, indent: number, mayBreak: boolean, isQuoted: boolean): void {
    if (this.#column + text.length <= this.#width && this.#inOneLine(text, isQuoted)) return;
    let wasSpace = false;
    let wasBreak = false;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === SPACE) {
        const isInside = !isQuoted || (i > 0 && i < text.length - 1);
        const folds = mayBreak && !wasSpace && this.#column > this.#width && isInside;
        if (folds && text.charCodeAt(i + 1) !== SPACE) this.indent(indent);
        else this.#put(' ', 1);
        wasSpace = true;
      } else if (isBreak(code)) {
        if (!wasBreak && code === LF) this.#break();
        this.#writeBreak(code);
        this.isIndented = true;
        wasBreak = true;
      } else {
        if (wasBreak) this.indent(indent);
        if (code === APOSTROPHE && isQuoted) this.#put("'", 1);
        i += this.#copy(text, i);
        this.isIndented = false;
        wasSpace = false;
        wasBreak = false;
      }
    }
  }

  /** Writes text that neither folds nor needs care; gives false, and writes nothing, for all else. */
  #inOneLine(text: string, isQuoted: boolean): boolean {
    let pairs = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (isBreak(code) || (isQuoted && code === APOSTROPHE)) return false;
      if ((code & 0xfc00) === 0xd800) pairs++;
    }
    this.#put(text, text.length - pairs);
    return true;
  }

  doubleQuoted(text: string, indent: number, mayBreak: boolean): void {
    this.indicator('"', true, false);
    // libyaml looks for the mark at the text's start, wherever it is in it.
    const escapesAll = text.charCodeAt(0) === BYTE_ORDER_MARK;
    let wasSpace = false;
    for (let i = 0; i < text.length; i++) {
      const code = text.codePointAt(i) ?? 0;
      if (escapesAll || mustEscape(code)) {
        const written = escaped(code);
        this.#put(written, written.length);
        if (code > 0xffff) i++;
        wasSpace = false;
        continue;
      }
      if (code !== SPACE) {
        this.#put(String.fromCharCode(code), 1);
        wasSpace = false;
        continue;
      }
      const isInside = i > 0 && i < text.length - 1;
      if (mayBreak && !wasSpace && this.#column > this.#width && isInside) {
        this.indent(indent);
        if (text.charCodeAt(i + 1) === SPACE) this.#put('\\', 1);
      } else {
        this.#put(' ', 1);
      }
      wasSpace = true;
    }
    this.indicator('"', false, false);
  }

  /** @param comment stands behind the indicator */
  literal(text: string, indent: number, comment = ''): void {
    this.indicator(`|${literalHint(text)}`, true, false);
    if (comment === '') this.#break();
    else this.comment(comment, indent);
    this.isIndented = true;
    this.#isAfterBlank = true;
    let from = 0;
    while (from < text.length) {
      let to = from;
      while (to < text.length && !isBreak(text.charCodeAt(to))) to++;
      if (to > from) {
        this.indent(indent);
        this.#put(text.slice(from, to), to - from);
        this.isIndented = false;
      }
      if (to < text.length) {
        this.#writeBreak(text.charCodeAt(to));
        this.isIndented = true;
      }
      from = to + 1;
    }
  }

  /** Writes a folded scalar, its lines as they are. @param comment stands behind the indicator */
  folded(text: string, indent: number, comment: string): void {
    this.indicator(`>${literalHint(text)}`, true, false);
    if (comment === '') this.#break();
    else this.comment(comment, indent);
    this.isIndented = true;
    this.#isAfterBlank = true;
    // go-yaml asks what follows the text's own leading breaks, wherever it stands.
    const leading = /^[\n\x85\u2028\u2029\r]*/.exec(text)?.[0].length ?? 0;
    const mayDouble = leading < text.length && !isBlank(text.charCodeAt(leading));
    let isBlankLine = true;
    let from = 0;
    while (from < text.length) {
      let to = from;
      while (to < text.length && !isBreak(text.charCodeAt(to))) to++;
      if (to > from) {
        isBlankLine = isBlank(text.charCodeAt(from));
        this.indent(indent);
        this.#put(text.slice(from, to), to - from);
        this.isIndented = false;
      }
      if (to < text.length) {
        const code = text.charCodeAt(to);
        if (to > from && !isBlankLine && code === LF && mayDouble) this.#break();
        this.#writeBreak(code);
        this.isIndented = true;
      }
      from = to + 1;
    }
  }

  #put(text: string, columns: number): void {
    this.#out += text;
    this.#column += columns;
  }

  /** Copies one code point; gives how many code units more than one it has. */
  #copy(text: string, index: number): number {
    const code = text.codePointAt(index) ?? 0;
    this.#put(String.fromCodePoint(code), 1);
    return code > 0xffff ? 1 : 0;
  }

  #break(): void {
    this.#out += '\n';
    this.#column = 0;
  }

  #writeBreak(code: number): void {
    this.#out += String.fromCharCode(code);
    this.#column = 0;
  }
}

function mustEscape(code: number): boolean {
  return code === QUOTE || code === BACKSLASH || !isPrintable(code) || isBreak(code);
}

function escaped(code: number): string {
  const short = ESCAPES.get(code);
  if (short !== undefined) return `\\${short}`;
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${digits.padStart(4, '0')}`;
  return `\\U${digits.padStart(8, '0')}`;
}

/** The indentation and chomping indicators of a literal. */
function literalHint(text: string): string {
  const first = text.charCodeAt(0);
  const indentation = first === SPACE || isBreak(first) ? '2' : '';
  if (!isBreak(text.charCodeAt(text.length - 1))) return `${indentation}-`;
  const isKept = text.length === 1 || isBreak(text.charCodeAt(text.length - 2));
  return isKept ? `${indentation}+` : indentation;
}
