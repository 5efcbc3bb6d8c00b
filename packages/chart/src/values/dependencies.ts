// SPDX-License-Identifier: Apache-2.0

/**
 * Which subcharts take part and under which name.
 *
 * Works on a tree of its own in which Helm's shared pointers are kept: with Helm 3 two aliases of one chart share its list of
 * dependencies, so that what the first does to it (names become aliases, imports are done) the second finds done.
 *
 * Source: helm v3.22.0 pkg/chartutil/dependencies.go (ProcessDependenciesWithMerge), helm4: v4.2.1 pkg/chart/v2/util/dependencies.go
 */

import { newConstraint, newVersion, type ValueMap } from '@helm-operator/gocompat';
import type { Chart } from '../chart/chart.ts';
import type { Profile } from '../profile.ts';
import { type ChartNode, chartOf, nodeOf, pointersCut, type Requirement } from './chart-node.ts';
import { type CoalesceOptions, coalesceValues, type Warn } from './coalesce.ts';
import { importValues } from './import-values.ts';
import { isTable, valueAt } from './tables.ts';

export interface DependencyOptions {
  readonly profile?: Profile | undefined;
  /** Hears what Helm would log. */
  readonly warn?: Warn | undefined;
}

/**
 * A chart with the subcharts that conditions and tags leave, aliases as names, `import-values` imported.
 *
 * @param values the user's values
 * @throws {ChartError} `chart/values`: the values of a subchart are no map
 */
export function processDependencies(
  chart: Chart,
  values: ValueMap,
  { profile = 'helm3', warn = () => undefined }: DependencyOptions = {},
): Chart {
  const root = nodeOf(chart);
  const context: DependencyContext = {
    profile,
    warn,
    coalesce: { warn, profile },
  };
  enable(root, values, { ...context, path: '' });
  importValues(root, context.coalesce);
  return chartOf(root);
}

interface DependencyContext {
  readonly profile: Profile;
  readonly warn: Warn;
  readonly coalesce: CoalesceOptions;
}

interface EnableContext extends DependencyContext {
  /** Path of the chart in the root's values, with a dot at the end. */
  readonly path: string;
}

function enable(node: ChartNode, values: ValueMap, context: EnableContext): void {
  const wanted = node.requirements;
  if (wanted === undefined) return;
  attach(node, findChildren(node, wanted, context.profile));
  for (const entry of wanted) entry.isEnabled = true;
  const coalesced = coalesceValues(node, values, context.coalesce);
  for (const entry of wanted) decide(entry, coalesced, context);
  const removed = new Set(wanted.filter(({ isEnabled }) => !isEnabled).map(({ name }) => name));
  const children = node.dependencies.filter(({ metadata }) => !removed.has(metadata.name));
  const kept = wanted.filter(({ name }) => !removed.has(name));
  for (const child of children) {
    enable(child, coalesced, { ...context, path: `${context.path}${child.metadata.name}.` });
  }
  node.requirements = kept.length === 0 ? undefined : kept;
  attach(node, children);
}

function attach(parent: ChartNode, children: readonly ChartNode[]): void {
  parent.dependencies = [...children];
  for (const child of children) child.parent = parent;
}

/** Charts that nobody listed, then one for each entry that has a chart; entries take their alias as name. */
function findChildren(
  node: ChartNode,
  wanted: readonly Requirement[],
  profile: Profile,
): readonly ChartNode[] {
  const found = node.dependencies.filter(
    (child) => !wanted.some((entry) => isChartOf(entry, child)),
  );
  for (const entry of wanted) {
    const child = node.dependencies.find((candidate) => isChartOf(entry, candidate));
    if (child !== undefined) found.push(instance(child, entry.source.alias, profile));
    if (entry.source.alias !== '') entry.name = entry.source.alias;
  }
  return found;
}

function instance(child: ChartNode, alias: string, profile: Profile): ChartNode {
  const name = alias === '' ? child.metadata.name : alias;
  const copy: ChartNode = { ...child, metadata: { name } };
  return profile === 'helm4' ? pointersCut(copy) : copy;
}

function isChartOf(entry: Requirement, node: ChartNode): boolean {
  return (
    node.metadata.name === entry.name &&
    isInRange(entry.source.version, node.source.metadata.version)
  );
}

/** Helm's IsCompatibleRange: what cannot be read is not compatible. */
export function isInRange(constraint: string, version: string): boolean {
  try {
    return newConstraint(constraint).check(newVersion(version));
  } catch {
    return false;
  }
}

/** Tags first; the first condition that is a bool overrides them. */
function decide(entry: Requirement, values: ValueMap, { path, warn }: EnableContext): void {
  entry.isEnabled = isTagged(entry, values, warn);
  for (const condition of entry.source.condition.trim().split(',')) {
    const value = condition === '' ? undefined : valueAt(values, path + condition);
    if (value === undefined) continue;
    if (typeof value === 'boolean') {
      entry.isEnabled = value;
      return;
    }
    warn(`Warning: Condition path '${condition}' for chart ${entry.name} returned non-bool value`);
  }
}

function isTagged({ name, source }: Requirement, values: ValueMap, warn: Warn): boolean {
  const tags = values.get('tags');
  if (!isTable(tags)) return true;
  let hasTrue = false;
  let hasFalse = false;
  for (const tag of source.tags) {
    const value = tags.get(tag);
    if (value === undefined) continue;
    if (value === true) hasTrue = true;
    else if (value === false) hasFalse = true;
    else warn(`Warning: Tag '${tag}' for chart ${name} returned non-bool value`);
  }
  return hasTrue || !hasFalse;
}
