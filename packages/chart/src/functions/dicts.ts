// SPDX-License-Identifier: Apache-2.0

/** Dictionary functions. Source: Masterminds/sprig v3.3.0 dict.go */

import { compareBytes, types, type Value, type ValueMap } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { deepCopy } from './deep-copy.ts';
import { alias, define } from './define.ts';
import { FunctionError } from './errors.ts';
import { mergeMaps } from './merge.ts';
import { conversionError, nilMap, strings, textOf } from './reflect.ts';

const { any, map } = types;

function dict(items: readonly Value[]): ValueMap {
  const made: ValueMap = new Map();
  for (let i = 0; i < items.length; i += 2) {
    const value = items[i + 1];
    made.set(textOf(items[i] ?? null), value === undefined ? '' : value);
  }
  return made;
}

function set(into: ValueMap | null, key: string, value: Value): ValueMap {
  if (into === null) throw new FunctionError('assignment to entry in nil map');
  return into.set(key, value);
}

function keys(maps: readonly (ValueMap | null)[]): string[] {
  // Go's order is random: sorted here, so that rendering twice gives the same bytes.
  return maps.flatMap((entries) => [...(entries?.keys() ?? [])].sort(compareBytes));
}

function values(entries: ValueMap | null): Value[] {
  return keys([entries]).map((key) => entries?.get(key) ?? null);
}

function pick(from: ValueMap | null, names: readonly string[]): ValueMap {
  const picked: ValueMap = new Map();
  for (const name of names) {
    const value = from?.get(name);
    if (value !== undefined) picked.set(name, value);
  }
  return picked;
}

function omit(from: ValueMap | null, names: readonly string[]): ValueMap {
  const kept: ValueMap = new Map(from ?? []);
  for (const name of names) kept.delete(name);
  return kept;
}

function dig(args: readonly Value[]): Value {
  if (args.length < 3) throw new FunctionError('dig needs at least three arguments');
  const fallback = args.at(-2) ?? null;
  let step = args.at(-1) ?? null;
  if (!(step instanceof Map)) throw conversionError(step, types.map.name);
  const path = args.slice(0, -2).map((key) => {
    if (typeof key !== 'string') throw conversionError(key, 'string');
    return key;
  });
  for (const key of path) {
    if (!(step instanceof Map)) throw conversionError(step, types.map.name);
    const next: Value | undefined = step.get(key);
    if (next === undefined) return fallback;
    step = next;
  }
  return step;
}

function mergeAll(mustOverwrite: boolean) {
  return (into: ValueMap | null, ...sources: (ValueMap | null)[]): Value => {
    let merged = into;
    for (const source of sources) {
      if (source === null) continue;
      merged ??= new Map();
      mergeMaps(merged, source, mustOverwrite);
    }
    return merged ?? nilMap;
  };
}

const merge = define('merge', ['map', '...map'], any, mergeAll(false));
const mergeOverwrite = define('mergeOverwrite', ['map', '...map'], any, mergeAll(true));

/** Sprig's functions over `map[string]interface{}`. */
export const dictFunctions: readonly TemplateFunction[] = [
  define('dict', ['...any'], map, (...items) => dict(items)),
  define('get', ['map', 'string'], any, (from, key) => {
    const value = from?.get(key);
    return value === undefined ? '' : value;
  }),
  define('set', ['map', 'string', 'any'], map, set),
  define('unset', ['map', 'string'], map, (from, key) => {
    from?.delete(key);
    return from ?? nilMap;
  }),
  define('hasKey', ['map', 'string'], types.bool, (from, key) => from?.has(key) ?? false),
  define('pluck', ['string', '...map'], types.slice, (key, ...from) =>
    from.map((entries) => entries?.get(key)).filter((value) => value !== undefined),
  ),
  define('keys', ['...map'], types.strings, (...maps) => strings(keys(maps))),
  define('values', ['map'], types.slice, values),
  define('pick', ['map', '...string'], map, (from, ...names) => pick(from, names)),
  define('omit', ['map', '...string'], map, (from, ...names) => omit(from, names)),
  merge,
  ...alias(merge, 'mustMerge'),
  mergeOverwrite,
  ...alias(mergeOverwrite, 'mustMergeOverwrite'),
  define('deepCopy', ['any'], any, deepCopy),
  define('mustDeepCopy', ['any'], any, deepCopy),
  define('dig', ['...any'], any, (...args) => dig(args)),
];
