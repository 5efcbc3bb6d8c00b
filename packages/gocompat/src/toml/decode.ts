// SPDX-License-Identifier: Apache-2.0

/** TOML text as values: integers are int64, dates `time.Time`, `[[key]]` a `[]map[string]interface {}`. Source: BurntSushi/toml v1.6.0. */

import { quote } from '../strconv/quote.ts';
import { normalize } from '../text/text.ts';
import type { Value, ValueMap } from '../value/value.ts';
import { TomlError } from './errors.ts';
import { keyText } from './keys.ts';
import { charOrEnd, END, isBlank, isBreak, quotedChar, TomlProblem, TomlReader } from './reader.ts';
import { readNumberOrDate, readSigned, readWord } from './scalars.ts';
import { readShort, readString } from './strings.ts';
import { TomlTables } from './tables.ts';

/** Arrays and tables nested deeper are refused; Go has no limit. */
const MAX_DEPTH = 1000;

/** @throws {TomlError} `gocompat/toml`; the message is BurntSushi's */
export function decodeToml(text: string): ValueMap {
  const whole = withoutMark(normalize(text));
  if (whole.slice(0, 6).includes('\0')) {
    throw new TomlError(
      'toml: line 1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8',
    );
  }
  const parser = new Parser(whole);
  try {
    return parser.document();
  } catch (error) {
    if (!(error instanceof TomlProblem)) throw error;
    const last = parser.lastKey;
    const place = last === '' ? '' : ` (last key ${quote(last)})`;
    throw new TomlError(`toml: line ${error.line}${place}: ${error.message}`, { cause: error });
  }
}

/** A byte order mark of UTF-8 or UTF-16. */
function withoutMark(text: string): string {
  return text.replace(/^(?:\ufeff|\udcff\udcfe|\udcfe\udcff)/, '');
}

class Parser {
  readonly #reader: TomlReader;
  readonly #tables = new TomlTables();
  #depth = 0;

  constructor(text: string) {
    this.#reader = new TomlReader(text);
  }

  get lastKey(): string {
    return this.#tables.current;
  }

  document(): ValueMap {
    for (;;) {
      const char = this.#reader.next();
      if (char === END) return this.#tables.root;
      if (isBlank(char) || isBreak(char)) continue;
      if (char === '#') {
        this.#comment();
        continue;
      }
      if (char === '[') this.#header();
      else this.#definition(char);
      if (this.#lineEnd()) return this.#tables.root;
    }
  }

  /** @returns whether that was the end of all */
  #lineEnd(): boolean {
    for (;;) {
      const char = this.#reader.next();
      if (isBlank(char)) continue;
      if (char === END) return true;
      if (char === '#') this.#comment();
      else if (!isBreak(char)) {
        throw this.#reader.problem(
          `expected a top-level item to end with a newline, comment, or EOF, but got ${quotedChar(char)} instead`,
        );
      }
      return false;
    }
  }

  #comment(): void {
    let char = this.#reader.next();
    while (!isBreak(char) && char !== END) char = this.#reader.next();
    this.#reader.back(char);
  }

  /** `[a.b]` and `[[a.b]]`. */
  #header(): void {
    const isArray = this.#reader.peek() === '[';
    if (isArray) this.#reader.next();
    const key = [this.#headerPart()];
    this.#tables.line = this.#reader.line;
    for (;;) {
      this.#reader.skipBlanks();
      const char = this.#reader.next();
      if (char === ']') break;
      if (char !== '.') {
        throw this.#reader.problem(
          `expected '.' or ']' to end table name, but got ${quotedChar(char)} instead`,
        );
      }
      key.push(this.#headerPart());
    }
    if (isArray) {
      const char = this.#reader.next();
      if (char !== ']') {
        throw this.#reader.problem(
          `expected end of table array name delimiter ']', but got ${quotedChar(char)} instead`,
        );
      }
    }
    if (key.length > MAX_DEPTH) throw this.#tooDeep();
    this.#tables.addContext(key, isArray);
    this.#tables.setType('', false);
  }

  #headerPart(): string {
    this.#reader.skipBlanks();
    const char = this.#reader.peek();
    if (char === ']' || char === END) {
      throw this.#reader.problem('unexpected end of table name (table names cannot be empty)');
    }
    if (char === '.') {
      throw this.#reader.problem('unexpected table separator (table names cannot be empty)');
    }
    return this.#keyPart(char);
  }

  #keyPart(char: string): string {
    if (char === '"' || char === "'") {
      this.#reader.next();
      return readShort(this.#reader, char);
    }
    const from = this.#reader.position;
    let next = this.#reader.next();
    while (/^[A-Za-z0-9_-]$/.test(next)) next = this.#reader.next();
    this.#reader.back(next);
    return this.#reader.since(from);
  }

  /** `a.b = value`. @param first its first character, read already */
  #definition(first: string): void {
    const outer = this.#tables.context;
    const key = this.#keyOf(first);
    this.#enter(key);
    const [value, isArray] = this.#value(false);
    this.#tables.setValue(this.#tables.key, value);
    this.#tables.setType(this.#tables.key, isArray);
    this.#tables.context = outer;
    this.#tables.key = '';
  }

  /** The parts of a key and what separates it from its value. */
  #keyOf(first: string): string[] {
    this.#reader.back(first);
    this.#reader.skipBlanks();
    const char = this.#reader.peek();
    if (char === '=' || char === END) {
      throw this.#reader.problem("unexpected '=': key name appears blank");
    }
    if (char === '.') throw this.#reader.problem("unexpected '.': keys cannot start with a '.'");
    const key = [this.#keyPart(char)];
    this.#tables.line = this.#reader.line;
    for (;;) {
      this.#reader.skipBlanks();
      const next = this.#reader.next();
      if (next === '=') return key;
      if (next === END) {
        throw this.#reader.problem("unexpected EOF; expected key separator '='");
      }
      if (next !== '.') {
        const message = `expected '.' or '=', but got ${quotedChar(next)} instead`;
        throw next === '\n' ? this.#reader.problemBefore(message) : this.#reader.problem(message);
      }
      key.push(this.#nextPart());
    }
  }

  #nextPart(): string {
    this.#reader.skipBlanks();
    const char = this.#reader.peek();
    if (char === '=' || char === END) throw this.#reader.problem("unexpected '='");
    if (char === '.') throw this.#reader.problem("unexpected '.'");
    return this.#keyPart(char);
  }

  /** Goes into the tables of a dotted key. */
  #enter(key: readonly string[]): void {
    const tables = this.#tables;
    if (tables.context.length + key.length > MAX_DEPTH) throw this.#tooDeep();
    tables.key = key.at(-1) ?? '';
    for (const part of key.slice(0, -1)) {
      const context = [...tables.context, part];
      tables.addImplicit(context);
      tables.addContext(context, false);
    }
  }

  #value(isInArray: boolean): [value: Value, isArray: boolean] {
    this.#reader.skipBlanks();
    const char = this.#reader.next();
    if (char === '[' || char === '{') return this.#nested(char, isInArray);
    if (char === '"' || char === "'") return [readString(this.#reader, char), false];
    if (/^[0-9]$/.test(char)) return [readNumberOrDate(this.#reader, char), false];
    if (char === '-' || char === '+') return [readSigned(this.#reader), false];
    if (/^\p{L}$/u.test(char)) return [readWord(this.#reader, char), false];
    if (char === END) throw this.#reader.problem('unexpected EOF; expected value');
    if (char === '.') throw this.#reader.problem("floats must start with a digit, not '.'");
    const message = `expected value but found ${quotedChar(char)} instead`;
    throw char === '\n' ? this.#reader.problemBefore(message) : this.#reader.problem(message);
  }

  #nested(char: '[' | '{', isInArray: boolean): [value: Value, isArray: boolean] {
    if (++this.#depth > MAX_DEPTH) throw this.#tooDeep();
    const value = char === '[' ? this.#array() : this.#inlineTable(isInArray);
    this.#depth--;
    return [value, char === '['];
  }

  #tooDeep(): TomlProblem {
    return this.#reader.problem(`exceeded max depth of ${MAX_DEPTH}`);
  }

  #array(): Value[] {
    this.#tables.setType(this.#tables.key, true);
    const list: Value[] = [];
    for (;;) {
      const char = this.#afterSpace();
      if (char === ']') return list;
      if (char === ',') throw this.#reader.problem('unexpected comma');
      this.#reader.back(char);
      list.push(this.#value(true)[0]);
      const end = this.#afterSpace();
      if (end === ']') return list;
      if (end !== ',') {
        throw this.#reader.problem(
          `expected a comma (',') or array terminator (']'), but got ${charOrEnd(end)}`,
        );
      }
    }
  }

  /** The next character that is no blank, no line break and in no comment. */
  #afterSpace(): string {
    for (;;) {
      const char = this.#reader.next();
      if (char === '#') this.#comment();
      else if (!isBlank(char) && !isBreak(char)) return char;
    }
  }

  #inlineTable(isInArray: boolean): ValueMap {
    const tables = this.#tables;
    const { context: outerContext, key: outerKey } = tables;
    const table: ValueMap = new Map();
    const context = [...outerContext, outerKey];
    tables.context = context;
    tables.key = '';
    tables.addImplicit(context);
    tables.addContext(context, isInArray);
    this.#members(table, tables.context);
    tables.context = outerContext;
    tables.key = outerKey;
    return table;
  }

  #members(table: ValueMap, context: readonly string[]): void {
    const tables = this.#tables;
    for (let char = this.#afterSpace(); char !== '}'; char = this.#afterSpace()) {
      if (char === ',') throw this.#reader.problem('unexpected comma');
      const key = this.#keyOf(char);
      this.#enter(key);
      const [value, isArray] = this.#value(false);
      tables.setValue(tables.key, value);
      tables.setType(tables.key, isArray);
      this.#put(table, key, value);
      tables.context = context;
      const end = this.#afterSpace();
      if (end === '}') return;
      if (end !== ',') {
        throw this.#reader.problem(
          `expected a comma or an inline table terminator '}', but got ${charOrEnd(end)} instead`,
        );
      }
    }
  }

  #put(table: ValueMap, key: readonly string[], value: Value): void {
    let inner = table;
    for (const part of key.slice(0, -1)) {
      const next = inner.get(part) ?? new Map<string, Value>();
      inner.set(part, next);
      if (!(next instanceof Map)) {
        const name = quote(keyText(this.#tables.context));
        throw new TomlProblem(`${name} is not a table`, this.#tables.line);
      }
      inner = next;
    }
    inner.set(key.at(-1) ?? '', value);
  }
}
