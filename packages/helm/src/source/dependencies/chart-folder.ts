// SPDX-License-Identifier: Apache-2.0

/** A chart's folder on disk, and the paths that messages show. */

import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, resolve } from 'node:path';
import type { Chart } from '@helm-operator/chart';
import { loadChartPath } from '../directory.ts';
import { SourceError } from '../errors.ts';
import { goReason } from '../verify/verify-file.ts';

export interface ChartFolder {
  /** As the person wrote it. */
  readonly shown: string;
  /** Where relative paths start. */
  readonly base: string;
}

/** The path on disk of a shown path. */
export function onDisk({ base }: ChartFolder, shown: string): string {
  return resolve(base, shown);
}

/** @throws {SourceError} `source/dependency`, `source/archive` @throws {ChartError} */
export async function loadChartFolder(folder: ChartFolder): Promise<Chart> {
  const path = onDisk(folder, folder.shown);
  let found: Stats;
  try {
    found = await stat(path);
  } catch (error) {
    throw new SourceError(
      'source/dependency',
      `could not find ${folder.shown}: ${goReason('stat', folder.shown, error)}`,
      error,
    );
  }
  if (!found.isDirectory()) {
    throw new SourceError('source/dependency', 'only unpacked charts can be updated');
  }
  return await loadChartPath(path);
}

/**
 * Path of a `file://` repository, or of a chart in `charts/`.
 *
 * @throws {SourceError} `source/dependency`: not there
 */
export async function localPath(repository: string, folder: ChartFolder): Promise<string> {
  const path = repository.replace(/^file:\/\//, '');
  const shown = isAbsolute(path)
    ? normalize(path).replace(/(.)\/$/, '$1')
    : join(folder.shown, path);
  const clean = shown.replace(/(.)\/+$/, '$1');
  try {
    await stat(onDisk(folder, clean));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new SourceError('source/dependency', `directory ${clean} not found`, error);
    }
    throw new SourceError('source/dependency', goReason('stat', clean, error), error);
  }
  return clean;
}

/** A chart's folder below another; an archive is none. @throws {SourceError} @throws {ChartError} */
export async function loadLocalChart(folder: ChartFolder, shown: string): Promise<Chart> {
  const path = onDisk(folder, shown);
  if (!(await stat(path)).isDirectory()) {
    throw new SourceError('source/dependency', 'Chart.yaml file is missing');
  }
  return await loadChartPath(path);
}
