// SPDX-License-Identifier: Apache-2.0

/** Copies of values. Source: mitchellh/copystructure v1.2.0, as Sprig's `deepCopy` calls it */

import {
  newVersion,
  semverPointerType,
  Typed,
  typedVersion,
  type Value,
} from '@helm-operator/gocompat';
import { FunctionError } from './errors.ts';

function copyTyped({ type, data }: Typed): Typed {
  // Go copies exported fields, and a version has none: its copy is version zero.
  if (type.name === semverPointerType.name && data !== null)
    return typedVersion(newVersion('0.0.0'));
  if (data instanceof Uint8Array) return new Typed(type, data.slice());
  if (Array.isArray(data)) return new Typed(type, (data as Value[]).map(copy));
  if (type.kind === 'map' && data instanceof Map) return new Typed(type, copyMap(data));
  // Structs that templates meet (times, certificates) are never written to.
  return new Typed(type, data);
}

function copyMap(entries: ReadonlyMap<string, Value>): Map<string, Value> {
  return new Map(Array.from(entries, ([key, value]) => [key, copy(value)]));
}

function copy(value: Value): Value {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Map) return copyMap(value);
  return value instanceof Typed ? copyTyped(value) : value;
}

/** A copy that shares no list or map with `value`. */
export function deepCopy(value: Value): Value {
  if (value === null) {
    throw new FunctionError('reflect: call of reflect.Value.Type on zero Value');
  }
  return copy(value);
}
