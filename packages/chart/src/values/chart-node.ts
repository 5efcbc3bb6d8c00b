// SPDX-License-Identifier: Apache-2.0

/** A chart that changes while its dependencies are worked out, with Helm's pointers: to the parent, to shared entries. */

import type { Value, ValueMap } from '@helm-operator/gocompat';
import { type Chart, type ChartDependency, fullPath } from '../chart/chart.ts';
import type { ChartValues } from './coalesce.ts';

/** An entry of `dependencies`; charts that are instances of one chart may share it. */
export interface Requirement {
  readonly source: ChartDependency;
  /** The alias, once the entry has been worked on. */
  name: string;
  isEnabled: boolean;
  importValues: readonly Value[];
  /** Imports once done are not done again. */
  isImported: boolean;
}

export interface ChartNode extends ChartValues {
  readonly source: Chart;
  readonly metadata: { readonly name: string };
  requirements: readonly Requirement[] | undefined;
  values: ValueMap | undefined;
  dependencies: ChartNode[];
  parent: ChartNode | undefined;
}

export function nodeOf(chart: Chart, parent?: ChartNode): ChartNode {
  const node: ChartNode = {
    source: chart,
    metadata: { name: chart.metadata.name },
    requirements: chart.metadata.dependencies?.map((source) => ({
      source,
      name: source.name,
      isEnabled: source.isEnabled,
      importValues: source.importValues,
      isImported: false,
    })),
    values: chart.values,
    dependencies: [],
    parent,
  };
  node.dependencies = chart.dependencies.map((child) => nodeOf(child, node));
  return node;
}

/** The node with entries and children of its own: Helm 4 cuts the pointers that Helm 3 shares. */
export function pointersCut(node: ChartNode): ChartNode {
  node.requirements = node.requirements?.map((entry) => ({ ...entry }));
  node.dependencies = node.dependencies.map((child) => ({ ...child, parent: node }));
  return node;
}

/** The chart that a node has become; its path is that of the parent it points to. */
export function chartOf(node: ChartNode): Chart {
  const { source, metadata, requirements } = node;
  const chart: Chart = {
    ...source,
    metadata: {
      ...source.metadata,
      name: metadata.name,
      dependencies: requirements?.map((entry) => ({
        ...entry.source,
        name: entry.name,
        isEnabled: entry.isEnabled,
        importValues: entry.importValues,
      })),
    },
    values: node.values,
    dependencies: node.dependencies.map(chartOf),
    path: pathOf(node),
  };
  return chart;
}

function pathOf({ parent, metadata }: ChartNode): string {
  return fullPath(parent === undefined ? undefined : pathOf(parent), metadata.name);
}
