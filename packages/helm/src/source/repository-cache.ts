// SPDX-License-Identifier: Apache-2.0

/** The indexes that `repo add` and `repo update` leave on disk, as Helm does. Source: helm v3.22.0 pkg/repo/chartrepo.go, pkg/helmpath. */

import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FetchError, INDEX_LIMITS, maskUrl } from '@helm-operator/fetch';
import { indexUrlOf } from './chart-url.ts';
import { SourceError } from './errors.ts';
import type { GetContext, Getters } from './getters.ts';
import { type ReadIndex, readIndex } from './read-index.ts';
import { credentialsOfEntry, type RepositoryEntry } from './repositories-file.ts';

export const cacheIndexFile = (folder: string, name: string): string =>
  join(folder, `${name === '' ? '' : `${name}-`}index.yaml`);

export const cacheChartsFile = (folder: string, name: string): string =>
  join(folder, `${name === '' ? '' : `${name}-`}charts.txt`);

/**
 * Fetches the index of a repository, checks it and keeps it.
 *
 * @throws {FetchError} `fetch/…` @throws {SourceError} `source/index`, `source/unsupported`
 */
export async function updateRepository(
  entry: RepositoryEntry,
  folder: string,
  { getters, context }: { readonly getters: Getters; readonly context: GetContext },
): Promise<ReadIndex> {
  const { credentials, files } = await credentialsOfEntry(entry);
  const url = indexUrlOf(entry.url);
  const bytes = await getters.get(
    { url, owner: entry.url, credentials, files, limits: INDEX_LIMITS },
    context,
    async (content) => {
      const parts: Uint8Array[] = [];
      if (content.kind === 'ok') for await (const part of content.body) parts.push(part);
      return Buffer.concat(parts);
    },
  );
  const index = await readIndex(async () => whole(bytes), maskUrl(entry.url));
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const names = index.charts.map(({ name }) => `${name}\n`).join('');
  await save(cacheChartsFile(folder, entry.name), names);
  await save(cacheIndexFile(folder, entry.name), bytes);
  return index;
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function save(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${path}.${randomUUID()}.new`;
  await writeFile(unfinished, content, { mode: 0o644 });
  await rename(unfinished, path);
}

/** @throws {SourceError} `source/no-repository`: it was never fetched; `source/index` */
export async function cachedIndex(folder: string, name: string): Promise<ReadIndex> {
  const path = cacheIndexFile(folder, name);
  try {
    return await readIndex(async () => createReadStream(path), path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new SourceError(
      isAbsent ? 'source/no-repository' : 'source/index',
      `no cached repo found. (try 'helm repo update'): ${isAbsent ? `open ${path}: no such file or directory` : `error loading ${path}: ${reason}`}`,
      error,
    );
  }
}

export async function forgetCachedIndex(folder: string, name: string): Promise<void> {
  await rm(cacheChartsFile(folder, name), { force: true });
  await rm(cacheIndexFile(folder, name), { force: true });
}

/** As Helm prints the failure of a getter. */
export function getterReason(error: unknown): string {
  if (!(error instanceof FetchError) || error.status === undefined)
    return error instanceof Error ? error.message : String(error);
  return `failed to fetch ${error.url} : ${error.status} ${error.statusText ?? ''}`.trimEnd();
}
