// SPDX-License-Identifier: Apache-2.0

/** Which value came from where: layers of the user, values.yaml of the chart and its subcharts, imports. */

import { decodeUtf8, type Value, type ValueMap, type YamlLines } from '@helm-operator/gocompat';
import type { Chart } from '../chart/chart.ts';
import type { Profile } from '../profile.ts';
import { type CoalesceOptions, coalesceValues } from './coalesce.ts';
import { composeValues, type ValuesLayer } from './compose.ts';
import { readValuesWithLines } from './read-values.ts';
import { isTable } from './tables.ts';

/** A leaf of the values that templates see. */
export interface TracedValue {
  readonly path: readonly string[];
  readonly value: Value;
  /** A layer's origin, `values.yaml of chart NAME`, or `import-values of chart NAME`. */
  readonly origin: string;
  /** Line in the origin, where it is known. */
  readonly line: number | undefined;
  readonly isSecret: boolean;
}

/**
 * The values that templates see, leaf by leaf, each with where it came from. Costs a composition and a parse of every values.yaml: only
 * for those who ask.
 *
 * @param chart after `processDependencies`
 * @throws {ChartError} as `composeValues` and `coalesceValues`
 */
export function traceValues(
  chart: Chart,
  layers: readonly ValuesLayer[],
  options: CoalesceOptions = {},
): readonly TracedValue[] {
  const given = new LayerTree();
  const { values } = composeValues(layers, (path, layer, isEmpty) => {
    given.set(path, layer, isEmpty);
  });
  const seen = coalesceValues(chart, values, options);
  const defaults: KnownDefaults = { profile: options.profile, charts: new Map() };
  const context: TraceContext = { chart, given, composed: values, seen, defaults };
  const traced: TracedValue[] = [];
  const walk = (value: Value, path: readonly string[]): void => {
    if (isTable(value) && value.size > 0) {
      for (const [key, inner] of value) walk(inner, [...path, key]);
      return;
    }
    traced.push({ path, value, ...sourceOf(path, value, context) });
  };
  walk(seen, []);
  return traced;
}

export interface TraceContext {
  readonly chart: Chart;
  readonly given: LayerTree;
  /** What the layers come to, without defaults. */
  readonly composed: Value;
  /** What templates see. */
  readonly seen: Value;
  readonly defaults: KnownDefaults;
}

type Source = Pick<TracedValue, 'origin' | 'line' | 'isSecret'>;

function sourceOf(path: readonly string[], value: Value, context: TraceContext): Source {
  for (const place of placesOf(path, context)) {
    const found = layerSource(place, value, context) ?? defaultSource(place, value, context);
    if (found !== undefined) return found;
  }
  const { name } = context.chart.metadata;
  return { origin: `import-values of chart ${name}`, line: undefined, isSecret: false };
}

/** A subchart's `global` is that of the charts above it, from the top, then its own. */
export function placesOf(
  path: readonly string[],
  { chart, seen }: Pick<TraceContext, 'chart' | 'seen'>,
): (readonly string[])[] {
  const places = [path];
  let at: Chart | undefined = chart;
  for (const [depth, key] of path.entries()) {
    at = at?.dependencies.find(({ metadata }) => metadata.name === key);
    if (at === undefined) break;
    if (path[depth + 1] !== 'global') continue;
    const rest = path.slice(depth + 1);
    for (let above = depth; above >= 0; above--) places.push([...path.slice(0, above), ...rest]);
    break;
  }
  return places.reverse().filter((place) => valueAt(seen, place) !== undefined);
}

/** A null of the user takes a default away: what is there nevertheless is not the user's. */
function layerSource(
  path: readonly string[],
  value: Value,
  { given, composed }: TraceContext,
): Source | undefined {
  const layer = given.get(path);
  if (layer === undefined || isOnlyNull(valueAt(composed, path), value)) return undefined;
  const line = 'lines' in layer ? lineAt(layer.lines, path) : undefined;
  return { origin: layer.origin, line, isSecret: layer.isSecret };
}

function isOnlyNull(held: Value | undefined, value: Value): boolean {
  return held === null && value !== null;
}

/** The line of the deepest key of a path that is there. */
export function lineAt(lines: YamlLines | undefined, path: readonly string[]): number | undefined {
  let at = lines;
  for (const key of path) {
    const next = at?.keys?.get(key);
    if (next === undefined) break;
    at = next;
  }
  return at === lines ? undefined : at?.line;
}

export interface Defaults {
  readonly values: ValueMap;
  readonly lines: YamlLines;
}

/** What charts' values.yaml were found to hold. */
export interface KnownDefaults {
  readonly profile: Profile | undefined;
  readonly charts: Map<Chart, Defaults>;
}

/** The parent's word counts before the subchart's own. */
function defaultSource(
  path: readonly string[],
  value: Value,
  context: Pick<TraceContext, 'chart' | 'defaults'>,
): Source | undefined {
  const { chart } = context;
  const own = defaultsOf(context);
  const held = valueAt(own.values, path);
  if (held !== undefined && !isOnlyNull(held, value)) {
    const origin = `values.yaml of chart ${chart.metadata.name}`;
    return { origin, line: lineAt(own.lines, path), isSecret: false };
  }
  const child = chart.dependencies.find(({ metadata }) => metadata.name === path[0]);
  return child && defaultSource(path.slice(1), value, { ...context, chart: child });
}

/** What a path leads to; it may end early, at a leaf. */
export function valueAt(values: Value, path: readonly string[]): Value | undefined {
  let at: Value | undefined = values;
  for (const key of path) {
    if (!isTable(at)) return undefined;
    at = at.get(key);
    if (at === undefined) return undefined;
  }
  return at;
}

export function defaultsOf({
  chart,
  defaults,
}: Pick<TraceContext, 'chart' | 'defaults'>): Defaults {
  const known = defaults.charts.get(chart);
  if (known !== undefined) return known;
  const file = chart.raw.find(({ name }) => name === 'values.yaml');
  const text = file === undefined ? '' : decodeUtf8(file.data);
  const read = readValuesWithLines(text, defaults.profile);
  defaults.charts.set(chart, read);
  return read;
}

interface LayerNode {
  layer: ValuesLayer | undefined;
  readonly below: Map<string, LayerNode>;
}

const newNode = (): LayerNode => ({ layer: undefined, below: new Map() });

/** Layers by path, as composing lays them over each other. */
class LayerTree {
  readonly #root = newNode();

  /** @param isEmpty the layer sets an empty table, which takes nothing away but a leaf */
  set(path: readonly string[], layer: ValuesLayer, isEmpty: boolean): void {
    let node = this.#root;
    for (const key of path) {
      // What was a leaf is a table now.
      node.layer = undefined;
      const next = node.below.get(key) ?? newNode();
      node.below.set(key, next);
      node = next;
    }
    if (isEmpty && node.below.size > 0) return;
    node.layer = layer;
    node.below.clear();
  }

  get(path: readonly string[]): ValuesLayer | undefined {
    let node: LayerNode | undefined = this.#root;
    for (const key of path) node = node?.below.get(key);
    return node?.layer;
  }
}
