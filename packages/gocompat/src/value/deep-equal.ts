// SPDX-License-Identifier: Apache-2.0

import type { Instant } from '../time/instant.ts';
import type { Zone } from '../time/zone.ts';
import { Int, Typed, typeOf, type Value } from './value.ts';

/**
 * `reflect.DeepEqual`: the same types and the same contents; NaN equals nothing. Source: Go 1.26 reflect/deepequal.go.
 *
 * What is inside itself, or is the same many times, is compared once.
 */
export function deepEqual(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  left = PLAIN_COMPARISONS;
  seen.clear();
  return equal(a, b);
}

/** So many pairs are compared before they are remembered: what is small is in no circle. */
const PLAIN_COMPARISONS = 500;
let left = 0;
/** Pairs that are compared, or have been, once there are many: they count as equal. */
const seen = new Map<unknown, Set<unknown>>();

function isSeen(a: unknown, b: unknown): boolean {
  if (left > 0) {
    left--;
    return false;
  }
  const others = seen.get(a) ?? new Set();
  if (others.has(b)) return true;
  seen.set(a, others.add(b));
  return false;
}

function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof Int) return b instanceof Int && a.kind === b.kind && a.value === b.value;
  if (a instanceof Typed || b instanceof Typed) return equalTyped(a, b);
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  return b instanceof Map && a instanceof Map && equalMaps(a, b);
}

function equalTyped(a: Value, b: Value): boolean {
  if (!(a instanceof Typed) || !(b instanceof Typed)) return false;
  return typeOf(a)?.name === typeOf(b)?.name && equalData(a.data, b.data);
}

function equalData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
  if (Array.isArray(a) && Array.isArray(b)) return equalLists(a, b);
  if (a instanceof Map && b instanceof Map) return equalMaps(a, b);
  if (a instanceof Typed && b instanceof Typed) return equalTyped(a, b);
  if (a instanceof Int && b instanceof Int) return a.kind === b.kind && a.value === b.value;
  return isInstant(a) && isInstant(b) && a.unixNano === b.unixNano && equalZones(a.zone, b.zone);
}

/** What a `time.Time` holds. */
function isInstant(data: unknown): data is Instant {
  return typeof data === 'object' && data !== null && 'unixNano' in data && 'zone' in data;
}

/** Two zones are equal when their contents are: a name alone is no measure for fixed offsets. */
function equalZones(a: Zone, b: Zone): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.offsetSeconds === b.offsetSeconds && a.name === b.name;
}

function equalLists(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && (isSeen(a, b) || a.every((item, i) => equal(item, b[i] ?? null)));
}

function equalMaps(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  if (a.size !== b.size) return false;
  if (isSeen(a, b)) return true;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}
