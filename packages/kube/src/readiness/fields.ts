// SPDX-License-Identifier: Apache-2.0

import type { Json, JsonObject } from '../cluster.ts';

/** A condition as almost every kind writes them. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The value at a dotted path of an object; `undefined` where the path ends early. */
export function fieldAt(object: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = object;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

export function numberAt(object: JsonObject, path: string, absent: number): number {
  const value = fieldAt(object, path);
  return typeof value === 'number' ? value : absent;
}

export function textAt(object: JsonObject, path: string, absent = ''): string {
  const value = fieldAt(object, path);
  return typeof value === 'string' ? value : absent;
}

/** The objects of a list; other elements are left out. */
export function objectsAt(object: JsonObject, path: string): readonly JsonObject[] {
  const value = fieldAt(object, path);
  if (!Array.isArray(value)) return [];
  return value.filter(
    (item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item),
  );
}

export function conditionsOf(object: JsonObject): readonly Condition[] {
  return objectsAt(object, 'status.conditions').map((condition) => ({
    type: textAt(condition, 'type'),
    status: textAt(condition, 'status'),
    reason: textAt(condition, 'reason'),
    message: textAt(condition, 'message'),
  }));
}

export function hasCondition(object: JsonObject, type: string, status: string): boolean {
  return conditionsOf(object).some(
    (condition) => condition.type === type && condition.status === status,
  );
}
