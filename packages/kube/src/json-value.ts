// SPDX-License-Identifier: Apache-2.0

import { Int, int64, Typed, type Value, type ValueMap } from '@helm-operator/gocompat';
import type { Json, JsonObject } from './cluster.ts';

/** Plain JSON as lossless values: integral numbers become `int64`, as in apimachinery's unstructured objects. */
export function valueOfJson(json: Json): Value {
  if (json === null || typeof json === 'boolean' || typeof json === 'string') return json;
  if (typeof json === 'number') return Number.isSafeInteger(json) ? int64(json) : json;
  if (Array.isArray(json)) return json.map(valueOfJson);
  return objectOfJson(json);
}

/** An object of plain JSON as a `ValueMap`. */
export function objectOfJson(json: JsonObject): ValueMap {
  return new Map(Object.entries(json).map(([name, value]) => [name, valueOfJson(value)]));
}

/** Lossless values as plain JSON; integers beyond 2⁵³ lose digits. */
export function jsonOfValue(value: Value): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return value;
  if (value instanceof Int) return Number(value.value);
  if (Array.isArray(value)) return value.map(jsonOfValue);
  if (value instanceof Typed) {
    throw new TypeError(`a ${value.type.name} is not part of a Kubernetes object`);
  }
  return jsonOfObject(value);
}

/** A `ValueMap` as a plain JSON object. */
export function jsonOfObject(object: ValueMap): JsonObject {
  return Object.fromEntries([...object].map(([name, value]) => [name, jsonOfValue(value)]));
}
