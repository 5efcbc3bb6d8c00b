// SPDX-License-Identifier: Apache-2.0

/** Values as TOML text. Source: BurntSushi/toml v1.6.0 encode.go. */

import { formatFloat } from '../strconv/format-float.ts';
import { formatInstant } from '../time/format.ts';
import { instantOf, RFC3339_NANO } from '../time/types.ts';
import { sortedKeys } from '../value/keys.ts';
import { Int, Typed, type Value, type ValueMap } from '../value/value.ts';
import { TomlError } from './errors.ts';

/**
 * Writes a map: its plain keys first, then its tables, each sorted, tables indented by their depth.
 *
 * @throws {TomlError} `gocompat/toml`
 */
export function encodeToml(value: Value): string {
  const table = tableOf(value);
  if (table === undefined) throw new TomlError(topLevelMessage(value));
  const writer = new Writer();
  writer.table([], table);
  return writer.text;
}

function topLevelMessage(value: Value): string {
  if (value === null) return 'toml: cannot encode a nil value';
  return 'toml: top-level values must be Go maps or structs';
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
    if (item === null) throw new TomlError('toml: cannot encode array with nil element');
    const table = tableOf(item);
    if (table === undefined) isAll = false;
    else tables.push(table);
  }
  return isAll ? tables : undefined;
}

class Writer {
  text = '';

  table(path: readonly string[], table: ValueMap): void {
    if (path.length === 1) this.#newline();
    if (path.length > 0) {
      this.text += `${indent(path)}[${path.map(printKey).join('.')}]`;
      this.#newline();
    }
    this.#members(path, table);
  }

  #members(path: readonly string[], table: ValueMap): void {
    const keys = sortedKeys(table).filter((key) => table.get(key) !== null);
    const isTable = (key: string) => {
      const value = table.get(key) ?? null;
      return tableOf(value) !== undefined || tablesOf(value) !== undefined;
    };
    const kinds = new Map(keys.map((key) => [key, isTable(key)]));
    for (const key of keys.filter((name) => kinds.get(name) === false)) {
      this.text += `${indent([...path, key])}${printKey(key)} = ${printValue(table.get(key) ?? null)}`;
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
      this.text += `${indent(path)}[[${path.map(printKey).join('.')}]]`;
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

function printKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : printString(key);
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\f', '\\f'],
  ['\r', '\\r'],
]);

function printString(text: string): string {
  const escaped = text.replaceAll(
    /["\\\u0000-\u001f\u007f]/g,
    (char) => ESCAPES.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

function printValue(value: Value): string {
  if (value === null) throw new TomlError('toml: cannot encode array with nil element');
  if (typeof value === 'string') return printString(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return printFloat(value);
  if (value instanceof Int) return value.value.toString();
  if (value instanceof Typed && value.type.name === 'time.Time') {
    return formatInstant(instantOf(value), RFC3339_NANO);
  }
  const list = listOf(value);
  if (list !== undefined) return `[${list.map(printValue).join(', ')}]`;
  const table = tableOf(value);
  if (table !== undefined) return printInline(table);
  if (value instanceof Typed && value.type.kind !== 'struct' && value.type.kind !== 'ptr') {
    return value.type.methods?.has('String') === true
      ? printString(String(value.type.methods.get('String')?.call(value, [])))
      : printValue(value.data as Value);
  }
  throw new TomlError(
    `unsupported type: ${value instanceof Typed ? value.type.name : 'interface {}'}`,
  );
}

function printInline(table: ValueMap): string {
  const keys = sortedKeys(table).filter((key) => table.get(key) !== null);
  return `{${keys.map((key) => `${printKey(key)} = ${printValue(table.get(key) ?? null)}`).join(', ')}}`;
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = formatFloat(value, 'g', -1, 64);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
