// SPDX-License-Identifier: Apache-2.0

/** What `RuneReader.until` found. */
export interface RuneSegment {
  readonly text: string;
  /** The delimiter, which is taken; `undefined` at the end of the input. */
  readonly stop: string | undefined;
}

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/y;

/** Reads a text rune by rune, as Go's `bytes.Buffer.ReadRune`: a byte that is no UTF-8 is U+FFFD. */
export class RuneReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.toWellFormed();
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Takes `char` if it is next. */
  take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  /**
   * Reads up to the first of `stops`.
   *
   * @param hasEscapes a backslash takes the rune behind it as it is
   */
  until(stops: string, hasEscapes: boolean): RuneSegment {
    let text = '';
    while (!this.isAtEnd) {
      const rune = this.#next();
      if (stops.includes(rune)) return { text, stop: rune };
      if (rune !== '\\' || !hasEscapes) text += rune;
      else if (!this.isAtEnd) text += this.#next();
    }
    return { text, stop: undefined };
  }

  /** Everything that is left, which is taken. */
  rest(): string {
    const text = this.peekRest();
    this.#at = this.#text.length;
    return text;
  }

  peekRest(): string {
    return this.#text.slice(this.#at);
  }

  /** @param units UTF-16 units */
  skip(units: number): void {
    this.#at += units;
  }

  skipSpace(): void {
    for (;;) {
      SPACE.lastIndex = this.#at;
      if (!SPACE.test(this.#text)) return;
      this.#at++;
    }
  }

  #next(): string {
    const rune = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += rune.length;
    return rune;
  }
}
