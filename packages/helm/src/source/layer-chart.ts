// SPDX-License-Identifier: Apache-2.0

/** A chart out of a layer that holds a folder: at its root, or further in. Source: Flux source-controller (layerSelector, extract). */

import { type ChartFile, MAX_CHART_BYTES, readTar } from '@helm-operator/chart';
import { archivePorts } from './archive-ports.ts';
import { chartOfFiles, type Origin } from './chart-content.ts';
import type { FetchedChart } from './chart-source.ts';
import { SourceError } from './errors.ts';
import { keptFiles } from './kept-files.ts';

const GZIP = 0x1f;
/** Headers and padding come on top of the files. */
const MAX_TAR_BYTES = MAX_CHART_BYTES + 32 * 1024 * 1024;
const CHART_FILE = /(?:^|\/)Chart\.yaml$/;

/** @param bytes tar, or tar in gzip @throws {SourceError} `source/archive` */
export function chartOfLayer(bytes: Uint8Array, from: Origin): FetchedChart {
  const files = filesOf(bytes, from.origin);
  const found = files
    .filter(({ name }) => CHART_FILE.test(name))
    .map(({ name }) => name.slice(0, -'Chart.yaml'.length))
    .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1));
  const [folder] = found;
  if (folder === undefined)
    throw new SourceError('source/archive', `${from.origin}: the layer holds no Chart.yaml`);
  const inside = files
    .filter(({ name }) => name.startsWith(folder))
    .map(({ name, data }) => ({ name: name.slice(folder.length), data }));
  return chartOfFiles(keptFiles(inside), from);
}

function filesOf(bytes: Uint8Array, origin: string): ChartFile[] {
  try {
    const tar = bytes[0] === GZIP ? archivePorts.gunzip(bytes, MAX_TAR_BYTES) : bytes;
    const files: ChartFile[] = [];
    let size = 0;
    for (const { name, type, data } of readTar(tar)) {
      if (type !== '0' && type !== '7') continue;
      size += data.length;
      if (size > MAX_CHART_BYTES) throw new RangeError(`more than ${MAX_CHART_BYTES} bytes`);
      files.push({ name: safeName(name), data });
    }
    return files;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError('source/archive', `${origin}: the layer is no archive: ${reason}`, error);
  }
}

function safeName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '.' && part !== '');
  if (name.startsWith('/') || name.includes('\\') || parts.includes('..') || parts.length === 0)
    throw new RangeError(`${JSON.stringify(name)} leads out of it`);
  return parts.join('/');
}
