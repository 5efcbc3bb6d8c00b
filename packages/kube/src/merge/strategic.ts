// SPDX-License-Identifier: Apache-2.0

/**
 * Strategic merge patches: made from three versions of an object, and put onto one.
 *
 * Source: apimachinery v0.37.0 pkg/util/strategicpatch/patch.go CreateThreeWayMergePatch, StrategicMergePatch
 */

import type { Value, ValueMap } from '@helm-operator/gocompat';
import { isMap } from './lists.ts';
import type { PatchType } from './patch-schema.ts';
import { diffMaps } from './strategic-diff.ts';
import { mergeMaps } from './strategic-merge.ts';

/**
 * The patch that brings `current` to `modified` and removes what `original` had and `modified` has not. What somebody else
 * added to `current` stays.
 *
 * @returns an empty map when nothing needs to change
 * @throws {MergeError} `kube/merge`: with Go's text
 */
export function threeWayStrategicPatch(
  original: ValueMap,
  modified: ValueMap,
  current: ValueMap,
  type: PatchType,
): ValueMap {
  const wanted = copyOf(modified);
  const additions = diffMaps(current, wanted, type, { wants: 'additions' });
  const deletions = diffMaps(original, wanted, type, { wants: 'deletions' });
  return mergeMaps(copyOf(deletions), copyOf(additions), type, 'combine');
}

/**
 * Puts a strategic merge patch onto an object, as the API server does.
 *
 * @returns a new object; the arguments stay as they are
 * @throws {MergeError} `kube/merge`: with Go's text
 */
export function applyStrategicPatch(object: ValueMap, patch: ValueMap, type: PatchType): ValueMap {
  return mergeMaps(copyOf(object), copyOf(patch), type, 'apply');
}

function copyOf<T extends Value>(value: T): T {
  return copyValue(value) as T;
}

function copyValue(value: Value): Value {
  if (isMap(value)) return new Map([...value].map(([key, item]) => [key, copyValue(item)]));
  return Array.isArray(value) ? value.map(copyValue) : value;
}
