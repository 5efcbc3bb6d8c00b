// SPDX-License-Identifier: Apache-2.0

/**
 * Writes values as block YAML, byte for byte as go-yaml.
 *
 * Source: go.yaml.in/yaml/v2 v2.4.4 and v3 v3.0.5 emitterc.go, encode.go
 */

import { Int, Typed, type Value } from '../value/value.ts';
import {
  analyzeScalar,
  BLOCK_ALLOWED,
  MULTILINE,
  PLAIN_ALLOWED,
  SINGLE_QUOTED_ALLOWED,
} from './analyze.ts';
import { YamlError } from './errors.ts';
import { isBase60 } from './resolve.ts';
import { ScalarWriter } from './write-scalar.ts';

/** What differs between go-yaml's versions. */
export interface Dialect {
  /** Column after which a space may become a line break. */
  readonly width: number;
  /** Lists in maps stand deeper than their key. */
  readonly indentsSequences: boolean;
  readonly tabsAllowBlock: boolean;
  readonly compareKeys: (a: string, b: string) => number;
  /** A number as it stands in YAML. */
  readonly numberText: (value: number) => string;
  /** Whether text without quotes would be read back as a string. */
  readonly isPlainString: (text: string) => boolean;
  /** Looks at a string before it is written; gives it in the form to write. */
  readonly string: (text: string, isKey: boolean) => TaggedText;
  /** What a value of another Go type is written as. */
  readonly unwrap: (value: Typed) => Value | Fields | Word;
}

/** Text, and the tag to write before it (empty: none). */
export interface TaggedText {
  readonly text: string;
  readonly tag: string;
}

/** A struct: names and values in their order. */
export class Fields {
  readonly entries: ReadonlyMap<string, Value>;
  constructor(entries: ReadonlyMap<string, Value>) {
    this.entries = entries;
  }
}

/** Text that is never quoted. */
export class Word {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Where a node stands. */
const ROOT = 0;
const ITEM = 1;
const MAP_VALUE = 2;

/** Values inside each other; deeper ones would not be read back, and may contain themselves. */
const MAX_DEPTH = 1000;
/** Bytes of a key that is written without `?`. */
const MAX_KEY_BYTES = 128;
const STEP = 2;

export class Emitter {
  readonly #dialect: Dialect;
  readonly #out: ScalarWriter;
  #depth = 0;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#out = new ScalarWriter(dialect.width);
  }

  /** The whole text of a document. @throws {YamlError} for values inside each other without end */
  document(value: Value): string {
    this.#node(value, -1, ROOT);
    this.#out.indent(0);
    return this.#out.text();
  }

  #node(value: Value | Fields | Word, indent: number, place: number): void {
    if (typeof value === 'string') return void this.#string(value, indent, false);
    if (value === null || typeof value === 'boolean') return void this.#out.word(String(value));
    if (typeof value === 'number') return void this.#out.word(this.#dialect.numberText(value));
    if (value instanceof Int) return void this.#out.word(String(value.value));
    if (value instanceof Typed) return void this.#node(this.#dialect.unwrap(value), indent, place);
    if (value instanceof Word) return void this.#out.word(value.text);
    if (++this.#depth > MAX_DEPTH) throw new YamlError(`yaml: exceeded max depth of ${MAX_DEPTH}`);
    if (Array.isArray(value)) this.#sequence(value, indent, place);
    else this.#mapping(value, indent);
    this.#depth--;
  }

  #sequence(items: readonly Value[], indent: number, place: number): void {
    if (items.length === 0) return void this.#out.word('[]');
    const isFlush = place === MAP_VALUE && !this.#dialect.indentsSequences && !this.#out.isIndented;
    const inner = nested(indent, isFlush ? 0 : STEP);
    for (const item of items) {
      this.#out.indent(inner);
      this.#out.indicator('-', true, true);
      this.#node(item, inner, ITEM);
    }
  }

  #mapping(value: Map<string, Value> | Fields, indent: number): void {
    const isStruct = value instanceof Fields;
    const entries = isStruct ? value.entries : value;
    if (entries.size === 0) return void this.#out.word('{}');
    const inner = nested(indent, STEP);
    const keys = [...entries.keys()];
    // Sorted twice: go-yaml's order has cycles, and the map's own order must not show.
    if (!isStruct) keys.sort().sort(this.#dialect.compareKeys);
    for (const key of keys) {
      this.#out.indent(inner);
      if (this.#string(key, inner, true)) {
        this.#out.indicator(':', false, false);
      } else {
        this.#out.indicator('?', true, true);
        this.#string(key, inner, false);
        this.#out.indent(inner);
        this.#out.indicator(':', true, true);
      }
      this.#node(entries.get(key) ?? null, inner, MAP_VALUE);
    }
  }

  /** Writes a string. As a key it may only be written on one line; gives false where it cannot. */
  #string(raw: string, indent: number, isKey: boolean): boolean {
    const dialect = this.#dialect;
    const { text, tag } = dialect.string(raw, isKey);
    const allowed = analyzeScalar(text, dialect.tabsAllowBlock);
    if (isKey && ((allowed & MULTILINE) !== 0 || keyBytes(text, tag) > MAX_KEY_BYTES)) return false;
    const out = this.#out;
    if (tag !== '') out.word(tag);
    const inner = nested(indent, STEP) || STEP;
    if (text.includes('\n')) {
      if ((allowed & BLOCK_ALLOWED) !== 0) out.literal(text, inner);
      else out.doubleQuoted(text, inner, true);
      return true;
    }
    const mayBePlain = tag !== '' || (dialect.isPlainString(text) && !isBase60(text));
    if (mayBePlain && (allowed & PLAIN_ALLOWED) !== 0) out.plain(text, inner, !isKey);
    else if (mayBePlain && (allowed & SINGLE_QUOTED_ALLOWED) !== 0) {
      out.singleQuoted(text, inner, !isKey);
    } else {
      out.doubleQuoted(text, inner, !isKey);
    }
    return true;
  }
}

function nested(indent: number, step: number): number {
  return indent < 0 ? 0 : indent + step;
}

function keyBytes(text: string, tag: string): number {
  if (tag !== '') return text.length + tag.length;
  if (text.length * 3 <= MAX_KEY_BYTES) return text.length;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes++;
    else if (code < 0x800 || (code >= 0xd800 && code < 0xe000)) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}
