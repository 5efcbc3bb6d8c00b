// SPDX-License-Identifier: Apache-2.0
import type { Json } from './document.ts';
import { Numeral } from './numeral.ts';
import type { TypeName } from './schema.ts';

/** The type of a value; `undefined` for Go values JSON does not know. Whole numbers are `number` too. */
export function typeName(value: Json): TypeName | undefined {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  if (value instanceof Numeral) return 'number';
  if (Array.isArray(value)) return 'array';
  return value instanceof Map ? 'object' : undefined;
}

/** Whether two values are equal as JSON: numbers by value. */
export function isEqual(a: Json, b: Json): boolean {
  if (a instanceof Numeral) return b instanceof Numeral && a.compare(b) === 0;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => isEqual(item, b[i] ?? null));
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    return [...a].every(([name, value]) => b.has(name) && isEqual(value, b.get(name) ?? null));
  }
  return a === b;
}

/** The first two equal items, or `undefined`. */
export function duplicates(items: readonly Json[]): [first: number, second: number] | undefined {
  const seen = new Map<string, number[]>();
  for (const [second, item] of items.entries()) {
    const key = fingerprint(item);
    const candidates = seen.get(key) ?? [];
    const first = candidates.find((index) => isEqual(items[index] ?? null, item));
    if (first !== undefined) return [first, second];
    seen.set(key, [...candidates, second]);
  }
  return undefined;
}

/** Equal for equal values. */
function fingerprint(value: Json): string {
  if (value instanceof Numeral) return `n${value.toNumber()}`;
  if (typeof value === 'string') return `s${value}`;
  if (Array.isArray(value)) return `a${value.length}`;
  return value instanceof Map ? `o${[...value.keys()].sort().join()}` : String(value);
}
