// SPDX-License-Identifier: Apache-2.0

/**
 * The difference of two objects as a strategic merge patch.
 *
 * Source: apimachinery v0.37.0 pkg/util/strategicpatch/patch.go diffMaps, diffLists
 */

import { compareBytes, deepEqual, type Value, type ValueMap } from '@helm-operator/gocompat';
import { MergeError } from './errors.ts';
import {
  elementType,
  isMap,
  isSameScalar,
  jsonType,
  mapsWithKey,
  printed,
  sortByMergeKey,
  sortByOrder,
  sortScalars,
  withoutDuplicates,
} from './lists.ts';
import { type FieldMerge, lookupField, lookupList, type PatchType } from './patch-schema.ts';

export interface DiffOptions {
  /** Which half of the difference is wanted. */
  readonly wants: 'additions' | 'deletions';
  /** The object's fields are a union: those not named are cleared (`$retainKeys`). */
  readonly mustRetainKeys?: boolean | undefined;
}

/** @throws {MergeError} `kube/merge` */
export function diffMaps(
  original: ValueMap,
  modified: ValueMap,
  type: PatchType,
  options: DiffOptions,
): ValueMap {
  const patch: ValueMap = new Map();
  for (const [key, after] of modified) {
    const before = original.get(key);
    if (before === undefined) {
      if (options.wants === 'additions') patch.set(key, after);
    } else {
      diffField(key, before, after, { type, patch, options });
    }
  }
  const removed = [...original.keys()].filter((key) => !modified.has(key));
  if (options.wants === 'deletions') {
    for (const key of removed) patch.set(key, null);
  }
  if (options.mustRetainKeys === true) {
    const kept = [...modified].filter(([, value]) => value !== null).map(([key]) => key);
    const hasMore = removed.some((key) => original.get(key) !== null);
    if (kept.length > 0 && (patch.size > 0 || hasMore)) {
      patch.set('$retainKeys', sortScalars(kept));
    }
  }
  return patch;
}

interface FieldDiff {
  readonly type: PatchType;
  readonly patch: ValueMap;
  readonly options: DiffOptions;
}

function diffField(key: string, before: Value, after: Value, diff: FieldDiff): void {
  if (key === '$patch') {
    if (typeof before !== 'string' || typeof after !== 'string') {
      throw new MergeError('invalid value for special key: $patch');
    }
    if (before !== after) diff.patch.set(key, after);
    return;
  }
  if (jsonType(before) !== jsonType(after)) {
    if (diff.options.wants === 'additions') diff.patch.set(key, after);
  } else if (isMap(before) && isMap(after)) {
    diffObject(key, before, after, diff);
  } else if (Array.isArray(before) && Array.isArray(after)) {
    diffList(key, before, after, diff);
  } else {
    replaceIfChanged(key, before, after, diff);
  }
}

function replaceIfChanged(key: string, before: Value, after: Value, diff: FieldDiff): void {
  if (diff.options.wants === 'additions' && !deepEqual(before, after)) diff.patch.set(key, after);
}

function diffObject(key: string, before: ValueMap, after: ValueMap, diff: FieldDiff): void {
  const field = lookup(() => lookupField(diff.type, key), before, after);
  if (field === undefined) return;
  if (field.strategy === 'replace') {
    if (diff.options.wants === 'additions') diff.patch.set(key, after);
    return;
  }
  const patch = diffMaps(before, after, field.type, {
    wants: diff.options.wants,
    mustRetainKeys: field.hasRetainKeys,
  });
  if (patch.size > 0) diff.patch.set(key, patch);
}

/** A field that cannot be looked up does no harm while both sides are equal. */
function lookup(find: () => FieldMerge, before: Value, after: Value): FieldMerge | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof MergeError && deepEqual(before, after)) return undefined;
    throw error;
  }
}

function diffList(
  key: string,
  before: readonly Value[],
  after: readonly Value[],
  diff: FieldDiff,
): void {
  const field = lookup(() => lookupList(diff.type, key), [...before], [...after]);
  if (field === undefined) return;
  if (field.strategy !== 'merge') {
    replaceIfChanged(key, [...before], [...after], diff);
    return;
  }
  const parts = diffMergedList(before, after, field, diff.options);
  if (parts.changed.length > 0) diff.patch.set(key, parts.changed);
  if (parts.deleted.length > 0) diff.patch.set(`$deleteFromPrimitiveList/${key}`, parts.deleted);
  if (parts.order.length > 0) diff.patch.set(`$setElementOrder/${key}`, parts.order);
}

interface ListDiff {
  readonly changed: Value[];
  /** Scalars to remove; objects to remove are in `changed`, as directives. */
  readonly deleted: Value[];
  readonly order: Value[];
}

function diffMergedList(
  before: readonly Value[],
  after: readonly Value[],
  field: FieldMerge,
  options: DiffOptions,
): ListDiff {
  if (before.length === 0) {
    const isAddition = options.wants === 'additions';
    return { changed: isAddition ? [...after] : [], deleted: [], order: [] };
  }
  return elementType(before, after) === 'map'
    ? diffObjects(before, after, field, options)
    : diffScalars(before, after, options);
}

function diffObjects(
  before: readonly Value[],
  after: readonly Value[],
  field: FieldMerge,
  options: DiffOptions,
): ListDiff {
  const { mergeKey } = field;
  const { changed, removed } = pairObjects(before, after, field, options);
  const patch = [...sortByOrder(changed, after, mergeKey), ...removed];
  const mustOrder =
    patch.length > 0 || (options.wants === 'additions' && !hasSameOrder(before, after, mergeKey));
  const order = mustOrder
    ? after.map((item) => {
        const value = isMap(item) ? item.get(mergeKey) : undefined;
        return new Map([[mergeKey, value ?? null]]);
      })
    : [];
  return { changed: patch, deleted: [], order };
}

/** Walks both lists in order of the merge key. */
function pairObjects(
  before: readonly Value[],
  after: readonly Value[],
  field: FieldMerge,
  options: DiffOptions,
): { readonly changed: Value[]; readonly removed: Value[] } {
  const { mergeKey } = field;
  const old = sortByMergeKey(before.filter(isMap), mergeKey);
  const wanted = sortByMergeKey(after.filter(isMap), mergeKey);
  const changed: Value[] = [];
  const removed: Value[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < wanted.length) {
    const [left] = mapsWithKey(old.slice(i, i + 1), mergeKey);
    const [right] = mapsWithKey(wanted.slice(j, j + 1), mergeKey);
    const order = compareElements(left, right, mergeKey);
    if (left !== undefined && right !== undefined && order === 0) {
      const patch = diffMaps(left, right, field.type, {
        wants: options.wants,
        mustRetainKeys: field.hasRetainKeys,
      });
      if (patch.size > 0) changed.push(patch.set(mergeKey, right.get(mergeKey) ?? null));
      i++;
      j++;
    } else if (right !== undefined && order > 0) {
      if (options.wants === 'additions') changed.push(right);
      j++;
    } else {
      if (options.wants === 'deletions') {
        removed.push(
          new Map<string, Value>([
            [mergeKey, left?.get(mergeKey) ?? null],
            ['$patch', 'delete'],
          ]),
        );
      }
      i++;
    }
  }
  return { changed, removed };
}

function compareElements(
  left: ValueMap | undefined,
  right: ValueMap | undefined,
  mergeKey: string,
): number {
  if (left === undefined) return 1;
  if (right === undefined) return -1;
  return compareBytes(printed(left.get(mergeKey)), printed(right.get(mergeKey)));
}

function hasSameOrder(
  before: readonly Value[],
  after: readonly Value[],
  mergeKey: string,
): boolean {
  if (before.length !== after.length) return false;
  const [old, wanted] = [mapsWithKey(before, mergeKey), mapsWithKey(after, mergeKey)];
  return wanted.every((item, i) => isSameScalar(item.get(mergeKey), old[i]?.get(mergeKey)));
}

function diffScalars(
  before: readonly Value[],
  after: readonly Value[],
  options: DiffOptions,
): ListDiff {
  const old = sortScalars(before);
  const wanted = sortScalars(after);
  const added: Value[] = [];
  const deleted: Value[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < wanted.length) {
    const [left, right] = [old[i], wanted[j]];
    const order =
      left === undefined
        ? 1
        : right === undefined
          ? -1
          : compareBytes(printed(left), printed(right));
    if (order > 0 && right !== undefined && options.wants === 'additions') added.push(right);
    if (order < 0 && left !== undefined && options.wants === 'deletions') deleted.push(left);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  // Go compares the wanted order with the *sorted* old list.
  const mustOrder =
    options.wants === 'deletions' ? deleted.length > 0 : !deepEqual([...old], [...after]);
  return {
    changed: sortByOrder(added, after, ''),
    deleted: withoutDuplicates(deleted),
    order: mustOrder ? [...after] : [],
  };
}
