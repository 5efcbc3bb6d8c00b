// SPDX-License-Identifier: Apache-2.0

/**
 * Values given on one line: `--set`, `--set-string`, `--set-json`, `--set-file`, `--set-literal`, Flux's `targetPath`.
 *
 * Source: helm v3.22.0 pkg/strvals/parser.go, literal_parser.go (v4.2.1 alike); its behaviour with broken input included: a value that is empty at
 * the very end of the line inside a list is lost, since Helm takes the end of the input for the end of the work.
 */

import {
  atoi,
  decodeJsonPrefix,
  int64,
  parseInt as parseGoInt,
  quote,
  quoteRune,
  typeName,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { ChartError, messageOf } from '../errors.ts';
import type { Profile } from '../profile.ts';
import { RuneReader } from './rune-reader.ts';
import { isTable } from './tables.ts';

/** How the text behind `=` is read. */
export type SetMode = 'typed' | 'string' | 'json' | 'literal' | 'file';

export interface SetOptions {
  readonly mode: SetMode;
  /** Mode `file`: gives the content of the file that the value names. Its error goes on as it is. */
  readonly readFile?: ((path: string) => string) | undefined;
  /** Helm 4 takes an index that is not closed for the end of the line. Default: `helm3`. */
  readonly profile?: Profile | undefined;
}

/** Highest index of a list. */
const MAX_INDEX = 65_536;
/** Names may be nested this deep. */
const MAX_NESTING = 30;

/**
 * Reads `name=value,…` into `target`, which it changes; what is there is overwritten.
 *
 * @throws {ChartError} `chart/set` with Helm's text
 */
export function setValues(line: string, target: ValueMap, options: SetOptions): void {
  const parser = new SetParser(line, options);
  while (parser.key(target, 0) === 'more');
}

/** Whether input is left, in Helm's judgement. */
type Progress = 'more' | 'end';

interface ListResult {
  readonly list: Value[];
  readonly progress: Progress;
}

/** What stands before the next delimiter; `stop` is `undefined` at the end of the input. */
interface Segment {
  readonly text: string;
  readonly stop: string | undefined;
}

class SetParser {
  readonly #input: RuneReader;
  readonly #mode: SetMode;
  readonly #read: (text: string) => Value;
  readonly #keyStops: string;
  readonly #profile: Profile;

  constructor(line: string, { mode, readFile, profile = 'helm3' }: SetOptions) {
    this.#input = new RuneReader(line);
    this.#profile = profile;
    this.#mode = mode;
    this.#keyStops = mode === 'literal' ? '=[.' : '=[,.';
    this.#read = readerOf(mode, readFile);
  }

  key(target: ValueMap, nesting: number): Progress {
    const { text, stop } = this.#until(this.#keyStops);
    switch (stop) {
      case undefined:
        if (text === '') return 'end';
        throw failure(`key ${quote(text)} has no value`);
      case '[':
        return this.#keyOfList(text, target, nesting);
      case '=':
        return this.#assign(text, target);
      case '.':
        return this.#keyOfMap(text, target, nesting + 1);
      default:
        throw failure(`key ${quote(text)} has no value (cannot end with ,)`);
    }
  }

  #keyOfList(name: string, target: ValueMap, nesting: number): Progress {
    const index = this.#index();
    if (index === undefined) return 'end';
    const existing = target.has(name) ? asList(target.get(name) ?? null) : [];
    const { list, progress } = this.#listItem(existing, index, nesting);
    put(target, name, list);
    return progress;
  }

  #keyOfMap(name: string, target: ValueMap, nesting: number): Progress {
    if (nesting > MAX_NESTING) {
      throw failure(
        `value name nested level is greater than maximum supported nested level of ${MAX_NESTING}`,
      );
    }
    const inner: ValueMap = target.has(name) ? asTable(target.get(name) ?? null) : new Map();
    const progress = this.key(inner, nesting);
    if (progress === 'more' && inner.size === 0) {
      throw failure(`key map ${quote(name)} has no value`);
    }
    if (inner.size > 0) put(target, name, inner);
    return progress;
  }

  #assign(name: string, target: ValueMap): Progress {
    if (this.#mode === 'literal') {
      put(target, name, this.#input.rest());
      return 'more';
    }
    if (this.#mode === 'json') {
      put(target, name, this.#json());
      return 'more';
    }
    if (this.#input.isAtEnd) {
      put(target, name, '');
      return 'end';
    }
    put(target, name, this.#listOrText());
    return 'more';
  }

  #listOrText(): Value {
    return this.#input.take('{') ? this.#bracedList() : this.#read(this.#until(',').text);
  }

  #bracedList(): Value[] {
    const list: Value[] = [];
    for (;;) {
      const { text, stop } = this.#until(',}');
      if (stop === undefined) throw failure("list must terminate with '}'");
      if (stop === '}') this.#input.take(',');
      list.push(this.#read(text));
      if (stop === '}') return list;
    }
  }

  #json(): Value {
    if (this.#isJsonEmpty()) return null;
    try {
      const { value, end } = decodeJsonPrefix(this.#input.peekRest());
      this.#input.skip(end);
      this.#isJsonEmpty();
      return value;
    } catch (error) {
      throw failure(messageOf(error), error);
    }
  }

  /** Skips blanks; whether a comma (which it takes) or the end follows. */
  #isJsonEmpty(): boolean {
    this.#input.skipSpace();
    return this.#input.isAtEnd || this.#input.take(',');
  }

  /** @returns `undefined`: Helm 4 ends here */
  #index(): number | undefined {
    const { text, stop } = this.#until(']');
    if (stop === undefined && this.#profile === 'helm4') return undefined;
    if (stop === undefined) throw failure('error parsing index: EOF');
    try {
      return Number(atoi(text));
    } catch (error) {
      throw failure(`error parsing index: ${messageOf(error)}`, error);
    }
  }

  #listItem(list: Value[], index: number, nesting: number): ListResult {
    if (index < 0) throw failure(`negative ${index} index not allowed`);
    const { text, stop } = this.#until('[.=');
    if (text !== '') {
      const runes = [...text].map((rune) => quoteRune(rune.codePointAt(0) ?? 0)).join(' ');
      throw failure(`unexpected data at end of array index: [${runes}]`);
    }
    switch (stop) {
      case undefined:
        return { list, progress: 'end' };
      case '=':
        return { list: putAt(list, index, this.#itemValue()), progress: 'more' };
      case '[':
        return this.#itemList(list, index, nesting);
      default:
        return this.#itemMap(list, index, nesting);
    }
  }

  #itemValue(): Value {
    if (this.#mode === 'literal') return this.#input.rest();
    if (this.#mode === 'json') return this.#json();
    return this.#input.isAtEnd ? '' : this.#listOrText();
  }

  #itemList(list: Value[], index: number, nesting: number): ListResult {
    const next = this.#index();
    if (next === undefined) return { list, progress: 'end' };
    const existing = list[index] ?? null;
    const inner = this.#listItem(existing === null ? [] : asList(existing), next, nesting);
    if (inner.progress === 'end') return { list, progress: 'end' };
    return { list: putAt(list, index, inner.list), progress: 'more' };
  }

  #itemMap(list: Value[], index: number, nesting: number): ListResult {
    let inner: ValueMap = new Map();
    if (list.length > index) {
      const existing = list[index];
      if (isTable(existing)) inner = existing;
      else list[index] = inner;
    }
    if (this.key(inner, nesting) === 'end') return { list, progress: 'end' };
    return { list: putAt(list, index, inner), progress: 'more' };
  }

  #until(stops: string): Segment {
    return this.#input.until(stops, this.#mode !== 'literal');
  }
}

function readerOf(mode: SetMode, readFile: SetOptions['readFile']): (text: string) => Value {
  if (mode === 'file') {
    return (path) => {
      if (readFile === undefined) throw failure(`open ${path}: reading files is not possible here`);
      return readFile(path);
    };
  }
  return mode === 'typed' ? typedValue : (text) => text;
}

/** The value that a word of `--set` means. */
function typedValue(text: string): Value {
  // With `iu` these fold as Go's EqualFold: a long s is an s.
  if (/^true$/iu.test(text)) return true;
  if (/^false$/iu.test(text)) return false;
  if (/^null$/iu.test(text)) return null;
  if (text === '0') return int64(0);
  if (!/^[-+]?[0-9]+$/.test(text) || text.startsWith('0')) return text;
  try {
    return int64(parseGoInt(text, 10, 64));
  } catch {
    // Out of range: it stays a text.
    return text;
  }
}

/** Nothing is put under an empty name. */
function put(target: ValueMap, name: string, value: Value): void {
  if (name !== '') target.set(name, value);
}

function putAt(list: Value[], index: number, value: Value): Value[] {
  if (index > MAX_INDEX) {
    throw failure(`index of ${index} is greater than maximum supported index of ${MAX_INDEX}`);
  }
  const out = list.length > index ? list : [...list, ...nulls(index + 1 - list.length)];
  out[index] = value;
  return out;
}

function nulls(count: number): null[] {
  return Array.from({ length: count }, () => null);
}

function asList(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  throw conversion(value, '[]interface {}');
}

function asTable(value: Value): ValueMap {
  if (isTable(value)) return value;
  throw conversion(value, 'map[string]interface {}');
}

/** Go's text for a type assertion that fails. */
function conversion(value: Value, wanted: string): ChartError {
  const actual = value === null ? 'nil' : typeName(value);
  return failure(
    `unable to parse key: interface conversion: interface {} is ${actual}, not ${wanted}`,
  );
}

function failure(text: string, cause?: unknown): ChartError {
  return new ChartError('chart/set', text, cause);
}
