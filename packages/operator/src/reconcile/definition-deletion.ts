// SPDX-License-Identifier: Apache-2.0

import { dialectOf } from '@helm-operator/api';
import { type Cluster, isKubeError } from '@helm-operator/kube';
import { metadataOf } from '../controller/fingerprint.ts';

/**
 * Whether the definition of a kind is being deleted: then its objects go, too, though nobody asked for that of each. Where definitions may not be
 * read the answer is no.
 *
 * @throws {KubeError} the API server
 */
export async function isDefinitionGoing(
  apiVersion: string,
  cluster: Pick<Cluster, 'getJson'>,
  signal: AbortSignal,
): Promise<boolean> {
  const name = dialectOf(apiVersion)?.crdName;
  if (name === undefined) return false;
  const ref = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name };
  try {
    const definition = await cluster.getJson(ref, { signal });
    return definition !== undefined && metadataOf(definition)['deletionTimestamp'] !== undefined;
  } catch (error) {
    if (isKubeError(error, 'kube/forbidden')) return false;
    throw error;
  }
}
