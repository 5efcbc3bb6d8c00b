// SPDX-License-Identifier: Apache-2.0

/** Reads fields of an object as the API server gave it; each wrong type names the object and the field. */

import { Int, type Value, type ValueMap } from '@helm-operator/gocompat';
import { DecodeError } from './errors.ts';

/** A map inside an object, with the words for errors about it. */
export class Fields {
  readonly #map: ValueMap;
  readonly #object: string;
  readonly #path: string;

  /** @param object how errors call the object: `HelmRelease apps/web` */
  constructor(map: ValueMap, object: string, path = '') {
    this.#map = map;
    this.#object = object;
    this.#path = path;
  }

  has(name: string): boolean {
    return (this.#map.get(name) ?? null) !== null;
  }

  raw(name: string): Value {
    return this.#map.get(name) ?? null;
  }

  /** @throws {DecodeError} `api/decode` */
  text(name: string): string | undefined {
    return this.#typed(name, 'must be text', (value) =>
      typeof value === 'string' ? value : undefined,
    );
  }

  /** @throws {DecodeError} `api/decode` */
  bool(name: string): boolean | undefined {
    return this.#typed(name, 'must be true or false', (value) =>
      typeof value === 'boolean' ? value : undefined,
    );
  }

  /** @throws {DecodeError} `api/decode` */
  integer(name: string): number | undefined {
    return this.#typed(name, 'must be a whole number', (value) => {
      if (value instanceof Int) return Number(value.value);
      return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
    });
  }

  /** An absent map reads like an empty one. @throws {DecodeError} `api/decode` */
  fields(name: string): Fields {
    const map = this.#typed(name, 'must be an object', (value) =>
      value instanceof Map ? value : undefined,
    );
    return new Fields(map ?? new Map(), this.#object, this.#pathOf(name));
  }

  /** @throws {DecodeError} `api/decode` */
  list(name: string): readonly Fields[] {
    const list =
      this.#typed(name, 'must be a list', (value) => (Array.isArray(value) ? value : undefined)) ??
      [];
    return list.map((item, index) => {
      const path = `${this.#pathOf(name)}[${index}]`;
      if (!(item instanceof Map)) throw new DecodeError(this.#object, path, 'must be an object');
      return new Fields(item, this.#object, path);
    });
  }

  /** @throws {DecodeError} `api/decode` */
  texts(name: string): readonly string[] {
    const list =
      this.#typed(name, 'must be a list', (value) => (Array.isArray(value) ? value : undefined)) ??
      [];
    return list.filter((item) => typeof item === 'string');
  }

  /** An error about a field of this map. */
  wrong(name: string, mend: string): DecodeError {
    return new DecodeError(this.#object, this.#pathOf(name), mend);
  }

  #typed<T>(name: string, mend: string, read: (value: Value) => T | undefined): T | undefined {
    const value = this.#map.get(name) ?? null;
    if (value === null) return undefined;
    const typed = read(value);
    if (typed === undefined) throw this.wrong(name, mend);
    return typed;
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
