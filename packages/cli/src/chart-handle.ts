// SPDX-License-Identifier: Apache-2.0

import { readFile, stat } from 'node:fs/promises';
import type { Chart } from '@helm-operator/chart';
import { type ChartHandle, chartOfArchive, chartOfFiles } from '@helm-operator/helm';

/** A chart that was loaded from a path, as actions take it. @throws {SourceError} `source/archive` */
export async function chartHandleOf(path: string, chart: Chart): Promise<ChartHandle> {
  const isFolder = (await stat(path)).isDirectory();
  return isFolder
    ? chartOfFiles(chart.raw, { origin: path })
    : chartOfArchive(await readFile(path), { origin: path });
}
