// SPDX-License-Identifier: Apache-2.0

import type { Value, ValueMap } from '@helm-operator/gocompat';

/** One file of a chart; `name` is relative to the chart's folder, with `/`. */
export interface ChartFile {
  readonly name: string;
  readonly data: Uint8Array;
}

/** An entry of `dependencies` in Chart.yaml. Source: helm v3.22.0 pkg/chart/dependency.go. */
export interface ChartDependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  readonly condition: string;
  readonly tags: readonly string[];
  readonly isEnabled: boolean;
  readonly importValues: readonly Value[];
  readonly alias: string;
}

/** An entry of `maintainers` in Chart.yaml. */
export interface ChartMaintainer {
  readonly name: string;
  readonly email: string;
  readonly url: string;
}

/** What Chart.yaml says; a text that is absent is empty. Source: helm v3.22.0 pkg/chart/metadata.go. */
export interface ChartMetadata {
  readonly name: string;
  readonly home: string;
  readonly sources: readonly string[];
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly maintainers: readonly ChartMaintainer[];
  readonly icon: string;
  readonly apiVersion: string;
  readonly condition: string;
  readonly tags: string;
  readonly appVersion: string;
  readonly isDeprecated: boolean;
  readonly annotations: ReadonlyMap<string, string>;
  readonly kubeVersion: string;
  /** `undefined` where Chart.yaml has none: Helm then leaves the subcharts alone. */
  readonly dependencies: readonly ChartDependency[] | undefined;
  readonly type: string;
}

/** Chart.lock or requirements.lock. */
export interface ChartLock {
  /** RFC 3339. */
  readonly generated: string;
  readonly digest: string;
  /** `undefined` where the file has none. */
  readonly dependencies: readonly ChartDependency[] | undefined;
}

/**
 * A chart: parsed, with the charts it depends on.
 *
 * Never changed once loaded: `processDependencies` gives a new one that shares its files.
 */
export interface Chart {
  readonly metadata: ChartMetadata;
  readonly lock: ChartLock | undefined;
  /** The defaults of values.yaml; `undefined` without that file. */
  readonly values: ValueMap | undefined;
  /** values.schema.json as it is. */
  readonly schema: Uint8Array | undefined;
  readonly templates: readonly ChartFile[];
  /** Everything that is not a template, a subchart or one of the known files. */
  readonly files: readonly ChartFile[];
  /** Every file as it came. */
  readonly raw: readonly ChartFile[];
  /** Subcharts, by name of their folder or archive. */
  readonly dependencies: readonly Chart[];
  /** `parent/charts/child`: what its templates and CRDs are called below. */
  readonly path: string;
}

/** A file of `crds/` with the path that Helm prints. */
export interface CrdFile {
  /** `parent/charts/child/crds/x.yaml` */
  readonly path: string;
  readonly file: ChartFile;
}

/** The files of `crds/`: the chart's own, then those of its subcharts. Source: helm v3.22.0 pkg/chart/chart.go (CRDObjects). */
export function crdsOf(chart: Chart): readonly CrdFile[] {
  const own = chart.files
    .filter(({ name }) => name.startsWith('crds/') && /\.(?:yaml|yml|json)$/i.test(name))
    .map((file) => ({ path: `${chart.path}/${file.name}`, file }));
  return [...own, ...chart.dependencies.flatMap(crdsOf)];
}

/** The path of a chart below its parent's; without a parent its name. */
export function fullPath(parentPath: string | undefined, name: string): string {
  return parentPath === undefined ? name : `${parentPath}/charts/${name}`;
}

/** The chart and its subcharts with the paths they have below `parentPath`. */
export function placeCharts(chart: Chart, parentPath?: string): Chart {
  const path = fullPath(parentPath, chart.metadata.name);
  return {
    ...chart,
    path,
    dependencies: chart.dependencies.map((child) => placeCharts(child, path)),
  };
}

/** Whether only its partials take part in rendering. */
export function isLibrary(chart: Chart): boolean {
  return chart.metadata.type.toLowerCase() === 'library';
}
