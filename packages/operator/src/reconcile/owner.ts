// SPDX-License-Identifier: Apache-2.0

/** Whose a release is, by the marks of its live objects. */

import {
  decodeHelmRelease,
  type Owner,
  ownersIn,
  printOwner,
  type ReleaseIntent,
  successorOf,
} from '@helm-operator/api';
import { type Cluster, isKubeError } from '@helm-operator/kube';

/** What the live objects of a release say of its owner. */
export interface Ownership {
  /** Another HelmRelease that exists and describes this very release. */
  readonly other: Owner | undefined;
  /** At least one object names this HelmRelease. */
  readonly isMarkedOurs: boolean;
}

/**
 * Every object counts. A mark of a HelmRelease that is gone, or that describes another release by now, binds nobody.
 *
 * Source: spec helm-operator.md §2.7
 * Differs: there one object is looked at, and whatever goes wrong with it means ownership.
 *
 * @param marks annotations of each live object of the release
 * @throws {KubeError} the API server
 */
export async function ownershipOf(
  intent: Pick<ReleaseIntent, 'release' | 'source'>,
  marks: readonly ReadonlyMap<string, string>[],
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<Ownership> {
  const owners = new Map(marks.flatMap(ownersIn).map((owner) => [keyOf(owner), owner]));
  const isMarkedOurs = owners.delete(keyOf(intent.source));
  for (const owner of owners.values()) {
    // It steps aside by itself.
    const next = successorOf(owner);
    if (next !== undefined && keyOf(next) === keyOf(intent.source)) continue;
    const object = await find(owner, cluster, signal);
    if (object !== undefined && describes(object, intent.release))
      return { other: owner, isMarkedOurs };
  }
  return { other: undefined, isMarkedOurs };
}

/** A kind that the cluster does not serve has no objects. */
async function find(
  owner: Owner,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): ReturnType<Cluster['get']> {
  try {
    return await cluster.get(owner, { signal });
  } catch (error) {
    if (isKubeError(error, 'kube/unknown-kind')) return undefined;
    throw error;
  }
}

function keyOf(owner: Pick<Owner, 'apiVersion' | 'namespace' | 'name'>): string {
  return `${owner.apiVersion} ${printOwner(owner)}`;
}

/** One that cannot be read keeps what is marked as its own. */
function describes(
  object: Parameters<typeof decodeHelmRelease>[0],
  release: ReleaseIntent['release'],
): boolean {
  try {
    const other = decodeHelmRelease(object).release;
    return other.name === release.name && other.namespace === release.namespace;
  } catch {
    return true;
  }
}
