// SPDX-License-Identifier: Apache-2.0

import type { Json, JsonObject } from '@helm-operator/kube';

/** A copy of its own; for small objects many times faster than `structuredClone`. */
export function copyJson<T extends Json | undefined>(value: T): T {
  return copy(value) as T;
}

function copy(value: Json | undefined): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => copy(item) ?? null);
  const result: JsonObject = {};
  for (const name of Object.keys(value)) {
    const child = copy(value[name]);
    // An own field, also where the name is that of an accessor.
    if (name === '__proto__') Object.defineProperty(result, name, { ...OWN_FIELD, value: child });
    else if (child !== undefined) result[name] = child;
  }
  return result;
}

const OWN_FIELD = { configurable: true, enumerable: true, writable: true };

/** Equal whatever the order of fields. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => equalJson(item, b[i]));
  }
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && equalJson(a[name], b[name]));
}
