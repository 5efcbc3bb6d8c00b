// SPDX-License-Identifier: Apache-2.0

import type { ValueMap } from '@helm-operator/gocompat';
import {
  type Clock,
  type Cluster,
  isKubeError,
  type JsonObject,
  KubeError,
  type KubeErrorCode,
  type ObjectRef,
  objectOfJson,
} from '@helm-operator/kube';
import type { StorageCallOptions } from '../storage.ts';

/** Answers that another try may not get. */
const PASSING: ReadonlySet<KubeErrorCode> = new Set<KubeErrorCode>([
  'kube/internal',
  'kube/timeout',
  'kube/too-many-requests',
  'kube/unavailable',
  'kube/unreachable',
]);
/** With the pauses between them, about six seconds: an API server that starts anew is back. */
const TRIES = 6;
const FIRST_PAUSE_MS = 200;

export interface SteadyWrite {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly verb: 'create' | 'replace';
  readonly ref: ObjectRef;
  readonly object: ValueMap;
  /** Whether a stored object is what was to be written. */
  readonly isSame: (stored: JsonObject) => boolean;
}

/**
 * Writes what others go by: a write whose answer was lost, or that was refused for a moment, is made again; one that is then refused
 * because it was made already has succeeded. A replacement must name the version it replaces.
 *
 * @returns the object as it is stored, its metadata at least
 * @throws {KubeError}
 */
export async function writeSteadily(
  write: SteadyWrite,
  options: StorageCallOptions | undefined,
): Promise<ValueMap> {
  const { cluster, clock, verb, object } = write;
  for (let tries = 1; ; tries++) {
    try {
      return await cluster[verb](object, { ...options, isMetadataEnough: true });
    } catch (error) {
      const made = tries > 1 && isRefusal(error) ? await lookUp(write, options) : undefined;
      if (made !== undefined) return made;
      const mayPass = error instanceof KubeError && PASSING.has(error.code);
      if (!mayPass || tries === TRIES) throw error;
      await clock.sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), options?.signal);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return isKubeError(error, 'kube/conflict') || isKubeError(error, 'kube/already-exists');
}

async function lookUp(
  { cluster, ref, isSame }: SteadyWrite,
  options: StorageCallOptions | undefined,
): Promise<ValueMap | undefined> {
  const stored = await cluster.getJson(ref, options);
  return stored !== undefined && isSame(stored) ? objectOfJson(stored) : undefined;
}
