// SPDX-License-Identifier: Apache-2.0

import { Int, int64, sprintValue, type Value, type ValueMap } from '@helm-operator/gocompat';
import { ChartError } from '../errors.ts';

/** A value as plain JavaScript: what JSON can hold, and `bigint` for integers beyond 2⁵³. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/**
 * A value as plain JavaScript: maps become objects (`__proto__` is a key like others), integers numbers, or `bigint` beyond 2⁵³;
 * what only Go has (a time, a version) becomes the text that Go prints.
 */
export function plainValue(value: Value): PlainValue {
  if (value instanceof Int) {
    const number = Number(value.value);
    return Number.isSafeInteger(number) ? number : value.value;
  }
  if (Array.isArray(value)) return value.map(plainValue);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, inner]) => [key, plainValue(inner)]));
  }
  return typeof value === 'object' && value !== null ? sprintValue(value) : value;
}

/** Deeper than YAML may nest. */
const MAX_DEPTH = 1000;

/** @throws {ChartError} `chart/values`: something that is no data, or nested too deeply */
export function valueFrom(plain: unknown, path: readonly string[] = []): Value {
  if (path.length > MAX_DEPTH) {
    throw new ChartError('chart/values', `values are nested more than ${MAX_DEPTH} deep`);
  }
  switch (typeof plain) {
    case 'string':
    case 'boolean':
    case 'number':
      return plain;
    case 'bigint':
      return int64(plain);
    case 'object':
      return structureOf(plain, path);
    default:
      throw noData(path, typeof plain);
  }
}

function structureOf(plain: object | null, path: readonly string[]): Value {
  if (plain === null) return null;
  if (plain instanceof Int) return plain;
  if (Array.isArray(plain)) return plain.map((item, i) => valueFrom(item, [...path, String(i)]));
  if (plain instanceof Map) return tableOf(plain, path);
  const prototype: unknown = Object.getPrototypeOf(plain);
  if (prototype === Object.prototype || prototype === null) {
    return tableOf(Object.entries(plain), path);
  }
  throw noData(path, plain.constructor.name);
}

function tableOf(entries: Iterable<[unknown, unknown]>, path: readonly string[]): ValueMap {
  const table: ValueMap = new Map();
  for (const [key, inner] of entries) {
    if (inner === undefined) continue;
    table.set(String(key), valueFrom(inner, [...path, String(key)]));
  }
  return table;
}

function noData(path: readonly string[], what: string): ChartError {
  const place = path.length === 0 ? 'values' : `the value ${path.join('.')}`;
  return new ChartError(
    'chart/values',
    `${place} is a ${what}: give text, numbers, lists, objects`,
  );
}
