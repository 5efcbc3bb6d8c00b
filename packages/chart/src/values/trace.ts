// SPDX-License-Identifier: Apache-2.0

/** Which value came from where: layers of the user, values.yaml of the chart and its subcharts, imports. */

import {
  decodeUtf8,
  decodeYamlWithLines,
  type Value,
  type YamlLines,
} from '@helm-operator/gocompat';
import type { Chart } from '../chart/chart.ts';
import { type CoalesceOptions, coalesceValues } from './coalesce.ts';
import { composeValues, type ValuesLayer } from './compose.ts';
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
  const given = new PathMap();
  const { values } = composeValues(layers, (path, layer) => given.set(path, layer));
  const defaults = new Map<Chart, Defaults>();
  const traced: TracedValue[] = [];
  const walk = (value: Value, path: readonly string[]): void => {
    if (isTable(value) && value.size > 0) {
      for (const [key, inner] of value) walk(inner, [...path, key]);
      return;
    }
    const layer = given.get(path);
    const source =
      layer === undefined ? defaultSource(path, { chart, defaults }) : layerSource(path, layer);
    traced.push({ path, value, ...source });
  };
  walk(coalesceValues(chart, values, options), []);
  return traced;
}

type Source = Pick<TracedValue, 'origin' | 'line' | 'isSecret'>;

function layerSource(path: readonly string[], layer: ValuesLayer): Source {
  const line = 'lines' in layer ? lineAt(layer.lines, path) : undefined;
  return { origin: layer.origin, line, isSecret: layer.isSecret };
}

/** The line of the deepest key of a path that is there. */
function lineAt(lines: YamlLines | undefined, path: readonly string[]): number | undefined {
  let at = lines;
  for (const key of path) {
    const next = at?.keys?.get(key);
    if (next === undefined) break;
    at = next;
  }
  return at === lines ? undefined : at?.line;
}

interface Defaults {
  readonly value: Value;
  readonly lines: YamlLines;
}

interface DefaultsContext {
  readonly chart: Chart;
  readonly defaults: Map<Chart, Defaults>;
}

/** The parent's word counts before the subchart's own. */
function defaultSource(path: readonly string[], context: DefaultsContext): Source {
  const found = findDefault(path, context);
  if (found !== undefined) return found;
  const name = context.chart.metadata.name;
  return { origin: `import-values of chart ${name}`, line: undefined, isSecret: false };
}

function findDefault(path: readonly string[], context: DefaultsContext): Source | undefined {
  const { chart } = context;
  const { value, lines } = defaultsOf(context);
  if (has(value, path)) {
    const origin = `values.yaml of chart ${chart.metadata.name}`;
    return { origin, line: lineAt(lines, path), isSecret: false };
  }
  const [first, second] = path;
  const child = chart.dependencies.find(({ metadata }) => metadata.name === first);
  if (child === undefined) return undefined;
  const inner = path.slice(1);
  const fromParent = second === 'global' ? findDefault(inner, context) : undefined;
  return fromParent ?? findDefault(inner, { ...context, chart: child });
}

/** Whether a path leads somewhere, or ends early at a leaf. */
function has(values: Value, path: readonly string[]): boolean {
  let at: Value | undefined = values;
  for (const key of path) {
    if (!isTable(at)) return false;
    at = at.get(key);
    if (at === undefined) return false;
  }
  return true;
}

function defaultsOf({ chart, defaults }: DefaultsContext): Defaults {
  const known = defaults.get(chart);
  if (known !== undefined) return known;
  const file = chart.raw.find(({ name }) => name === 'values.yaml');
  const read = decodeYamlWithLines(file === undefined ? '' : decodeUtf8(file.data));
  defaults.set(chart, read);
  return read;
}

/** Layers by path; a leaf set later takes the place of what was below it. */
class PathMap {
  readonly #layers = new Map<string, ValuesLayer>();

  set(path: readonly string[], layer: ValuesLayer): void {
    this.#layers.set(JSON.stringify(path), layer);
  }

  /** The layer of the path, or of the nearest path above it. */
  get(path: readonly string[]): ValuesLayer | undefined {
    for (let length = path.length; length > 0; length--) {
      const layer = this.#layers.get(JSON.stringify(path.slice(0, length)));
      if (layer !== undefined) return layer;
    }
    return undefined;
  }
}
