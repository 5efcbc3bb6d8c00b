// SPDX-License-Identifier: Apache-2.0

/** Layers of values → the user's values, and the Redactor that knows their secrets. */

import type { Value, ValueMap, YamlLines } from '@helm-operator/gocompat';
import { ChartError } from '../errors.ts';
import { leavesOf, Redactor } from './redactor.ts';
import { type SetOptions, setValues } from './set.ts';
import { deepCopy, isTable } from './tables.ts';

/** What is known of a layer beside its values. */
export interface LayerFacts {
  /** Where it came from, for provenance: `Secret apps/db key values.yaml`. */
  readonly origin: string;
  /** Whether its leaves must not be shown. */
  readonly isSecret: boolean;
}

/** One document of values. */
export interface DocumentLayer extends LayerFacts {
  readonly values: ValueMap;
  /** Where its values stand in a file, for provenance. */
  readonly lines?: YamlLines | undefined;
}

/** A line as of `--set`, or `PATH=VALUE` of a `targetPath`. */
export interface SetLayer extends LayerFacts {
  readonly set: SetOptions & { readonly line: string };
}

/** The lowest stands first in a list. */
export type ValuesLayer = DocumentLayer | SetLayer;

/** What layers come to. */
export interface ComposedValues {
  readonly values: ValueMap;
  readonly redactor: Redactor;
}

/** Called for each leaf as it is set, in order; `isEmpty` for a table without members, which merges into one that is there. */
export type ObserveLeaf = (path: readonly string[], layer: ValuesLayer, isEmpty: boolean) => void;

/** Maps and lists inside each other, of one layer; what YAML may nest. */
const MAX_VALUES_DEPTH = 1000;

/**
 * Merges layers: maps into each other, everything else replaced by the later one; null stays null.
 *
 * Source: helm v3.22.0 pkg/cli/values/options.go (MergeValues, mergeMaps)
 * @throws {ChartError} `chart/set`: a line cannot be read; `chart/values`: values nested too deeply
 */
export function composeValues(
  layers: readonly ValuesLayer[],
  observe?: ObserveLeaf,
): ComposedValues {
  const values: ValueMap = new Map();
  const secrets = new Set<string>();
  for (const layer of layers) {
    const own = 'set' in layer ? applyLine(layer, values) : layer.values;
    checkDepth(own, layer.origin);
    if (!('set' in layer)) merge(values, own);
    if (layer.isSecret) for (const leaf of leavesOf(own)) secrets.add(leaf);
    if (observe !== undefined)
      observeLeaves(own, [], (path, isEmpty) => observe(path, layer, isEmpty));
  }
  return { values, redactor: new Redactor(secrets) };
}

/** Level by level, not by recursion: it is the stack that must not be filled. */
function checkDepth(values: ValueMap, origin: string): void {
  let level: readonly Value[] = [values];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_VALUES_DEPTH) {
      throw new ChartError(
        'chart/values',
        `values of ${origin} are nested more than ${MAX_VALUES_DEPTH} deep: make them flatter`,
      );
    }
    level = level.flatMap((value) =>
      isTable(value)
        ? [...value.values()].filter(isNested)
        : Array.isArray(value)
          ? value.filter(isNested)
          : [],
    );
  }
}

function isNested(value: Value): boolean {
  return isTable(value) || Array.isArray(value);
}

/** The names at the top that a line sets something of. @throws {ChartError} `chart/set` */
export function keysSet({ set }: SetLayer): readonly string[] {
  const own: ValueMap = new Map();
  setValues(set.line, own, set);
  return [...own.keys()];
}

/** @returns what the line sets, by itself */
function applyLine({ set }: SetLayer, values: ValueMap): ValueMap {
  const own: ValueMap = new Map();
  setValues(set.line, values, set);
  setValues(set.line, own, set);
  return own;
}

function merge(target: ValueMap, source: ValueMap): void {
  for (const [key, value] of source) {
    const existing = target.get(key);
    if (isTable(value) && isTable(existing)) merge(existing, value);
    else target.set(key, deepCopy(value));
  }
}

function observeLeaves(
  value: Value,
  path: readonly string[],
  observe: (path: readonly string[], isEmpty: boolean) => void,
): void {
  if (!isTable(value) || (value.size === 0 && path.length > 0)) observe(path, isTable(value));
  else for (const [key, inner] of value) observeLeaves(inner, [...path, key], observe);
}
