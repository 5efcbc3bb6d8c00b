// SPDX-License-Identifier: Apache-2.0

/** Archives that a lock has named before: what a version is does not change while the lock names it. */

import type { ChartDependency } from '@helm-operator/chart';
import { type ContentCache, digestOf } from '@helm-operator/fetch';
import type { DependencyArchive } from './repositories.ts';

export interface KeptArchives {
  readonly cache: ContentCache;
  /** Whoever has other credentials does not see what was fetched with these: their digest, or a name for them. */
  readonly scope: string;
}

interface Note {
  readonly fileName: string;
  readonly digest: string;
}

/** @returns `undefined`: not kept, or no longer */
export async function recallArchive(
  entry: ChartDependency,
  kept: KeptArchives | undefined,
): Promise<DependencyArchive | undefined> {
  if (kept === undefined) return undefined;
  const note = await kept.cache.note(keyOf(entry, kept));
  if (note === undefined || note === '') return undefined;
  const { fileName, digest } = JSON.parse(note) as Note;
  const bytes = await kept.cache.get(digest);
  return bytes === undefined ? undefined : { bytes, fileName, provenance: undefined };
}

export async function keepArchive(
  entry: ChartDependency,
  { bytes, fileName }: DependencyArchive,
  kept: KeptArchives | undefined,
): Promise<void> {
  if (kept === undefined) return;
  const digest = await kept.cache.put(bytes);
  const note: Note = { fileName, digest };
  await kept.cache.setNote(keyOf(entry, kept), JSON.stringify(note));
}

/** Whether a build needs no source at all. */
export async function areKept(
  locked: readonly ChartDependency[],
  kept: KeptArchives | undefined,
): Promise<boolean> {
  if (kept === undefined) return false;
  for (const entry of locked) {
    if (isLocal(entry)) continue;
    if ((await recallArchive(entry, kept)) === undefined) return false;
  }
  return true;
}

function isLocal({ repository }: ChartDependency): boolean {
  return repository === '' || repository.startsWith('file://');
}

function keyOf({ name, version, repository }: ChartDependency, { scope }: KeptArchives): string {
  return `dependency ${digestOf(JSON.stringify([scope, repository, name, version]))}`;
}
