// SPDX-License-Identifier: Apache-2.0

/** The files of a chart in a tree, as Helm would load its folder. Source: helm v3.22.0 pkg/chart/loader/directory.go. */

import { type ChartFile, ignoreRules, MAX_FILE_BYTES } from '@helm-operator/chart';
import type { GitFile, GitTree } from '@helm-operator/fetch';
import { decodeUtf8, quote } from '@helm-operator/gocompat';
import { SourceError } from './errors.ts';

/** Whether a file does not belong to the source, by its path from the root. */
export type IsLeftOut = (path: string) => boolean;

/**
 * Files below a folder, by path in it, without those `.helmignore` leaves out.
 *
 * @throws {SourceError} `source/archive`: a file is too large @throws {FetchError} the folder cannot be had
 */
export async function readChartFiles(
  tree: GitTree,
  folder: string,
  isLeftOut: IsLeftOut,
): Promise<ChartFile[]> {
  const all = await tree.readFolder(folder);
  const prefix = folder === '' ? '' : `${folder}/`;
  const own = all.filter(({ path }) => !isLeftOut(prefix + path));
  const rules = own.find(({ path }) => path === '.helmignore')?.data;
  const isIgnored = ignoreRules(rules === undefined ? '' : decodeUtf8(rules));
  return own
    .filter(({ path }) => !isIgnoredFile(path, isIgnored))
    .map((file) => ({ name: file.path, data: dataOf(file) }));
}

/** A file in a folder that is left out is left out. */
function isIgnoredFile(path: string, isIgnored: ReturnType<typeof ignoreRules>): boolean {
  const parts = path.split('/');
  for (let count = 1; count < parts.length; count++) {
    if (isIgnored(parts.slice(0, count).join('/'), true)) return true;
  }
  return isIgnored(path, false);
}

/** Without the mark that some editors put at the beginning. */
function dataOf({ path, data, sizeBytes }: GitFile): Uint8Array {
  if (data === undefined || sizeBytes > MAX_FILE_BYTES) {
    const name = quote(path.slice(path.lastIndexOf('/') + 1));
    throw new SourceError(
      'source/archive',
      `chart file ${name} is larger than the maximum file size ${MAX_FILE_BYTES}`,
    );
  }
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}
