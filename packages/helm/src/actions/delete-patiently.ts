// SPDX-License-Identifier: Apache-2.0

/**
 * Deletes what is no longer wanted, through short troubles of the API server.
 *
 * Helm 3 forgets what it could not delete: no later upgrade knows of it.
 */

import {
  type ApplyContext,
  deleteObject,
  isKubeError,
  type KubeErrorCode,
  type ObjectRef,
} from '@helm-operator/kube';

/** Pauses between tries, in milliseconds. */
const PAUSES_MS: readonly number[] = [200, 400, 800, 1_600, 3_200];

/** Troubles of the API server or of the way to it, none of the object's. */
const TROUBLES: readonly KubeErrorCode[] = [
  'kube/internal',
  'kube/timeout',
  'kube/too-many-requests',
  'kube/unavailable',
  'kube/unreachable',
];

export function isServerTrouble(error: unknown): boolean {
  return TROUBLES.some((code) => isKubeError(error, code));
}

/** @throws {KubeError} what the last try said */
export async function deletePatiently(
  ref: ObjectRef,
  context: ApplyContext,
): Promise<'deleted' | 'absent'> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await deleteObject(ref, {}, context);
    } catch (error) {
      if (!isServerTrouble(error)) throw error;
      await context.clock.sleep(pauseMs, context.signal);
    }
  }
  return await deleteObject(ref, {}, context);
}
