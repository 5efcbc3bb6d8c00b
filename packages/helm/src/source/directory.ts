// SPDX-License-Identifier: Apache-2.0

/** A chart on disk: a folder, or an archive. Source: helm v3.22.0 pkg/chart/loader (load.go, directory.go, archive.go). */

import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  archiveUnpacker,
  type Chart,
  type ChartFile,
  ignoreRules,
  loadArchive,
  loadFiles,
  MAX_FILE_BYTES,
  type Profile,
} from '@helm-operator/chart';
import { quote } from '@helm-operator/gocompat';
import { archivePorts } from './archive-ports.ts';
import { SourceError } from './errors.ts';

/**
 * Loads a chart from a path.
 *
 * @param profile as which Helm; default: `helm3`
 * @param shownPath what messages call it
 * @throws {SourceError} `source/not-found`, `source/archive` @throws {ChartError} what is there is no chart
 */
export async function loadChartPath(
  path: string,
  profile?: Profile,
  shownPath: string = path,
): Promise<Chart> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new SourceError('source/not-found', `path ${quote(path)} not found`);
  if (!found.isDirectory()) return loadChartOf(await readFile(path), { profile, shownPath });
  const files = await readFolder(path);
  return loadFiles(files, { unpack: archiveUnpacker(archivePorts, profile), profile });
}

function loadChartOf(
  bytes: Uint8Array,
  { profile, shownPath }: { readonly profile: Profile | undefined; readonly shownPath: string },
): Chart {
  refuseOtherThanArchive(shownPath, bytes);
  return loadArchive(bytes, archivePorts, { profile });
}

/** @throws {SourceError} `source/archive` with Helm's text */
export function refuseOtherThanArchive(path: string, bytes: Uint8Array): void {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8) return;
  const isYaml = /\.ya?ml$/.test(path);
  throw new SourceError(
    'source/archive',
    isYaml
      ? `file '${path}' seems to be a YAML file, but expected a gzipped archive`
      : `file '${path}' does not appear to be a gzipped archive; got '${contentType(bytes)}'`,
  );
}

/** Text or not: enough of Go's content sniffing for the message. Helm looks at 512 bytes, zeros behind a shorter file. */
function contentType(bytes: Uint8Array): string {
  const head = bytes.subarray(0, 512);
  const isText =
    head.length === 512 && head.every((byte) => byte >= 0x20 || [9, 10, 12, 13, 27].includes(byte));
  return isText ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}

/** The files of a chart folder that `.helmignore` leaves, in lexical order; links are followed. */
export async function readFolder(root: string): Promise<ChartFile[]> {
  const rules = await readFile(join(root, '.helmignore'), 'utf8').catch(() => '');
  const isIgnored = ignoreRules(rules);
  const files: ChartFile[] = [];
  const walk = async (folder: string): Promise<void> => {
    const names = (await readdir(join(root, folder))).sort((a, b) => (a < b ? -1 : 1));
    for (const name of names) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const found = await stat(join(root, path));
      if (isIgnored(path, found.isDirectory())) continue;
      if (found.isDirectory()) await walk(path);
      else files.push({ name: path, data: await readChartFile(join(root, path), found) });
    }
  };
  await walk('');
  return files;
}

async function readChartFile(path: string, found: Stats): Promise<Uint8Array> {
  if (!found.isFile()) {
    throw new SourceError(
      'source/archive',
      `cannot load irregular file ${path} as it has file mode type bits set`,
    );
  }
  if (found.size > MAX_FILE_BYTES) {
    throw new SourceError(
      'source/archive',
      `chart file ${quote(basename(path))} is larger than the maximum file size ${MAX_FILE_BYTES}`,
    );
  }
  const data = await readFile(path);
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}
