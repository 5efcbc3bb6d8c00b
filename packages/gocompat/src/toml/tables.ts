// SPDX-License-Identifier: Apache-2.0

/** The tables of a TOML text while it is read, and what may be defined in them. Source: BurntSushi/toml v1.6.0 parse.go (addContext, setValue). */

import { type GoType, Typed, types, type Value, type ValueMap } from '../value/value.ts';
import { keyText } from './keys.ts';
import { TomlProblem } from './reader.ts';

const tablesType: GoType = {
  kind: 'slice',
  name: '[]map[string]interface {}',
  elem: types.map,
};

/** `[[key]]`: each header adds a table. */
function newTables(): Typed {
  return new Typed(tablesType, []);
}

function listOf(value: Value | undefined): ValueMap[] | undefined {
  return value instanceof Typed && value.type === tablesType
    ? (value.data as ValueMap[])
    : undefined;
}

export class TomlTables {
  readonly root: ValueMap = new Map();
  /** Keys that are tables because of a longer one. */
  readonly #implicit = new Set<string>();
  /** Keys whose value is an array. */
  readonly #arrays = new Set<string>();
  context: readonly string[] = [];
  key = '';
  /** Line of the key that is being defined. */
  line = 1;

  /** What an error calls the last key. */
  get current(): string {
    if (this.key === '') return keyText(this.context);
    return this.context.length === 0 ? this.key : `${keyText(this.context)}.${this.key}`;
  }

  /** Says whether the key in the context now holds an array. */
  setType(key: string, isArray: boolean): void {
    const name = keyText(key === '' ? this.context : [...this.context, key]);
    if (isArray) this.#arrays.add(name);
    else this.#arrays.delete(name);
  }

  addImplicit(key: readonly string[]): void {
    this.#implicit.add(keyText(key));
  }

  /** Goes into a table, which must be new unless it is implicit or one more of an array. @throws {TomlProblem} */
  addContext(key: readonly string[], isArray: boolean): void {
    const last = key.at(-1) ?? '';
    const parents = key.slice(0, -1);
    const table = this.#parent(parents);
    this.context = parents;
    if (isArray) {
      if (!table.has(last)) table.set(last, newTables());
      const list = listOf(table.get(last));
      if (list === undefined) {
        throw this.#problem(
          `Key '${keyText(key)}' was already created and cannot be used as an array.`,
        );
      }
      list.push(new Map());
    } else {
      this.setValue(last, new Map());
    }
    this.context = [...parents, last];
  }

  #parent(parents: readonly string[]): ValueMap {
    let table = this.root;
    for (const [i, part] of parents.entries()) {
      if (!table.has(part)) {
        this.addImplicit(parents.slice(0, i + 1));
        table.set(part, new Map());
      }
      const inner = tableIn(table.get(part));
      if (inner === undefined) {
        const here = keyText(parents.slice(0, i + 1));
        throw this.#problem(`Key '${here}' was already created as a hash.`);
      }
      table = inner;
    }
    return table;
  }

  /** Defines a key of the context. @throws {TomlProblem} when it is defined */
  setValue(key: string, value: Value): void {
    let table = this.root;
    for (const [i, part] of this.context.entries()) {
      const inner = tableIn(table.get(part));
      if (inner === undefined) throw this.#defined(this.context.slice(0, i + 1));
      table = inner;
    }
    const name = [...this.context, key];
    const text = keyText(name);
    if (!table.has(key)) {
      table.set(key, value);
      return;
    }
    if (!this.#implicit.delete(text)) throw this.#defined(name);
    if (this.#arrays.has(text)) table.set(key, value);
  }

  #defined(key: readonly string[]): TomlProblem {
    return this.#problem(`Key '${keyText(key)}' has already been defined.`);
  }

  #problem(message: string): TomlProblem {
    return new TomlProblem(message, this.line);
  }
}

function tableIn(value: Value | undefined): ValueMap | undefined {
  return value instanceof Map ? value : listOf(value)?.at(-1);
}
