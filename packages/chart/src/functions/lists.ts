// SPDX-License-Identifier: Apache-2.0

/** List functions. Source: Masterminds/sprig v3.3.0 list.go */

import { deepEqual, Int, Typed, types, type Value } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { castToInt64 } from './cast.ts';
import { alias, define } from './define.ts';
import { FunctionError, FunctionLimitError } from './errors.ts';
import { isEmpty, itemsOf, kindOfSome, listsType, mustItems, nilList } from './reflect.ts';

/** Most items one call may compare or make. */
const MAX_ITEMS = 4_000_000;

function isIn(items: readonly Value[], wanted: Value): boolean {
  return items.some((item) => deepEqual(wanted, item));
}

/** Lists and maps that one call may compare with each other. */
const MAX_COMPARED = 10_000;

/** What equals another where Go's values are equal; `undefined` for what must be walked. */
function scalarKey(item: Value): unknown {
  if (item instanceof Int) return `${item.kind} ${item.value}`;
  if (typeof item === 'object') return item === null ? 'nil' : undefined;
  // No text of an integer can meet a text of the template: that has a quote before it.
  return typeof item === 'string' ? `"${item}` : item;
}

function unique(items: readonly Value[]): Value[] {
  const seen = new Set<unknown>();
  const walked: Value[] = [];
  return items.filter((item) => {
    const key = scalarKey(item);
    if (key !== undefined) {
      // NaN equals nothing.
      const isNew = !seen.has(key) || Number.isNaN(key);
      seen.add(key);
      return isNew;
    }
    if (isIn(walked, item)) return false;
    if (walked.push(item) > MAX_COMPARED) {
      throw new FunctionLimitError('comparisons of lists and maps', MAX_COMPARED);
    }
    return true;
  });
}

function chunk(size: number, list: Value): Value {
  const items = mustItems(list, 'Cannot chunk type');
  const count = Math.floor((items.length - 1) / size) + 1;
  // Go divides by zero as floats and converts infinity to the smallest integer.
  if (Number.isNaN(count) || !Number.isFinite(count) || count < 0) {
    throw new FunctionError('runtime error: makeslice: len out of range');
  }
  const chunks: Value[] = [];
  for (let i = 0; i < count; i++) {
    const rest = items.length % size;
    const length = i === count - 1 && rest !== 0 ? rest : size;
    if (length < 0) throw new FunctionError('runtime error: makeslice: len out of range');
    const from = i * size;
    if (from + length > items.length) {
      throw new FunctionError('reflect: slice index out of range');
    }
    chunks.push(items.slice(from, from + length));
  }
  return new Typed(listsType, chunks);
}

function slice(list: Value, indices: readonly Value[]): Value {
  const items = mustItems(list, 'list should be type of slice or array but');
  if (items.length === 0) return null;
  const [first, second] = indices;
  const from = first === undefined ? 0n : castToInt64(first);
  const to = second === undefined ? BigInt(items.length) : castToInt64(second);
  if (from < 0n || to < from || to > BigInt(items.length)) {
    throw new FunctionError('reflect.Value.Slice: slice index out of bounds');
  }
  const part = items.slice(Number(from), Number(to));
  return list instanceof Typed ? new Typed(list.type, part) : part;
}

function concat(lists: readonly Value[]): Value {
  if (lists.length === 0) return nilList;
  const joined: Value[] = [];
  for (const list of lists) {
    const kind = kindOfSome(list);
    const items = itemsOf(list);
    if (items === undefined) throw new FunctionError(`Cannot concat type ${kind} as list`);
    if (joined.length + items.length > MAX_ITEMS) throw new FunctionLimitError('items', MAX_ITEMS);
    for (const item of items) joined.push(item);
  }
  return joined.length === 0 ? nilList : joined;
}

function has(needle: Value, haystack: Value): boolean {
  return haystack !== null && isIn(mustItems(haystack, 'Cannot find has on type'), needle);
}

const any = types.any;
const list = types.slice;

const create = define('list', ['...any'], list, (...items) => items);
const push = define('push', ['any', 'any'], list, (into, item) => [
  ...mustItems(into, 'Cannot push on type'),
  item,
]);
const prepend = define('prepend', ['any', 'any'], list, (into, item) => [
  item,
  ...mustItems(into, 'Cannot prepend on type'),
]);
const first = define(
  'first',
  ['any'],
  any,
  (from) => mustItems(from, 'Cannot find first on type')[0] ?? null,
);
const last = define(
  'last',
  ['any'],
  any,
  (from) => mustItems(from, 'Cannot find last on type').at(-1) ?? null,
);
const rest = define('rest', ['any'], list, (from) => {
  const items = mustItems(from, 'Cannot find rest on type');
  return items.length === 0 ? nilList : items.slice(1);
});
const initial = define('initial', ['any'], list, (from) => {
  const items = mustItems(from, 'Cannot find initial on type');
  return items.length === 0 ? nilList : items.slice(0, -1);
});
const reverse = define('reverse', ['any'], list, (from) =>
  mustItems(from, 'Cannot find reverse on type').toReversed(),
);
const uniq = define('uniq', ['any'], list, (from) =>
  unique(mustItems(from, 'Cannot find uniq on type')),
);
const without = define('without', ['any', '...any'], list, (from, ...omitted) =>
  mustItems(from, 'Cannot find without on type').filter((item) => !isIn(omitted, item)),
);
const hasItem = define('has', ['any', 'any'], types.bool, has);
const compact = define('compact', ['any'], list, (from) =>
  mustItems(from, 'Cannot compact on type').filter((item) => !isEmpty(item)),
);
const part = define('slice', ['any', '...any'], any, (from, ...indices) => slice(from, indices));
const chunks = define('chunk', ['size', 'any'], listsType, chunk);

/** Sprig's functions over lists of any Go type. */
export const listFunctions: readonly TemplateFunction[] = [
  create,
  ...alias(create, 'tuple'),
  push,
  ...alias(push, 'append', 'mustPush', 'mustAppend'),
  prepend,
  ...alias(prepend, 'mustPrepend'),
  first,
  ...alias(first, 'mustFirst'),
  last,
  ...alias(last, 'mustLast'),
  rest,
  ...alias(rest, 'mustRest'),
  initial,
  ...alias(initial, 'mustInitial'),
  reverse,
  ...alias(reverse, 'mustReverse'),
  uniq,
  ...alias(uniq, 'mustUniq'),
  without,
  ...alias(without, 'mustWithout'),
  hasItem,
  ...alias(hasItem, 'mustHas'),
  compact,
  ...alias(compact, 'mustCompact'),
  part,
  ...alias(part, 'mustSlice'),
  chunks,
  ...alias(chunks, 'mustChunk'),
  define('concat', ['...any'], any, (...lists) => concat(lists)),
];
