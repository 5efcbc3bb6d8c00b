// SPDX-License-Identifier: Apache-2.0

import type { ValueMap } from '@helm-operator/gocompat';
import { isTable } from './tables.ts';

/**
 * A new map of both: `over` wins, maps are merged, null is a value like any other. Neither argument changes; inner maps may be shared.
 *
 * Source: helm v3.22.0 pkg/cli/values/options.go (mergeMaps)
 */
export function mergeMaps(base: ValueMap, over: ValueMap): ValueMap {
  const out: ValueMap = new Map(base);
  for (const [key, value] of over) {
    const below = out.get(key);
    out.set(key, isTable(value) && isTable(below) ? mergeMaps(below, value) : value);
  }
  return out;
}
