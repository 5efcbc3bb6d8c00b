// SPDX-License-Identifier: Apache-2.0

/** Strings of TOML. Source: BurntSushi/toml v1.6.0 (lexString, lexMultilineString, replaceEscapes, stripEscapedNewlines). */

import { quote } from '../strconv/quote.ts';
import { END, isBreak, TomlProblem, type TomlReader } from './reader.ts';

/** Reads a string of which the first quote is read. @throws {TomlProblem} */
export function readString(reader: TomlReader, mark: '"' | "'"): string {
  if (reader.accept(mark)) {
    if (reader.accept(mark)) return readLong(reader, mark);
    reader.back(mark);
  }
  return readShort(reader, mark);
}

/** Of one line. */
export function readShort(reader: TomlReader, mark: '"' | "'"): string {
  const from = reader.position;
  let hasEscapes = false;
  for (;;) {
    const char = reader.next();
    if (char === END)
      throw reader.problem(`unexpected EOF; expected ${mark === '"' ? `'"'` : `"'"`}`);
    if (isBreak(char)) throw reader.problemBefore('strings cannot contain newlines');
    if (char === mark) {
      const inner = reader.since(from).slice(0, -1);
      return hasEscapes ? replaceEscapes(inner, reader.line) : inner;
    }
    if (char === '\\' && mark === '"') {
      hasEscapes = true;
      checkEscape(reader, from);
    }
  }
}

function readLong(reader: TomlReader, mark: '"' | "'"): string {
  const from = reader.position;
  for (;;) {
    const char = reader.next();
    if (char === END) {
      throw reader.problem(`unexpected EOF; expected ${mark === '"' ? `'"""'` : `"'''"`}`);
    }
    if (char === '\\' && mark === '"') {
      const next = reader.next();
      if (isBreak(next)) continue;
      reader.back(next);
      checkEscape(reader, from);
    }
    if (char === mark && closes(reader, mark, from)) break;
  }
  const inner = withoutFirstBreak(reader.since(from).slice(0, -3));
  return mark === "'" ? inner : replaceEscapes(withoutEscapedBreaks(inner), reader.line);
}

/** Of more than three quotes in a row the last three close; six are too many. */
function closes(reader: TomlReader, mark: string, from: number): boolean {
  if (!reader.accept(mark)) return false;
  if (!reader.accept(mark)) {
    reader.back(mark);
    return false;
  }
  if (reader.peek() !== mark) return true;
  const held = reader.since(from);
  const five = mark.repeat(5);
  if (held.endsWith(five) && !(mark === '"' && held.endsWith(`\\${five}`))) {
    throw reader.problem(`unexpected ${mark === '"' ? `'""""""'` : `"''''''"`}`);
  }
  reader.back(mark);
  reader.back(mark);
  return false;
}

const DIGITS = new Map([
  ['x', { count: 2, name: 'two' }],
  ['u', { count: 4, name: 'four' }],
  ['U', { count: 8, name: 'eight' }],
]);

function checkEscape(reader: TomlReader, from: number): void {
  const char = reader.next();
  const digits = DIGITS.get(char);
  if (digits === undefined) {
    if (/^[ebtnfr" \t\\]$/.test(char)) return;
    throw reader.strictProblem(`invalid escape in string '\\${char === END ? '\0' : char}'`);
  }
  for (let i = 0; i < digits.count; i++) {
    if (/^[0-9a-fA-F]$/.test(reader.next())) continue;
    const held = quote(reader.since(from));
    throw reader.problem(
      `expected ${digits.name} hexadecimal digits after '\\${char}', but got ${held} instead`,
    );
  }
}

function withoutFirstBreak(text: string): string {
  return text.replace(/^\r?\n/, '');
}

/** A backslash at the end of a line takes the blanks and breaks behind it away. */
function withoutEscapedBreaks(text: string): string {
  return text.replaceAll(/\\\\|\\([ \t\r\n]+)/g, (all: string, blanks: string | undefined) =>
    blanks?.includes('\n') === true ? '' : all,
  );
}

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  ['"', '"'],
  ['\\', '\\'],
]);

const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g;

function replaceEscapes(text: string, line: number): string {
  return text.replaceAll(ESCAPE, (_all, two?: string, four?: string, eight?: string, one = '') => {
    const hex = two ?? four ?? eight;
    if (hex === undefined) {
      const plain = SIMPLE.get(one);
      if (plain === undefined) throw new TomlProblem(`invalid escape: '\\${one}'`, line);
      return plain;
    }
    const code = Number.parseInt(hex, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw new TomlProblem(`Escaped character '\\u${hex}' is not valid UTF-8.`, line);
    }
    return String.fromCodePoint(code);
  });
}
