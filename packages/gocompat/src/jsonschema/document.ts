// SPDX-License-Identifier: Apache-2.0
import { decodeJson } from '../json/decode.ts';
import { Int, Typed, type Value } from '../value/value.ts';
import { JsonSchemaError } from './errors.ts';
import { Numeral } from './numeral.ts';

/** JSON with numbers as they are written; the schema and the values both come in this shape. */
export type Json = null | boolean | string | Numeral | Json[] | JsonObject | Foreign;

export type JsonObject = Map<string, Json>;

/** A Go value JSON schemas do not know. */
export class Foreign {
  readonly typeName: string;
  constructor(typeName: string) {
    this.typeName = typeName;
  }
}

/** Reads one JSON text. @throws {JsonSchemaError} with encoding/json's text */
export function parseDocument(text: string): Json {
  try {
    decodeJson(text);
  } catch (error) {
    throw new JsonSchemaError(streamMessage(text, error), { cause: error });
  }
  return new Reader(text).value();
}

/** A reader of streams, which santhosh-tekuri uses, has its own words for some errors. */
function streamMessage(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.endsWith('after top-level value')) return 'invalid character after top-level value';
  if (message !== 'unexpected end of JSON input') return message;
  return /^[ \t\r\n]*$/.test(text) ? 'EOF' : 'unexpected EOF';
}

/** A JSON text that is known to be well-formed. */
class Reader {
  readonly #text: string;
  #pos = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Json {
    const char = this.#next();
    switch (char) {
      case '{':
        return this.#object();
      case '[':
        return this.#list();
      case '"':
        return this.#string();
      default:
        return this.#word();
    }
  }

  /** The next character that is no white space, which stays next. */
  #next(): string {
    while (' \t\r\n'.includes(this.#text.charAt(this.#pos))) this.#pos++;
    return this.#text.charAt(this.#pos);
  }

  #object(): JsonObject {
    const object: JsonObject = new Map();
    this.#pos++;
    while (this.#next() !== '}') {
      const name = this.#string();
      this.#next();
      this.#pos++;
      object.set(name, this.value());
      if (this.#next() === ',') this.#pos++;
    }
    this.#pos++;
    return object;
  }

  #list(): Json[] {
    const items: Json[] = [];
    this.#pos++;
    while (this.#next() !== ']') {
      items.push(this.value());
      if (this.#next() === ',') this.#pos++;
    }
    this.#pos++;
    return items;
  }

  #string(): string {
    const start = this.#pos;
    this.#pos++;
    while (this.#text.charAt(this.#pos) !== '"') {
      this.#pos += this.#text.charAt(this.#pos) === '\\' ? 2 : 1;
    }
    this.#pos++;
    const text: unknown = JSON.parse(this.#text.slice(start, this.#pos));
    return String(text).toWellFormed();
  }

  #word(): Json {
    const match = /[^\s,\]}]+/y;
    match.lastIndex = this.#pos;
    const word = match.exec(this.#text)?.[0] ?? '';
    this.#pos += word.length;
    if (word === 'null') return null;
    if (word === 'true') return true;
    return word === 'false' ? false : new Numeral(word);
  }
}

/** Values as schemas see them. */
export function fromValue(value: Value): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? Numeral.of(value) : new Foreign('float64');
  }
  if (value instanceof Int) return new Numeral(String(value.value));
  if (Array.isArray(value)) return value.map(fromValue);
  if (value instanceof Typed) return new Foreign(value.type.name);
  return new Map(Array.from(value, ([name, one]) => [name, fromValue(one)]));
}

/** The names of an object in a fixed order; Go's own is random. */
export function sortedNames(object: ReadonlyMap<string, unknown>): string[] {
  return [...object.keys()].sort();
}
