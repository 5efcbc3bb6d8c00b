// SPDX-License-Identifier: Apache-2.0

/** One watch each on Secrets, ConfigMaps and every kind of HelmReleases; metadata only, and of that what fingerprints and indexes read. */

import { watchedAnnotations } from '@helm-operator/api';
import { type Cluster, type JsonObject, WatchCache } from '@helm-operator/kube';
import { type InputCaches, metadataOf, RECORDS_INDEX, recordIndexKeys } from './fingerprint.ts';
import { WatchedReleases, type WatchedReleasesOptions } from './watched-releases.ts';

export interface WatchedInputs extends InputCaches {
  readonly releases: WatchedReleases;
}

/** @param namespace watch this one alone; empty: all */
export function makeInputCaches(
  cluster: Pick<Cluster, 'watch'>,
  namespace: string,
  told: Pick<WatchedReleasesOptions, 'onTrouble' | 'onRefused'>,
): WatchedInputs {
  const scope = namespace === '' ? {} : { namespace };
  const metadataOnly = (name: string) =>
    new WatchCache({
      cluster,
      query: { apiVersion: 'v1', kind: name, ...scope },
      isMetadataOnly: true,
      slim: slimMetadata,
      indexes: new Map([[RECORDS_INDEX, recordIndexKeys]]),
    });
  return {
    releases: new WatchedReleases({ cluster, namespace, slim: slimMetadata, ...told }),
    secrets: metadataOnly('Secret'),
    configMaps: metadataOnly('ConfigMap'),
  };
}

const KEPT: readonly string[] = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'deletionTimestamp',
  'finalizers',
];

function slimMetadata(object: JsonObject): JsonObject {
  const metadata = metadataOf(object);
  const labels = (metadata['labels'] ?? {}) as JsonObject;
  const kept: JsonObject = {};
  for (const name of KEPT) {
    const value = metadata[name];
    if (value !== undefined) kept[name] = value;
  }
  const annotations = (metadata['annotations'] ?? {}) as JsonObject;
  const requests = watchedAnnotations(annotations);
  if (requests.length > 0) kept['annotations'] = Object.fromEntries(requests);
  if (labels['owner'] === 'helm') {
    kept['labels'] = {
      owner: 'helm',
      name: labels['name'] ?? '',
      version: labels['version'] ?? '0',
    };
  }
  return { metadata: kept };
}
