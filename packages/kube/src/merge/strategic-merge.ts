// SPDX-License-Identifier: Apache-2.0

/**
 * Puts a strategic merge patch onto an object, or onto another patch.
 *
 * Source: apimachinery v0.37.0 pkg/util/strategicpatch/patch.go mergeMap, mergePatchIntoOriginal, mergeSlice
 */

import { deepEqual, type Value, type ValueMap } from '@helm-operator/gocompat';
import { MergeError } from './errors.ts';
import {
  elementType,
  indexOfElement,
  isMap,
  isSameScalar,
  jsonType,
  mapsWithKey,
  printed,
  sortByOrder,
  withoutDuplicates,
} from './lists.ts';
import { type FieldMerge, lookupField, lookupList, type PatchType } from './patch-schema.ts';

/** `apply`: onto an object, directives act; `combine`: onto another patch, directives are kept. */
export type MergeMode = 'apply' | 'combine';

const DELETE_PREFIX = '$deleteFromPrimitiveList/';
const ORDER_PREFIX = '$setElementOrder/';

/**
 * @param original changed in place where it can be; use the result
 * @throws {MergeError} `kube/merge`
 */
export function mergeMaps(
  original: ValueMap,
  patch: ValueMap,
  type: PatchType,
  mode: MergeMode,
): ValueMap {
  const directive = patch.get('$patch');
  if (directive !== undefined) return replaceOrDelete(directive, patch);
  const rest: ValueMap = new Map(patch);
  mergeRetainKeys(original, rest, mode);
  mergeOrderedLists(original, rest, type, mode);
  for (const [key, value] of rest) {
    if (key.startsWith(DELETE_PREFIX)) {
      deleteScalars(original, key, value, mode);
    } else {
      mergeField(original, key, value, { type, mode });
    }
  }
  return original;
}

function replaceOrDelete(directive: Value, patch: ValueMap): ValueMap {
  if (directive === 'replace') {
    const replacement: ValueMap = new Map(patch);
    replacement.delete('$patch');
    return replacement;
  }
  if (directive === 'delete') return new Map();
  throw new MergeError(`unknown patch type: ${printed(directive)} in map: ${printed(patch)}`);
}

function mergeField(
  original: ValueMap,
  key: string,
  value: Value,
  { type, mode }: { readonly type: PatchType; readonly mode: MergeMode },
): void {
  if (value === null) {
    original.delete(key);
    if (mode === 'combine') original.set(key, null);
    return;
  }
  const current = original.get(key);
  if (isMap(current) && isMap(value)) {
    const field = lookupField(type, key);
    original.set(
      key,
      field.strategy === 'replace' ? value : mergeMaps(current, value, field.type, mode),
    );
  } else if (Array.isArray(current) && Array.isArray(value)) {
    const field = lookupList(type, key);
    original.set(key, field.strategy === 'merge' ? mergeLists(current, value, field, mode) : value);
  } else {
    const kept = withoutDirectives(mode === 'apply' ? withoutNulls(value) : value);
    if (kept === undefined) original.delete(key);
    else original.set(key, kept);
  }
}

function deleteScalars(original: ValueMap, key: string, value: Value, mode: MergeMode): void {
  if (mode === 'combine') {
    original.set(key, value);
    return;
  }
  const field = key.slice(DELETE_PREFIX.length);
  const current = original.get(field);
  if (!Array.isArray(current) || !Array.isArray(value)) return;
  original.set(
    field,
    current.filter((item) => !value.some((gone) => isSameScalar(gone, item))),
  );
}

function mergeRetainKeys(original: ValueMap, patch: ValueMap, mode: MergeMode): void {
  const kept = patch.get('$retainKeys');
  if (kept === undefined) return;
  patch.delete('$retainKeys');
  if (mode === 'combine') {
    const before = original.get('$retainKeys');
    if (before !== undefined && !deepEqual(before, kept)) {
      throw new MergeError(
        `${printed(before)} and ${printed(kept)} are not deep equal: this may happen when calculating the 3-way diff patch`,
      );
    }
    original.set('$retainKeys', kept);
    return;
  }
  if (!Array.isArray(kept)) throw new MergeError('invalid patch format of retainKeys');
  const names = new Set(kept);
  for (const [key, value] of patch) {
    const isDirective = key.startsWith(DELETE_PREFIX) || key.startsWith(ORDER_PREFIX);
    if (value !== null && !isDirective && !names.has(key)) {
      throw new MergeError('invalid patch format of retainKeys');
    }
  }
  for (const key of [...original.keys()]) {
    if (!names.has(key)) original.delete(key);
  }
}

function mergeOrderedLists(
  original: ValueMap,
  patch: ValueMap,
  type: PatchType,
  mode: MergeMode,
): void {
  for (const [key, order] of patch) {
    if (!key.startsWith(ORDER_PREFIX)) continue;
    if (mode === 'combine') {
      const before = original.get(key);
      if (before !== undefined && !deepEqual(before, order)) {
        throw new MergeError('invalid patch format of setElementOrder list');
      }
      original.set(key, order);
    }
    patch.delete(key);
    mergeOrderedList(original, patch, {
      name: key.slice(ORDER_PREFIX.length),
      order: listOf(order) ?? [],
      type,
      mode,
    });
  }
}

interface OrderedList {
  readonly name: string;
  readonly order: readonly Value[];
  readonly type: PatchType;
  readonly mode: MergeMode;
}

function mergeOrderedList(original: ValueMap, patch: ValueMap, list: OrderedList): void {
  const { name, order, type, mode } = list;
  const before = listOf(original.get(name));
  const change = listOf(patch.get(name));
  const field = lookupList(type, name);
  checkOrder(change ?? [], order, field.mergeKey);
  let merged: Value[];
  if (before !== undefined && change !== undefined) {
    merged = field.strategy === 'merge' ? mergeLists(before, change, field, mode) : [...change];
  } else if (before !== undefined) {
    merged = [...before];
  } else if (change !== undefined) {
    merged = listOf(withoutDirectives([...change]) ?? null) ?? [];
  } else {
    return;
  }
  // Go refuses lists of mixed types here too.
  if ((before ?? []).length + (change ?? []).length > 0) elementType(before ?? [], change ?? []);
  original.set(name, interleave(merged, order, before ?? [], field.mergeKey));
  patch.delete(name);
}

function listOf(value: Value | undefined): Value[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    throw new MergeError(`expected a []interface {}, but received a ${jsonType(value)}`);
  }
  return value;
}

/** Elements of the patch must stand in the order that the directive names. */
function checkOrder(change: readonly Value[], order: readonly Value[], mergeKey: string): void {
  const items = change.filter((item) => !(isMap(item) && item.has('$patch')));
  if (items.length === 0 || order.length === 0) return;
  let at = 0;
  for (const item of items) {
    const found = indexOfElement(order.slice(at), item, mergeKey);
    if (found < 0) {
      throw new MergeError(
        `The order in patch list:\n${printed([...change])}\n doesn't match $setElementOrder list:\n${printed([...order])}\n`,
      );
    }
    at += found + 1;
  }
}

/** Merges two lists whose strategy is `merge`. */
function mergeLists(
  original: readonly Value[],
  patch: readonly Value[],
  field: FieldMerge,
  mode: MergeMode,
): Value[] {
  if (original.length === 0 && patch.length === 0) return [];
  if (elementType(original, patch) === 'scalar') {
    const merged = withoutDuplicates([...original, ...patch]);
    return interleave(merged, patch, original, '');
  }
  if (field.mergeKey === '') {
    throw new MergeError('cannot merge lists without merge key for struct');
  }
  const { kept, added } = actOnDirectives(original, patch, field.mergeKey);
  const merged = [...kept];
  for (const item of mapsWithKey(added, field.mergeKey)) {
    const at = indexOfElement(merged, item, field.mergeKey);
    const found = merged[at];
    if (isMap(found)) merged[at] = mergeMaps(found, item, field.type, mode);
    else merged.push(item);
  }
  return interleave(merged, added, kept, field.mergeKey);
}

function actOnDirectives(
  original: readonly Value[],
  patch: readonly Value[],
  mergeKey: string,
): { readonly kept: readonly Value[]; readonly added: Value[] } {
  let kept = original;
  let mustReplace = false;
  const added: Value[] = [];
  for (const item of patch.filter(isMap)) {
    const directive = item.get('$patch');
    if (directive === undefined) {
      added.push(item);
    } else if (directive === 'delete') {
      mapsWithKey([item], mergeKey);
      kept = kept.filter((other) => indexOfElement([other], item, mergeKey) < 0);
    } else if (directive === 'replace') {
      mustReplace = true;
    } else if (directive === 'merge') {
      throw new MergeError('merging lists cannot yet be specified in the patch');
    } else {
      throw new MergeError(`unknown patch type: ${printed(directive)} in map: ${printed(item)}`);
    }
  }
  return mustReplace ? { kept: added, added: [] } : { kept, added };
}

/**
 * Orders a merged list: elements named in `order` in that order, the others in the order of the live list, put before
 * the first named element that the live list has after them.
 */
function interleave(
  merged: readonly Value[],
  order: readonly Value[],
  live: readonly Value[],
  mergeKey: string,
): Value[] {
  if (mergeKey !== '') mapsWithKey(merged, mergeKey);
  const isNamed = (item: Value): boolean => indexOfElement(order, item, mergeKey) >= 0;
  const named = sortByOrder(merged.filter(isNamed), order, mergeKey);
  const others = sortByOrder(
    merged.filter((item) => !isNamed(item)),
    live,
    mergeKey,
  );
  const result: Value[] = [];
  let i = 0;
  let j = 0;
  while (i < others.length || j < named.length) {
    const [other, next] = [others[i], named[j]];
    if (other !== undefined && (next === undefined || isBefore(other, next, live, mergeKey))) {
      result.push(other);
      i++;
    } else if (next !== undefined) {
      result.push(next);
      j++;
    }
  }
  return result;
}

function isBefore(a: Value, b: Value, live: readonly Value[], mergeKey: string): boolean {
  const [left, right] = [indexOfElement(live, a, mergeKey), indexOfElement(live, b, mergeKey)];
  return left >= 0 && right >= 0 && left < right;
}

/** Objects that carry a directive are instructions, not content. */
function withoutDirectives(value: Value): Value | undefined {
  if (isMap(value)) {
    if (value.has('$patch')) return undefined;
    const kept: ValueMap = new Map();
    for (const [key, item] of value) {
      const content = withoutDirectives(item);
      if (content !== undefined) kept.set(key, content);
    }
    return kept;
  }
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item) => item !== undefined);
  }
  return value;
}

function withoutNulls(value: Value): Value {
  if (isMap(value)) {
    return new Map(
      [...value]
        .filter(([, item]) => item !== null)
        .map(([key, item]) => [key, withoutNulls(item)]),
    );
  }
  return Array.isArray(value) ? value.map(withoutNulls) : value;
}
