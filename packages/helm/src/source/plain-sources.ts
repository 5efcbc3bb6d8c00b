// SPDX-License-Identifier: Apache-2.0

/** Charts that need no index: an archive by its URL, a folder or an archive on this machine. */

import { readFile, stat } from 'node:fs/promises';
import { maskUrl } from '@helm-operator/fetch';
import { quote } from '@helm-operator/gocompat';
import { downloadArchive } from './archives.ts';
import { chartOfArchive, chartOfFiles } from './chart-content.ts';
import type { ChartLocationOf, ChartSource } from './chart-source.ts';
import { readFolder, refuseOtherThanArchive } from './directory.ts';
import { SourceError } from './errors.ts';
import type { Getters } from './getters.ts';
import { step } from './steps.ts';

export function createArchiveSource(getters: Getters): ChartSource<ChartLocationOf<'archive'>> {
  return {
    fetch: async ({ location, credentials, provenance = 'never' }, context) => {
      const { url } = location;
      if (URL.parse(url) === null)
        throw new SourceError('source/bad-reference', `invalid chart URL format: ${maskUrl(url)}`);
      const found = await downloadArchive(
        { url, owner: url, credentials, provenance, promised: '', promisePolicy: 'trust' },
        getters,
        context,
      );
      return chartOfArchive(found.bytes, { origin: maskUrl(url), provenance: found.provenance });
    },
  };
}

export const pathSource: ChartSource<ChartLocationOf<'path'>> = {
  fetch: async ({ location: { path }, provenance = 'never' }, context) => {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined)
      throw new SourceError('source/not-found', `path ${quote(path)} not found`);
    if (found.isDirectory()) {
      const files = await step(
        context,
        'download',
        () => readFolder(path),
        ({ length }) => `${path}: ${length} files`,
      );
      return chartOfFiles(files, { origin: path });
    }
    const bytes = await step(
      context,
      'download',
      () => readFile(path),
      ({ length }) => `${path}: ${length} bytes`,
    );
    refuseOtherThanArchive(path, bytes);
    return chartOfArchive(bytes, {
      origin: path,
      provenance: provenance === 'never' ? undefined : await provenanceBeside(path, provenance),
    });
  },
};

async function provenanceBeside(
  path: string,
  wanted: 'if-possible' | 'always',
): Promise<Uint8Array | undefined> {
  try {
    return await readFile(`${path}.prov`);
  } catch (error) {
    if (wanted === 'if-possible') return undefined;
    throw new SourceError(
      'source/verification',
      `could not load provenance file ${path}.prov: stat ${path}.prov: no such file or directory`,
      error,
    );
  }
}
