// SPDX-License-Identifier: Apache-2.0

/**
 * Which subcharts take part, under which name, and what they hand up to their parent.
 *
 * Source: helm v3.22.0 pkg/chartutil/dependencies.go (ProcessDependenciesWithMerge)
 */

import {
  newConstraint,
  newVersion,
  sprintValue,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import type { Chart, ChartDependency } from '../chart/chart.ts';
import { type CoalesceOptions, coalesceValues, mergeTables, mergeValues } from './coalesce.ts';
import { deepCopy, isTable, tableAt, valueAt } from './tables.ts';

/**
 * A chart with the subcharts that conditions and tags leave, aliases as names, `import-values` imported.
 *
 * @param values the user's values
 * @throws {ChartError} `chart/values`
 */
export function processDependencies(
  chart: Chart,
  values: ValueMap,
  options: CoalesceOptions = {},
): Chart {
  return importValues(enable(chart, values, { options, path: '' }), options);
}

interface EnableContext {
  readonly options: CoalesceOptions;
  /** Path of the chart in the root's values, with a dot at the end. */
  readonly path: string;
}

function enable(chart: Chart, values: ValueMap, context: EnableContext): Chart {
  const wanted = chart.metadata.dependencies;
  if (wanted === undefined) return chart;
  const unlisted = chart.dependencies.filter(
    (child) => !wanted.some((entry) => isChartOf(entry, child)),
  );
  const listed = wanted.flatMap((entry) => {
    const child = chart.dependencies.find((candidate) => isChartOf(entry, candidate));
    return child === undefined ? [] : [renamed(child, entry.alias)];
  });
  const named = wanted.map((entry) => ({
    ...entry,
    name: entry.alias === '' ? entry.name : entry.alias,
    isEnabled: true,
  }));
  const all: Chart = {
    ...chart,
    metadata: { ...chart.metadata, dependencies: named },
    dependencies: [...unlisted, ...listed],
  };
  const coalesced = coalesceValues(all, values, context.options);
  const decided = named.map((entry) => decide(entry, coalesced, context));
  const removed = new Set(decided.filter(({ isEnabled }) => !isEnabled).map(({ name }) => name));
  return {
    ...all,
    metadata: { ...all.metadata, dependencies: decided.filter(({ name }) => !removed.has(name)) },
    dependencies: all.dependencies
      .filter(({ metadata }) => !removed.has(metadata.name))
      .map((child) =>
        enable(child, coalesced, { ...context, path: `${context.path}${child.metadata.name}.` }),
      ),
  };
}

function renamed(chart: Chart, alias: string): Chart {
  return alias === '' ? chart : { ...chart, metadata: { ...chart.metadata, name: alias } };
}

function isChartOf(entry: ChartDependency, chart: Chart): boolean {
  return chart.metadata.name === entry.name && isInRange(entry.version, chart.metadata.version);
}

/** Helm's IsCompatibleRange: what cannot be read is not compatible. */
export function isInRange(constraint: string, version: string): boolean {
  try {
    return newConstraint(constraint).check(newVersion(version));
  } catch {
    return false;
  }
}

/** Tags first; a condition that is a bool overrides them. */
function decide(
  entry: ChartDependency,
  values: ValueMap,
  { path, options }: EnableContext,
): ChartDependency {
  const isTagged = byTags(entry, values, options);
  const trimmed = entry.condition.trim();
  for (const condition of trimmed === '' ? [] : trimmed.split(',')) {
    if (condition === '') continue;
    const value = valueAt(values, path + condition);
    if (value === undefined) continue;
    if (typeof value === 'boolean') return { ...entry, isEnabled: value };
    options.warn?.(
      `Warning: Condition path '${condition}' for chart ${entry.name} returned non-bool value`,
    );
  }
  return { ...entry, isEnabled: isTagged };
}

function byTags(entry: ChartDependency, values: ValueMap, options: CoalesceOptions): boolean {
  const tags = values.get('tags');
  if (!isTable(tags)) return true;
  let hasTrue = false;
  let hasFalse = false;
  for (const tag of entry.tags) {
    const value = tags.get(tag);
    if (value === undefined) continue;
    if (value === true) hasTrue = true;
    else if (value === false) hasFalse = true;
    else options.warn?.(`Warning: Tag '${tag}' for chart ${entry.name} returned non-bool value`);
  }
  return hasTrue || !hasFalse;
}

/** Depth first: what a child imports is there when its parent imports from it. */
function importValues(chart: Chart, options: CoalesceOptions): Chart {
  const inner: Chart = {
    ...chart,
    dependencies: chart.dependencies.map((child) => importValues(child, options)),
  };
  const entries = inner.metadata.dependencies;
  if (entries === undefined) return inner;
  const values = mergeValues(inner, new Map(), options);
  let imported: ValueMap = new Map();
  const named = entries.map((entry) => {
    const items: Value[] = [];
    for (const item of entry.importValues) {
      const pair = pairOf(item);
      if (pair === undefined) continue;
      items.push(
        new Map<string, Value>([
          ['child', pair.child],
          ['parent', pair.parent],
        ]),
      );
      const table = tableAt(values, `${entry.name}.${pair.child}`);
      if (table === undefined) {
        options.warn?.(
          `Warning: ImportValues missing table from chart ${entry.name}: ${pair.child}`,
        );
      } else {
        imported = mergeTables(imported, nested(pair.parent, table), options);
      }
    }
    return { ...entry, importValues: items };
  });
  return {
    ...inner,
    metadata: { ...inner.metadata, dependencies: named },
    values: mergeTables(deepCopy(values), imported, options),
  };
}

function pairOf(item: Value): { child: string; parent: string } | undefined {
  if (typeof item === 'string') return { child: `exports.${item}`, parent: '.' };
  if (!isTable(item)) return undefined;
  const text = (key: string) => sprintValue(item.get(key) ?? null);
  return { child: text('child'), parent: text('parent') };
}

function nested(path: string, table: ValueMap): ValueMap {
  if (path === '.') return table;
  return path
    .split('.')
    .reduceRight<ValueMap>((inner, key) => new Map<string, Value>([[key, inner]]), table);
}
