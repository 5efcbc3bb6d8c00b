// SPDX-License-Identifier: Apache-2.0

/**
 * JSON merge patches (RFC 7386): made from two or three versions of an object, and put onto one.
 *
 * Source: evanphx/json-patch v5 CreateMergePatch and MergePatch, apimachinery v0.37.0 pkg/util/jsonmergepatch/patch.go
 * Differs: integers beyond 2^53 stay what they are.
 */

import { deepEqual, Int, type Value, type ValueMap } from '@helm-operator/gocompat';
import { MergeError } from './errors.ts';
import { isMap, printed } from './lists.ts';

/** The patch that turns `before` into `after`; empty when they are equal. */
export function jsonMergePatch(before: ValueMap, after: ValueMap): ValueMap {
  const patch: ValueMap = new Map();
  for (const [key, value] of after) {
    const old = before.get(key);
    if (isMap(old) && isMap(value)) {
      const inner = jsonMergePatch(old, value);
      if (inner.size > 0) patch.set(key, inner);
    } else if (old === undefined || !isSameJson(old, value)) {
      patch.set(key, value);
    }
  }
  for (const key of before.keys()) {
    if (!after.has(key)) patch.set(key, null);
  }
  return patch;
}

/** JSON has one kind of number: 1 and 1.0 are equal. */
function isSameJson(a: Value, b: Value): boolean {
  if (a instanceof Int || b instanceof Int) {
    return isNumber(a) && isNumber(b) && numeric(a) === numeric(b);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => isSameJson(item, b[i] ?? null));
  }
  if (isMap(a) && isMap(b)) {
    if (a.size !== b.size) return false;
    return [...a].every(([key, item]) => {
      const other = b.get(key);
      return other !== undefined && isSameJson(item, other);
    });
  }
  return deepEqual(a, b);
}

function isNumber(value: Value): value is number | Int {
  return typeof value === 'number' || value instanceof Int;
}

function numeric(value: number | Int): bigint | number {
  if (value instanceof Int) return value.value;
  return Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** Puts a merge patch onto an object: `null` removes, objects merge, everything else replaces. */
export function applyJsonMergePatch(object: ValueMap, patch: ValueMap): ValueMap {
  return merge(object, patch, pruned);
}

function merge(object: ValueMap, patch: ValueMap, added: (value: Value) => Value): ValueMap {
  const result: ValueMap = new Map(object);
  for (const [key, value] of patch) {
    const old = result.get(key);
    if (value === null) result.delete(key);
    else if (isMap(old) && isMap(value)) result.set(key, merge(old, value, added));
    else result.set(key, added(value));
  }
  return result;
}

/** Objects lose their nulls, at every depth; lists keep theirs. */
function pruned(value: Value): Value {
  if (Array.isArray(value)) return value.map(pruned);
  if (!isMap(value)) return value;
  const kept: ValueMap = new Map();
  for (const [key, item] of value) {
    if (item !== null) kept.set(key, pruned(item));
  }
  return kept;
}

/**
 * The patch that brings `current` to `modified` and removes what `original` had and `modified` has not.
 *
 * @throws {MergeError} `kube/merge`: apiVersion, kind or name would change
 */
export function threeWayJsonMergePatch(
  original: ValueMap,
  modified: ValueMap,
  current: ValueMap,
): ValueMap {
  const additions = withoutNulls(jsonMergePatch(current, modified));
  const deletions = onlyNulls(jsonMergePatch(original, modified));
  const patch = merge(deletions, additions, pruned);
  const metadata = patch.get('metadata');
  const isRenamed = isMap(metadata) && metadata.has('name');
  if (patch.has('apiVersion') || patch.has('kind') || isRenamed) {
    throw new MergeError(
      `precondition failed for: ${printed(patch)}: at least one field was changed: apiVersion, kind or name`,
    );
  }
  return patch;
}

function withoutNulls(patch: ValueMap): ValueMap {
  const kept: ValueMap = new Map();
  for (const [key, value] of patch) {
    if (isMap(value) && value.size > 0) {
      const inner = withoutNulls(value);
      if (inner.size > 0) kept.set(key, inner);
    } else if (value !== null) {
      kept.set(key, value);
    }
  }
  return kept;
}

function onlyNulls(patch: ValueMap): ValueMap {
  const kept: ValueMap = new Map();
  for (const [key, value] of patch) {
    if (value === null) kept.set(key, null);
    if (!isMap(value)) continue;
    const inner = onlyNulls(value);
    if (inner.size > 0) kept.set(key, inner);
  }
  return kept;
}
