// SPDX-License-Identifier: Apache-2.0

import { Int, type IntKind, intOf, type Value, type ValueMap } from '@helm-operator/gocompat';

/**
 * A value as JSON that keeps Go's kinds apart: integers from floats, `-0` from `0`.
 *
 * `null`, booleans, strings and numbers are themselves; `['i', kind, digits]`, `['z']` (negative zero), `['a', …elements]`,
 * `['m', key, value, …]`.
 */
export type WireValue = null | boolean | string | number | readonly WireValue[];

/** @throws {TypeError} a Go type that values of a user never have */
export function toWire(value: Value): WireValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Object.is(value, -0) ? ['z'] : value;
  if (value instanceof Int) return ['i', value.kind, String(value.value)];
  if (Array.isArray(value)) return ['a', ...value.map(toWire)];
  if (value instanceof Map)
    return ['m', ...[...value].flatMap(([key, item]) => [key, toWire(item)])];
  throw new TypeError(`values hold a ${value.type.name}, which cannot be sent to the render host`);
}

/** @throws {TypeError} the other side sent something else */
export function fromWire(wire: unknown): Value {
  if (wire === null || typeof wire === 'boolean') return wire;
  if (typeof wire === 'string' || typeof wire === 'number') return wire;
  if (!Array.isArray(wire)) throw new TypeError('not a value on the wire');
  const [tag, ...rest]: readonly unknown[] = wire;
  if (tag === 'z') return -0;
  if (tag === 'a') return rest.map(fromWire);
  if (tag === 'i') return intOf(String(rest[0]) as IntKind, BigInt(String(rest[1])));
  if (tag !== 'm') throw new TypeError('not a value on the wire');
  const map: ValueMap = new Map();
  for (let i = 0; i < rest.length; i += 2) map.set(String(rest[i]), fromWire(rest[i + 1]));
  return map;
}

/** @throws {TypeError} the other side sent something else */
export function mapFromWire(wire: unknown): ValueMap {
  const value = fromWire(wire);
  if (value instanceof Map) return value;
  throw new TypeError('not a map on the wire');
}
