// SPDX-License-Identifier: Apache-2.0

/** Maps inside values. */

import type { Value, ValueMap } from '@helm-operator/gocompat';

/** Whether a value is a map that merging walks into. */
export function isTable(value: Value | undefined): value is ValueMap {
  return value instanceof Map;
}

/** A copy that shares nothing that can change. */
export function deepCopy<T extends Value>(value: T): T {
  return copy(value) as T;
}

function copy(value: Value): Value {
  if (value instanceof Map) {
    const out: ValueMap = new Map();
    for (const [key, inner] of value) out.set(key, copy(inner));
    return out;
  }
  return Array.isArray(value) ? value.map(copy) : value;
}

/** The table at a dotted path; `undefined` where there is none. */
export function tableAt(values: ValueMap, path: string): ValueMap | undefined {
  let table = values;
  for (const key of path.split('.')) {
    const next = table.get(key);
    if (!isTable(next)) return undefined;
    table = next;
  }
  return table;
}

/** The value at a dotted path that is no table; `undefined` where there is none. Source: helm v3.22.0 pkg/chartutil/values.go (PathValue). */
export function valueAt(values: ValueMap, path: string): Value | undefined {
  const dot = path.lastIndexOf('.');
  const table = dot < 0 ? values : tableAt(values, path.slice(0, dot));
  const value = table?.get(path.slice(dot + 1));
  return isTable(value) ? undefined : value;
}
