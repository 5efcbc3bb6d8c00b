// SPDX-License-Identifier: Apache-2.0

import type { Chart } from '../chart/chart.ts';

/** What stands where a folder is looked for. */
export type Presence = 'folder' | 'file' | 'absent';

/** The chart's folder as the rules see it: some rules read single files whether or not the chart can be loaded. */
export interface LintFolder {
  /** As findings name it. */
  readonly path: string;
  /** Chart.yaml; an error where it cannot be read. */
  readonly chartFile: Uint8Array | Error;
  /** Chart.yaml is a folder. */
  readonly isChartFileFolder: boolean;
  /** values.yaml; `undefined` without it. */
  readonly valuesFile: Uint8Array | undefined;
  /** values.schema.json; `undefined` without it. */
  readonly schemaFile: Uint8Array | undefined;
  readonly templates: Presence;
  readonly crds: Presence;
  /** Loads the chart. @throws {Error} with Helm's text */
  readonly load: () => Chart;
}
