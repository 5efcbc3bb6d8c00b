// SPDX-License-Identifier: Apache-2.0

/**
 * Lists as strategic merge compares and orders them, the odd corners of Go's sort included.
 *
 * Source: apimachinery v0.37.0 pkg/util/strategicpatch/patch.go, Go 1.26 sort.Sort (insertion sort up to 12 elements)
 */

import { compareBytes, Int, sprintf, type Value, type ValueMap } from '@helm-operator/gocompat';
import { MergeError } from './errors.ts';

/** Go's `reflect.TypeOf`, as far as JSON has types. */
export function jsonType(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'float64';
  if (value instanceof Int) return value.kind;
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

export function isMap(value: Value | undefined): value is ValueMap {
  return value instanceof Map;
}

/** Go's `==` on interfaces that hold scalars. */
export function isSameScalar(a: Value | undefined, b: Value | undefined): boolean {
  if (a instanceof Int && b instanceof Int) return a.kind === b.kind && a.value === b.value;
  return a === b;
}

/** A scalar as `%v` prints it: what lists are sorted by. */
export function printed(value: Value | undefined): string {
  return sprintf('%v', [value ?? null]);
}

/** Elements up to which Go's sort is an insertion sort; beyond, equal keys keep their order here. */
const INSERTION_LIMIT = 12;

/**
 * Sorts by `key` as `sort.Sort` with Kubernetes' "sorted or equal" order does: elements of equal keys change places.
 *
 * Differs: beyond 12 elements equal keys keep their order (Go: as pdqsort leaves them).
 */
function sortByPrinted<T>(list: readonly T[], key: (item: T) => string): T[] {
  const keyed = list.map((item) => ({ item, text: key(item) }));
  if (keyed.length > INSERTION_LIMIT) {
    return keyed.sort((a, b) => compareBytes(a.text, b.text)).map(({ item }) => item);
  }
  for (let i = 1; i < keyed.length; i++) {
    for (let j = i; j > 0; j--) {
      const left = keyed[j - 1];
      const right = keyed[j];
      if (left === undefined || right === undefined) break;
      if (compareBytes(right.text, left.text) > 0) break;
      keyed[j - 1] = right;
      keyed[j] = left;
    }
  }
  return keyed.map(({ item }) => item);
}

export function sortScalars(list: readonly Value[]): Value[] {
  return sortByPrinted(list, printed);
}

export function sortByMergeKey(list: readonly ValueMap[], mergeKey: string): ValueMap[] {
  return sortByPrinted(list, (item) => printed(item.get(mergeKey)));
}

/** Keeps the first of equal scalars; the last element takes the place of a removed one, as in Go. */
export function withoutDuplicates(list: readonly Value[]): Value[] {
  const result = [...list];
  for (let i = 0; i < result.length - 1; i++) {
    for (let j = i + 1; j < result.length; j++) {
      if (!isSameScalar(result[i], result[j])) continue;
      const last = result.pop();
      if (j < result.length && last !== undefined) result[j] = last;
      j--;
    }
  }
  return result;
}

/**
 * The one type of all elements.
 *
 * @throws {MergeError} `kube/merge`: mixed types, lists of lists, no element at all
 */
export function elementType(...lists: readonly (readonly Value[])[]): 'map' | 'scalar' {
  let type: string | undefined;
  for (const element of lists.flat(1)) {
    const current = jsonType(element);
    if (type === undefined && current === '[]interface {}') {
      throw new MergeError('lists of lists are not supported');
    }
    if (type !== undefined && type !== current) {
      const shown = sprintf('%v', [lists.map((list) => [...list])]);
      throw new MergeError(`list element types are not identical: ${shown}`);
    }
    type = current;
  }
  if (type === undefined) throw new MergeError('no elements in any of the given slices');
  return type === 'map[string]interface {}' ? 'map' : 'scalar';
}

/**
 * The elements as objects that have their merge key.
 *
 * @throws {MergeError} `kube/merge`
 */
export function mapsWithKey(list: readonly Value[], mergeKey: string): ValueMap[] {
  return list.map((item) => {
    if (!isMap(item)) {
      throw new MergeError(`expected a map[string]interface {}, but received a ${jsonType(item)}`);
    }
    if (!item.has(mergeKey)) {
      throw new MergeError(
        `map: ${printed(item)} does not contain declared merge key: ${mergeKey}`,
      );
    }
    return item;
  });
}

/** Position of the first element with that merge key (or of that scalar), or -1. */
export function indexOfElement(list: readonly Value[], item: Value, mergeKey: string): number {
  const wanted = isMap(item) ? (item.get(mergeKey) ?? null) : item;
  return list.findIndex((other) =>
    isSameScalar(isMap(other) ? (other.get(mergeKey) ?? null) : other, wanted),
  );
}

/** Sorts `list` by the place its elements have in `order`; elements marked for deletion go last. */
export function sortByOrder(
  list: readonly Value[],
  order: readonly Value[],
  mergeKey: string,
): Value[] {
  const isMaps = mergeKey !== '' && (list.some(isMap) || order.some(isMap));
  if (isMaps) {
    mapsWithKey(list, mergeKey);
    mapsWithKey(order, mergeKey);
  }
  const isDeleted = (item: Value): boolean => isMap(item) && item.get('$patch') === 'delete';
  const kept = list.filter((item) => !isMaps || !isDeleted(item));
  const deleted = list.filter((item) => isMaps && isDeleted(item));
  const placed = kept.map((item) => ({ item, place: indexOfElement(order, item, mergeKey) }));
  // Elements without a place count as smaller than everything before them.
  for (let i = 1; i < placed.length; i++) {
    for (let j = i; j > 0; j--) {
      const left = placed[j - 1];
      const right = placed[j];
      if (left === undefined || right === undefined) break;
      if (right.place >= 0 && left.place >= 0 && right.place >= left.place) break;
      placed[j - 1] = right;
      placed[j] = left;
    }
  }
  return [...placed.map(({ item }) => item), ...deleted];
}
