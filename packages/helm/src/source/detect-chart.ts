// SPDX-License-Identifier: Apache-2.0

/** Which kind of chart a path holds; Helm 4 looks before it loads what is to be installed. Source: helm v4.2.1 pkg/chart/loader/load.go. */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readApiVersion, unpackArchive } from '@helm-operator/chart';
import { decodeUtf8 } from '@helm-operator/gocompat';
import { textOf } from '../errors.ts';
import { archivePorts } from './archive-ports.ts';
import { refuseOtherThanArchive } from './directory.ts';
import { SourceError } from './errors.ts';

/**
 * Refuses what Helm 4 knows no loader for.
 *
 * @throws {SourceError} `source/archive` with Helm's text
 */
export async function detectChart(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  const version = apiVersionOf(
    found.isDirectory() ? await chartFileOfFolder(path) : await chartFileOfArchive(path),
  );
  if (!['', 'v1', 'v2', 'v3'].includes(version))
    throw new SourceError('source/archive', 'unsupported chart version');
}

async function chartFileOfFolder(path: string): Promise<Uint8Array> {
  const file = join(path, 'Chart.yaml');
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason =
      code === 'ENOENT'
        ? `open ${file}: no such file or directory`
        : code === 'EISDIR'
          ? `read ${file}: is a directory`
          : textOf(error);
    throw new SourceError('source/archive', `unable to detect chart at ${file}: ${reason}`, error);
  }
}

async function chartFileOfArchive(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path);
  refuseOtherThanArchive(path, bytes);
  const file = unpack(bytes).find(({ name }) => name === 'Chart.yaml');
  if (file !== undefined) return file.data;
  throw new SourceError('source/archive', 'unable to detect chart version, no Chart.yaml found');
}

function unpack(bytes: Uint8Array): ReturnType<typeof unpackArchive> {
  try {
    return unpackArchive(bytes, archivePorts);
  } catch (error) {
    throw new SourceError('source/archive', 'unable to load chart archive', error);
  }
}

function apiVersionOf(chartFile: Uint8Array): string {
  try {
    return readApiVersion(decodeUtf8(chartFile));
  } catch (error) {
    throw new SourceError('source/archive', `cannot load Chart.yaml: ${textOf(error)}`, error);
  }
}
