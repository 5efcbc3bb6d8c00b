// SPDX-License-Identifier: Apache-2.0

/**
 * Questions to the revisions of one release, and the limit on their number.
 *
 * Source: helm v3.22.0 pkg/storage/storage.go Last, Deployed, DeployedAll, removeLeastRecent
 */

import { HelmError, textOf } from '../errors.ts';
import type { ReleaseRecord } from './record.ts';
import type { ReleaseHistory, ReleaseStorage, StorageCallOptions } from './storage.ts';

/** The record of the highest revision. */
export function lastRecord(records: readonly ReleaseRecord[]): ReleaseRecord | undefined {
  return byRevision(records).at(-1);
}

/** Every record with status `deployed`, oldest first; more than one after writers collided. */
export function deployedRecords(records: readonly ReleaseRecord[]): readonly ReleaseRecord[] {
  return byRevision(records).filter((record) => record.info.status === 'deployed');
}

export function byRevision(records: readonly ReleaseRecord[]): readonly ReleaseRecord[] {
  return records.toSorted((a, b) => a.revision - b.revision);
}

/** The revision after every stored one, also after those that cannot be read: their names are taken. */
export function nextRevision({ records, corrupted }: ReleaseHistory): number {
  const revisions = [...records, ...corrupted].map(({ revision }) => revision ?? 0);
  return Math.max(0, ...revisions) + 1;
}

/** The records to delete so that one more fits: the oldest, never the last deployed one. */
export function recordsToPrune(
  records: readonly ReleaseRecord[],
  maxRevisions: number,
): readonly ReleaseRecord[] {
  if (maxRevisions <= 0) return [];
  const excess = records.length - (maxRevisions - 1);
  if (excess <= 0) return [];
  const deployed = deployedRecords(records).at(-1);
  return byRevision(records)
    .filter((record) => record !== deployed)
    .slice(0, excess);
}

/** @throws {HelmError} `helm/storage`: what could not be deleted; the others are gone */
export async function pruneHistory(
  storage: ReleaseStorage,
  records: readonly ReleaseRecord[],
  maxRevisions: number,
  options?: StorageCallOptions,
): Promise<number> {
  const doomed = recordsToPrune(records, maxRevisions);
  const errors: unknown[] = [];
  for (const record of doomed) {
    try {
      await storage.delete(record.name, record.revision, options);
    } catch (error) {
      errors.push(error);
    }
  }
  const [first] = errors;
  if (errors.length === 1) throw first;
  if (errors.length > 1) {
    const text = `encountered ${errors.length} deletion errors. First is: ${textOf(first)}`;
    throw new HelmError('helm/storage', text, { cause: first });
  }
  return doomed.length;
}
