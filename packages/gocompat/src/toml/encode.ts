// SPDX-License-Identifier: Apache-2.0

/** Values as TOML text. Source: BurntSushi/toml v1.6.0 encode.go. */

import { formatFloat } from '../strconv/format-float.ts';
import { formatInstant } from '../time/format.ts';
import { instantOf, RFC3339_NANO } from '../time/types.ts';
import { sortedKeys } from '../value/keys.ts';
import { Int, Typed, type Value, type ValueMap } from '../value/value.ts';
import { TomlError, TomlPanicError } from './errors.ts';
import { keyPart, quotedText } from './keys.ts';

/**
 * Writes a map: its plain keys first, then its tables, each sorted, tables indented by their depth. Other values are written as they stand
 * behind a key.
 *
 * @throws {TomlError} `gocompat/toml`
 * @throws {TomlPanicError} `gocompat/toml-panic` for nil, where Go panics
 */
export function encodeToml(value: Value): string {
  if (value === null) throw new TomlPanicError('reflect: call of reflect.Value.Type on zero Value');
  const table = tableOf(value);
  if (table === undefined) {
    if (tablesOf(value) !== undefined) throw new TomlError(NO_KEY);
    return printValue(value);
  }
  const writer = new Writer();
  writer.table([], table);
  return writer.text;
}

const NO_KEY = 'toml: top-level values must be Go maps or structs';

/** Nil, and nil slices, maps and pointers. */
function isNil(value: Value): boolean {
  return value === null || (value instanceof Typed && value.data === null);
}

function tableOf(value: Value): ValueMap | undefined {
  if (value instanceof Map) return value;
  return value instanceof Typed && value.data instanceof Map ? (value.data as ValueMap) : undefined;
}

function listOf(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value;
  if (!(value instanceof Typed)) return undefined;
  if (Array.isArray(value.data)) return value.data as Value[];
  if (value.data instanceof Uint8Array)
    return Array.from(value.data, (byte) => new Int('uint8', BigInt(byte)));
  return value.type.kind === 'slice' && value.data === null ? [] : undefined;
}

/** A list of nothing but tables is written as `[[key]]`. */
function tablesOf(value: Value): readonly ValueMap[] | undefined {
  const list = listOf(value);
  if (list === undefined || list.length === 0) return undefined;
  const tables: ValueMap[] = [];
  let isAll = true;
  for (const item of list) {
    if (isNil(item)) throw new TomlError('toml: cannot encode array with nil element');
    const table = tableOf(item);
    if (table === undefined) {
      isAll = false;
      // Go looks for nil in lists of lists, too.
      tablesOf(item);
    } else tables.push(table);
  }
  return isAll ? tables : undefined;
}

/** A map that holds itself has no end; Go's stack does not survive it. Every level is written out in each header: more would be hours. */
const DEEPEST = 1000;

class Writer {
  text = '';

  table(path: readonly string[], table: ValueMap): void {
    if (path.length === 1) this.#newline();
    if (path.length > 0) {
      this.text += `${indent(path)}[${path.map(keyPart).join('.')}]`;
      this.#newline();
    }
    this.#members(path, table);
  }

  #members(path: readonly string[], table: ValueMap): void {
    if (path.length > DEEPEST) throw new TomlError(`toml: tables nested more than ${DEEPEST} deep`);
    const keys = sortedKeys(table).filter((key) => !isNil(table.get(key) ?? null));
    const kinds = new Map(keys.map((key) => [key, isTableValue(table.get(key) ?? null)]));
    for (const key of keys.filter((name) => kinds.get(name) === false)) {
      this.text += `${indent([...path, key])}${keyPart(key)} = ${printValue(table.get(key) ?? null)}`;
      this.#newline();
    }
    for (const key of keys.filter((name) => kinds.get(name) === true)) {
      this.#subTable([...path, key], table.get(key) ?? null);
    }
  }

  #subTable(path: readonly string[], value: Value): void {
    const table = tableOf(value);
    if (table !== undefined) {
      this.table(path, table);
      return;
    }
    for (const item of tablesOf(value) ?? []) {
      this.#newline();
      this.text += `${indent(path)}[[${path.map(keyPart).join('.')}]]`;
      this.#newline();
      this.#members(path, item);
    }
  }

  #newline(): void {
    if (this.text !== '') this.text += '\n';
  }
}

function indent(path: readonly string[]): string {
  return '  '.repeat(path.length - 1);
}

/** Types that Go asks for their text. */
const TEXT_TYPES: ReadonlySet<string> = new Set(['*semver.Version', 'semver.Version']);

function printValue(value: Value): string {
  if (value === null) throw new TomlError('toml: cannot encode array with nil element');
  if (typeof value === 'string') return quotedText(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return printFloat(value);
  if (value instanceof Int) return value.value.toString();
  if (value instanceof Typed && value.type.name === 'time.Time') {
    return formatInstant(instantOf(value), RFC3339_NANO);
  }
  if (value instanceof Typed && TEXT_TYPES.has(value.type.name) && value.data !== null) {
    return quotedText(String(value.type.methods?.get('String')?.call(value, [])));
  }
  const list = listOf(value);
  if (list !== undefined) return `[${list.map(printValue).join(', ')}]`;
  const table = tableOf(value);
  if (table !== undefined) return printInline(table);
  if (value instanceof Typed && value.type.kind !== 'struct' && value.type.kind !== 'ptr') {
    return value.type.methods?.has('String') === true
      ? quotedText(String(value.type.methods.get('String')?.call(value, [])))
      : printValue(value.data as Value);
  }
  throw new TomlError(
    `unsupported type: ${value instanceof Typed ? value.type.name : 'interface {}'}`,
  );
}

/** Plain keys first, then tables. As in BurntSushi, what is nil leaves its comma behind. */
function printInline(table: ValueMap): string {
  const keys = sortedKeys(table);
  const isTable = new Map(keys.map((key) => [key, isTableValue(table.get(key) ?? null)]));
  const tables = keys.filter((key) => isTable.get(key) === true);
  const plain = keys.filter((key) => isTable.get(key) === false);
  return `{${printMembers(table, plain, tables.length > 0)}${printMembers(table, tables, false)}}`;
}

function printMembers(table: ValueMap, keys: readonly string[], hasMore: boolean): string {
  return keys
    .map((key, i) => {
      const value = table.get(key) ?? null;
      const comma = hasMore || i < keys.length - 1 ? ', ' : '';
      return isNil(value) ? '' : `${keyPart(key)} = ${printValue(value)}${comma}`;
    })
    .join('');
}

function isTableValue(value: Value): boolean {
  return tableOf(value) !== undefined || tablesOf(value) !== undefined;
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = formatFloat(value, 'g', -1, 64);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
