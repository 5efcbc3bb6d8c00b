// SPDX-License-Identifier: Apache-2.0

import { quoteRune } from '../strconv/quote.ts';

/** Why a text is no TOML, and the line BurntSushi says it is in. */
export class TomlProblem extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Nothing more to read. */
export const END = '';

/** Reads a text character by character, and says in which line errors are. Source: BurntSushi/toml v1.6.0 lex.go (next, backup, errorf). */
export class TomlReader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  /** Was the end read, and not taken back? */
  #isPastEnd = false;

  constructor(text: string) {
    this.#text = text;
  }

  get line(): number {
    return this.#line;
  }

  get position(): number {
    return this.#at;
  }

  since(from: number): string {
    return this.#text.slice(from, this.#at);
  }

  /** The next character; `END` at the end. @throws {TomlProblem} for what may stand nowhere */
  next(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) {
      this.#isPastEnd = true;
      return END;
    }
    if (code === 0x0a) this.#line++;
    if (code >= 0xdc80 && code <= 0xdcff) {
      throw this.problem(`invalid UTF-8 byte: 0x${(code & 0xff).toString(16).padStart(2, '0')}`);
    }
    const isLoneReturn = code === 0x0d && this.#text.charCodeAt(this.#at + 1) !== 0x0a;
    const isControl = (code < 0x20 && code !== 9 && code !== 10 && code !== 13) || code === 0x7f;
    if (isLoneReturn || isControl) {
      const shown = code.toString(16).padStart(2, '0');
      throw this.problem(`TOML files cannot contain control characters: '0x${shown}'`);
    }
    const char = String.fromCodePoint(code);
    this.#at += char.length;
    return char;
  }

  /** Takes back what `next` gave. */
  back(char: string): void {
    this.#isPastEnd = false;
    this.#at -= char.length;
    if (char === '\n') this.#line--;
  }

  peek(): string {
    const char = this.next();
    this.back(char);
    return char;
  }

  accept(wanted: string): boolean {
    const char = this.next();
    if (char === wanted) return true;
    this.back(char);
    return false;
  }

  skipBlanks(): void {
    let char = this.next();
    while (isBlank(char)) char = this.next();
    this.back(char);
  }

  /** At the end, the line before an empty last one counts. */
  problem(message: string): TomlProblem {
    const isEmptyLine = this.#isPastEnd && this.#text.charAt(this.#at - 1) === '\n';
    return new TomlProblem(message, isEmptyLine ? this.#line - 1 : this.#line);
  }

  /** What is wrong was found on the next line already. */
  problemBefore(message: string): TomlProblem {
    return new TomlProblem(message, this.#line - 1);
  }

  /** As `problem`, but at the end always of the line before. */
  strictProblem(message: string): TomlProblem {
    return this.#isPastEnd ? this.problemBefore(message) : new TomlProblem(message, this.#line);
  }
}

export function isBlank(char: string): boolean {
  return char === ' ' || char === '\t';
}

export function isBreak(char: string): boolean {
  return char === '\n' || char === '\r';
}

/** `%q` of a character; the end is NUL. */
export function quotedChar(char: string): string {
  return quoteRune(char.codePointAt(0) ?? 0);
}

/** A character as it is; the end by its name. */
export function charOrEnd(char: string): string {
  return char === END ? 'end of file' : `'${char}'`;
}
