// SPDX-License-Identifier: Apache-2.0

/** Snake, kebab and camel case. Source: huandu/xstrings v1.5.0 convert.go */

import {
  isLetter,
  isNumber,
  isPunctuation,
  isSpace,
  isUpper,
  REPLACEMENT,
  runesOf,
  stringOf,
  toLower,
  toUpper,
} from './unicode.ts';

type WordKind = 'invalid' | 'number' | 'upper' | 'alphabet' | 'connector' | 'punctuation' | 'other';

/** A run of runes of one kind; `text` is as written. */
interface Word {
  readonly kind: WordKind;
  readonly text: string;
}

const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;
const END: Word = { kind: 'invalid', text: '' };

function isConnector(rune: number): boolean {
  return rune === HYPHEN || rune === UNDERSCORE || isSpace(rune);
}

function isCjk(rune: number): boolean {
  if (rune < 0x3400) return false;
  if (rune <= 0x4d85) return true;
  return (rune >= 0x4e00 && rune <= 0x9fcc) || (rune >= 0x20000 && rune <= 0x2b81d);
}

function isAlphabet(rune: number): boolean {
  return isLetter(rune) && !isCjk(rune);
}

function isSmall(rune: number): boolean {
  return isAlphabet(rune) && !isUpper(rune);
}

function isOther(rune: number): boolean {
  return !isConnector(rune) && !isAlphabet(rune) && !isNumber(rune) && !isPunctuation(rune);
}

function isInvalid(point: number): boolean {
  return point === REPLACEMENT || (point >= 0xdc80 && point <= 0xdcff);
}

/** Reads the words of a text; runes that are not valid belong to the word before or after. */
class WordReader {
  readonly #points: readonly number[];
  #at = 0;
  /** Where the rune before `#at` began, invalid ones before it included. */
  #previous = 0;
  #rune = REPLACEMENT;

  constructor(text: string) {
    this.#points = Array.from(text, (char) => char.codePointAt(0) ?? REPLACEMENT);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#points.length;
  }

  next(): Word {
    const start = this.#at;
    this.#rune = REPLACEMENT;
    this.#read(() => true);
    const kind = this.#rest(this.#rune, start);
    const text = stringOf(this.#points.slice(start, this.#at));
    return { kind, text };
  }

  #rest(first: number, start: number): WordKind {
    if (first === REPLACEMENT) return 'invalid';
    if (isConnector(first)) return this.#run('connector', isConnector);
    if (isPunctuation(first)) return this.#run('punctuation', isPunctuation);
    if (isUpper(first)) return this.#upper(start);
    if (isAlphabet(first)) return this.#run('alphabet', isSmall);
    if (isNumber(first)) return this.#run('number', isNumber);
    return this.#run('other', isOther);
  }

  /** `HTTPStatus` is `HTTP` and `Status`: the last capital belongs to what follows. */
  #upper(start: number): WordKind {
    if (this.isAtEnd) return 'upper';
    if (!this.#read(isUpper)) return this.#run('upper', isSmall);
    this.#run('upper', isUpper);
    if (!this.isAtEnd && isAlphabet(this.#rune) && this.#previous > start)
      this.#at = this.#previous;
    return 'upper';
  }

  #run(kind: WordKind, accepts: (rune: number) => boolean): WordKind {
    while (!this.isAtEnd && this.#read(accepts));
    return kind;
  }

  /** Takes the next valid rune, and the invalid ones before it, if it is accepted. */
  #read(accepts: (rune: number) => boolean): boolean {
    let end = this.#at;
    let rune = this.#rune;
    while (end < this.#points.length) {
      const point = this.#points[end] ?? REPLACEMENT;
      end++;
      if (isInvalid(point)) continue;
      rune = point;
      break;
    }
    this.#rune = rune;
    if (!accepts(rune)) return false;
    this.#previous = this.#at;
    this.#at = end;
    return true;
  }
}

function wordsOf(text: string): Word[] {
  const reader = new WordReader(text);
  const words: Word[] = [];
  while (!reader.isAtEnd) words.push(reader.next());
  return words;
}

function lowered({ kind, text }: Word, connector: string): string {
  if (kind !== 'upper' && kind !== 'connector') return text;
  let made = '';
  for (const rune of runesOf(text)) {
    made += isConnector(rune)
      ? connector
      : String.fromCodePoint(isUpper(rune) ? toLower(rune) : rune);
  }
  return made;
}

const WITHOUT_CONNECTOR: ReadonlySet<WordKind> = new Set(['connector', 'punctuation']);
const ENDS_NUMBER: ReadonlySet<WordKind> = new Set(['invalid', 'connector', 'punctuation']);

/** Joins words one after the other; numbers cling to their neighbours. */
class Joiner {
  readonly #words: readonly Word[];
  readonly #connector: string;
  #at = 0;
  #made = '';

  constructor(words: readonly Word[], connector: string) {
    this.#words = words;
    this.#connector = connector;
  }

  join(): string {
    while (this.#at < this.#words.length - 1) this.#step();
    this.#write(this.#word);
    return this.#made;
  }

  get #word(): Word {
    return this.#words[this.#at] ?? END;
  }

  #write(word: Word): void {
    this.#made += lowered(word, this.#connector);
  }

  #step(): void {
    const before = this.#word;
    this.#write(before);
    this.#at++;
    if (before.kind === 'number') this.#followNumber();
    else if (before.kind !== 'connector' && before.kind !== 'punctuation') this.#followLetters();
  }

  #followNumber(): void {
    while (this.#word.kind === 'alphabet' || this.#word.kind === 'number') {
      this.#write(this.#word);
      this.#at++;
    }
    if (!ENDS_NUMBER.has(this.#word.kind)) this.#made += this.#connector;
  }

  #followLetters(): void {
    const word = this.#word;
    if (word.kind !== 'number') {
      if (!WITHOUT_CONNECTOR.has(word.kind)) this.#made += this.#connector;
      return;
    }
    if (this.#at >= this.#words.length - 1) return;
    this.#at++;
    if (this.#word.kind !== 'alphabet') {
      this.#write(word);
      if (!WITHOUT_CONNECTOR.has(this.#word.kind)) this.#made += this.#connector;
      return;
    }
    this.#made += this.#connector;
    this.#write(word);
    this.#followNumber();
  }
}

/** `xstrings.ToSnakeCase` with `_`, `xstrings.ToKebabCase` with `-`. */
export function separateWords(text: string, connector: '_' | '-'): string {
  return new Joiner(wordsOf(text), connector).join();
}

/** `xstrings.ToPascalCase` */
export function pascalCase(text: string): string {
  const runes = runesOf(text);
  if (runes.length === 0) return '';
  const start = runes.findIndex((rune) => !isConnector(rune));
  if (start < 0) return text + String.fromCodePoint(runes.at(-1) ?? REPLACEMENT);
  let made = stringOf(runes.slice(0, start));
  const first = runes[start] ?? REPLACEMENT;
  let isAfterUpper = isUpper(first);
  let current = toUpper(first);
  for (const rune of runes.slice(start + 1)) {
    const previous = current;
    current = rune;
    if (isConnector(previous)) {
      if (isConnector(current)) {
        made += String.fromCodePoint(previous);
        continue;
      }
      isAfterUpper = isUpper(current);
      current = toUpper(current);
      continue;
    }
    if (isAfterUpper && isUpper(current)) current = toLower(current);
    else isAfterUpper = false;
    made += String.fromCodePoint(previous);
  }
  return made + String.fromCodePoint(current);
}
