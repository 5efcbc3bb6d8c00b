// SPDX-License-Identifier: Apache-2.0

import type { Chart } from '../chart/chart.ts';
import type { Profile } from '../profile.ts';
import { composeValues, type ValuesLayer } from '../values/compose.ts';
import { processDependencies } from '../values/dependencies.ts';
import { type ExplainedValue, explainValues } from '../values/explain.ts';
import { valuePath } from './value-path.ts';

/**
 * Where values came from: each leaf at or below a path, with the layer or chart that gave it and everybody whose word it overrode.
 *
 * @param layers the user's values, the lowest first
 * @param path   `image.tag`, `child.port`; `\.` is a dot of a key; empty: all values
 * @returns no rows where templates see no such value
 * @throws {ChartError} `chart/set`, `chart/values`
 */
export function explainValue(
  chart: Chart,
  layers: readonly ValuesLayer[],
  path: string,
  { profile = 'helm3' }: { readonly profile?: Profile | undefined } = {},
): readonly ExplainedValue[] {
  const { values } = composeValues(layers);
  const enabled = processDependencies(chart, values, { profile });
  return explainValues(enabled, layers, valuePath(path), { profile });
}
