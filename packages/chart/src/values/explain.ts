// SPDX-License-Identifier: Apache-2.0

/** Which value came from where, and what had to give way to it: for people who debug charts. */

import type { Value } from '@helm-operator/gocompat';
import type { Chart } from '../chart/chart.ts';
import { type CoalesceOptions, coalesceValues } from './coalesce.ts';
import { composeValues, type ValuesLayer } from './compose.ts';
import {
  defaultsOf,
  type KnownDefaults,
  lineAt,
  placesOf,
  type TracedValue,
  traceValues,
  valueAt,
} from './trace.ts';

/** Somebody's word about a value. */
export interface ValueSource extends Pick<TracedValue, 'origin' | 'line' | 'isSecret'> {
  readonly value: Value;
}

/** A value with what it overrode. */
export interface ExplainedValue extends TracedValue {
  /** The strongest first. */
  readonly overridden: readonly ValueSource[];
}

/**
 * `traceValues` of the leaves at or below a path, each with everybody's word about it.
 *
 * @param prefix empty: all leaves
 * @throws {ChartError} as `traceValues`
 */
export function explainValues(
  chart: Chart,
  layers: readonly ValuesLayer[],
  prefix: readonly string[],
  options: CoalesceOptions = {},
): readonly ExplainedValue[] {
  const seen = coalesceValues(chart, composeValues(layers).values, options);
  const defaults: KnownDefaults = { profile: options.profile, charts: new Map() };
  const context = { chart, seen, layers, defaults };
  return traceValues(chart, layers, options)
    .filter(({ path }) => prefix.every((part, i) => i >= path.length || path[i] === part))
    .map((traced) => {
      const words = placesOf(traced.path, context).flatMap((place) => wordsAbout(place, context));
      const winner = words.findIndex(
        ({ origin, line }) => origin === traced.origin && line === traced.line,
      );
      return { ...traced, overridden: words.slice(winner + 1) };
    });
}

interface ExplainContext {
  readonly chart: Chart;
  readonly layers: readonly ValuesLayer[];
  readonly defaults: KnownDefaults;
}

/** Layers from the last, then the defaults of charts from the top. */
function wordsAbout(path: readonly string[], context: ExplainContext): readonly ValueSource[] {
  return [
    ...context.layers.toReversed().flatMap((layer) => layerWord(path, layer)),
    ...defaultWords(path, context),
  ];
}

function layerWord(path: readonly string[], layer: ValuesLayer): readonly ValueSource[] {
  const { values } = 'set' in layer ? composeValues([layer]) : layer;
  const value = valueAt(values, path);
  if (value === undefined) return [];
  const line = 'lines' in layer ? lineAt(layer.lines, path) : undefined;
  return [{ origin: layer.origin, line, isSecret: layer.isSecret, value }];
}

function* defaultWords(path: readonly string[], context: ExplainContext): Generator<ValueSource> {
  const { chart } = context;
  const own = defaultsOf(context);
  const value = valueAt(own.values, path);
  if (value !== undefined) {
    const origin = `values.yaml of chart ${chart.metadata.name}`;
    yield { origin, line: lineAt(own.lines, path), isSecret: false, value };
  }
  const child = chart.dependencies.find(({ metadata }) => metadata.name === path[0]);
  if (child !== undefined) yield* defaultWords(path.slice(1), { ...context, chart: child });
}
