// SPDX-License-Identifier: Apache-2.0

/** Layers of values → the user's values, and the Redactor that knows their secrets. */

import type { Value, ValueMap } from '@helm-operator/gocompat';
import { leavesOf, Redactor } from './redactor.ts';
import { deepCopy, isTable } from './tables.ts';

/** One document of values, the lowest first in a list. */
export interface ValuesLayer {
  /** Where it came from, for provenance: `Secret apps/db key values.yaml`. */
  readonly origin: string;
  readonly values: ValueMap;
  readonly isSecret: boolean;
}

export interface ComposedValues {
  readonly values: ValueMap;
  readonly redactor: Redactor;
}

/** Called for each leaf as it is set; the last call for a path says where its value came from. */
export type ObserveLeaf = (path: readonly string[], origin: string) => void;

/**
 * Merges layers: maps into each other, everything else replaced by the later one; null stays null.
 *
 * Source: helm v3.22.0 pkg/cli/values/options.go (mergeMaps)
 */
export function composeValues(
  layers: readonly ValuesLayer[],
  observe?: ObserveLeaf,
): ComposedValues {
  const values: ValueMap = new Map();
  const secrets = new Set<string>();
  for (const layer of layers) {
    if (layer.isSecret) for (const leaf of leavesOf(layer.values)) secrets.add(leaf);
    merge(values, layer.values, { origin: layer.origin, observe, path: [] });
  }
  return { values, redactor: new Redactor(secrets) };
}

interface MergeContext {
  readonly origin: string;
  readonly observe: ObserveLeaf | undefined;
  readonly path: readonly string[];
}

function merge(target: ValueMap, source: ValueMap, context: MergeContext): void {
  for (const [key, value] of source) {
    const existing = target.get(key);
    const path = context.observe === undefined ? context.path : [...context.path, key];
    if (isTable(value) && isTable(existing)) {
      merge(existing, value, { ...context, path });
      continue;
    }
    target.set(key, deepCopy(value));
    if (context.observe !== undefined) observeLeaves(value, { ...context, path });
  }
}

function observeLeaves(value: Value, context: MergeContext): void {
  if (isTable(value) && value.size > 0) {
    for (const [key, inner] of value)
      observeLeaves(inner, { ...context, path: [...context.path, key] });
  } else {
    context.observe?.(context.path, context.origin);
  }
}
