// SPDX-License-Identifier: Apache-2.0

/** The HelmRelease of a newer kind that has taken a release over. */

import { decodeHelmRelease, type Owner, type ReleaseIntent, successorOf } from '@helm-operator/api';
import { type Cluster, isKubeError } from '@helm-operator/kube';

/**
 * An object of the newer kind, of the same name, that describes the same release: it alone manages it from then on.
 *
 * @returns `undefined`: this object is in charge
 * @throws {KubeError} the API server
 */
export async function heirOf(
  { source, release }: Pick<ReleaseIntent, 'source' | 'release'>,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  const successor = successorOf(source);
  if (successor === undefined) return undefined;
  try {
    const object = await cluster.get(successor, { signal });
    if (object === undefined) return undefined;
    const other = decodeHelmRelease(object);
    const isSame =
      other.release.name === release.name && other.release.namespace === release.namespace;
    return isSame && !other.isDeleting ? successor : undefined;
  } catch (error) {
    if (isKubeError(error, 'kube/unknown-kind')) return undefined;
    throw error;
  }
}
