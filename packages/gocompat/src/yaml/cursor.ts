// SPDX-License-Identifier: Apache-2.0
import { CR, isBreak, LF, NEL, SPACE } from './chars.ts';
import type { YamlError } from './errors.ts';
import { yamlError } from './errors.ts';
import { readInput } from './reader.ts';

/**
 * A place in a YAML text: position, line and column, as libyaml's reader keeps them.
 *
 * The text ends in NULs, so that looking a few characters ahead needs no bounds.
 * Columns count code points: `lineStart` moves on by one for each surrogate pair that was passed.
 */
export class Cursor {
  readonly text: string;
  /** Where the NULs begin. */
  readonly end: number;
  /** No break but LF: lines can be found by a native search. */
  readonly onlyLineFeeds: boolean;
  pos = 0;
  /** 0-based. */
  line = 0;
  /** Where what is scanned began, if errors are told there, as go-yaml v3 does; -1: told where they are found. */
  startLine = -1;
  lineStart = 0;
  readonly #problem: string;
  readonly #hasAstral: boolean;
  /** Up to here, libyaml takes every line's first character for a byte order mark. */
  readonly #markedUntil: number;

  constructor(input: string) {
    const { text, problem, hasAstral, markedUntil } = readInput(input);
    this.#problem = problem;
    this.#hasAstral = hasAstral;
    this.#markedUntil = markedUntil;
    this.end = text.length;
    this.text = `${text}\0\0\0\0\0\0\0\0\0\0\0\0`;
    this.onlyLineFeeds = !/[\r\x85\u2028\u2029]/.test(text);
  }

  /** The code unit `offset` places ahead; 0 at and after the end. */
  peek(offset: number): number {
    return this.text.charCodeAt(this.pos + offset);
  }

  column(): number {
    return this.pos - this.lineStart;
  }

  /** Passes one line break; CR LF is one. */
  skipBreak(): void {
    const code = this.text.charCodeAt(this.pos);
    this.pos += code === CR && this.text.charCodeAt(this.pos + 1) === LF ? 2 : 1;
    this.line++;
    this.lineStart = this.pos;
  }

  /** Passes one line break and gives it as it stands in a scalar: LF, but for LS and PS. */
  readBreak(): string {
    const code = this.text.charCodeAt(this.pos);
    if (!isBreak(code)) return '';
    this.skipBreak();
    return code === LF || code === CR || code === NEL ? '\n' : String.fromCharCode(code);
  }

  /** Passes everything up to the next break or the end. */
  skipToBreak(): void {
    if (this.onlyLineFeeds) {
      const found = this.text.indexOf('\n', this.pos);
      this.pos = found < 0 ? this.end : found;
      return;
    }
    let code = this.text.charCodeAt(this.pos);
    while (code !== 0 && !isBreak(code)) code = this.text.charCodeAt(++this.pos);
  }

  skipSpaces(): void {
    while (this.text.charCodeAt(this.pos) === SPACE) this.pos++;
  }

  /** Corrects the column after the text from `from` was passed in one step. */
  countColumns(from: number): void {
    if (!this.#hasAstral) return;
    for (let i = Math.max(from, this.lineStart); i < this.pos; i++) {
      if ((this.text.charCodeAt(i) & 0xfc00) === 0xd800) {
        this.lineStart++;
        i++;
      }
    }
  }

  /** Passes a character at the start of a line that libyaml would take for a byte order mark. */
  skipMark(): void {
    if (this.pos !== this.lineStart || this.pos >= this.#markedUntil) return;
    const from = this.pos;
    this.pos += (this.text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1;
    this.countColumns(from);
  }

  /** `---` or `...` alone at the start of a line, followed by a blank, a break or the end. */
  isDocumentIndicator(): boolean {
    if (this.pos !== this.lineStart) return false;
    const code = this.text.charCodeAt(this.pos);
    if (code !== 0x2d && code !== 0x2e) return false;
    if (this.peek(1) !== code || this.peek(2) !== code) return false;
    const next = this.peek(3);
    return next === 0 || next === SPACE || next === 0x09 || isBreak(next);
  }

  /** @throws {YamlError} if the input cannot be read `count` characters further from here */
  mustRead(count: number): void {
    if (this.#problem !== '' && this.pos + count > this.end) throw yamlError(0, this.#problem);
  }

  /** A scanner's error here; go-yaml gives no line for errors in the first one. */
  error(problem: string, startLine: number = this.startLine): YamlError {
    this.mustRead(1);
    const line = startLine > 0 ? startLine : this.line;
    return yamlError(line === 0 ? 0 : line + 1, problem);
  }
}
