// SPDX-License-Identifier: Apache-2.0

/** The parts of a chart in a registry: which layers of which manifest. Source: helm v3.22.0 pkg/registry/client.go (Pull), v4.2.1 (index). */

import {
  type Descriptor,
  decodeManifest,
  type FetchPorts,
  type FoundManifest,
  type ImageManifest,
  MEDIA_TYPES,
  type RegistryClient,
  type RegistryReference,
  SingleFlight,
} from '@helm-operator/fetch';
import { SourceError } from './errors.ts';
import { HELM_MEDIA_TYPES } from './oci-media-types.ts';

/** Where contents are read. */
export interface ImageReader {
  readonly client: RegistryClient;
  readonly cache: FetchPorts['cache'];
  readonly signal: AbortSignal;
}

export interface ChartImage {
  /** Of what the reference stands for: an index where it is one. */
  readonly digest: string;
  readonly manifest: ImageManifest;
  readonly annotations: ReadonlyMap<string, string>;
}

export interface ChartLayers {
  readonly config: Descriptor | undefined;
  readonly chart: Descriptor;
  readonly provenance: Descriptor | undefined;
}

/** Manifests of an index that are looked into. */
const MAX_INDEX_ENTRIES = 32;

/**
 * Reads the manifest of a chart; of an index, the first manifest that holds one.
 *
 * @throws {FetchError} @throws {SourceError} `source/archive`
 */
export async function readChartImage(
  reader: ImageReader,
  reference: RegistryReference,
): Promise<ChartImage> {
  const { digest, content } = await readManifest(reader, reference);
  if (content.kind === 'manifest') {
    return { digest, manifest: content, annotations: content.annotations };
  }
  const { registry, repository } = reference;
  for (const entry of content.manifests.slice(0, MAX_INDEX_ENTRIES)) {
    if (entry.mediaType !== MEDIA_TYPES.manifest) continue;
    const inner = await readManifest(reader, { registry, repository, digest: entry.digest });
    if (inner.content.kind !== 'manifest') continue;
    if (inner.content.config.mediaType !== HELM_MEDIA_TYPES.config) continue;
    const annotations = new Map([...content.annotations, ...inner.content.annotations]);
    return { digest, manifest: inner.content, annotations };
  }
  throw new SourceError('source/archive', `the index ${digest} holds no chart`);
}

export type KnownManifest = Pick<FoundManifest, 'digest' | 'content'>;

/** A manifest out of the cache or the registry. @throws {FetchError} */
export async function readManifest(
  { client, cache, signal }: ImageReader,
  reference: RegistryReference,
): Promise<KnownManifest> {
  const kept = reference.digest === undefined ? undefined : await cache.get(reference.digest);
  if (kept !== undefined && reference.digest !== undefined) {
    return { digest: reference.digest, content: decodeManifest(kept, reference.digest) };
  }
  const found = await client.manifest(reference, signal);
  await cache.put(found.bytes);
  return found;
}

/** Helm's rules for what a chart's manifest holds. @throws {SourceError} `source/archive` */
export function chartLayersOf(manifest: ImageManifest): ChartLayers {
  const { config, layers } = manifest;
  const find = (...types: string[]) =>
    layers.findLast(({ mediaType }) => types.includes(mediaType));
  const isHelm = config.mediaType === HELM_MEDIA_TYPES.config;
  const chart = find(HELM_MEDIA_TYPES.chart, HELM_MEDIA_TYPES.legacyChart);
  if (!isHelm && chart === undefined) {
    throw new SourceError(
      'source/archive',
      'manifest does not contain minimum number of descriptors (2), descriptors found: 1',
    );
  }
  if (!isHelm) {
    throw new SourceError(
      'source/archive',
      `could not load config with mediatype ${HELM_MEDIA_TYPES.config}`,
    );
  }
  if (chart === undefined) {
    throw new SourceError(
      'source/archive',
      `manifest does not contain a layer with mediatype ${HELM_MEDIA_TYPES.chart}`,
    );
  }
  return { config, chart, provenance: find(HELM_MEDIA_TYPES.provenance) };
}

/** The first layer of a media type, whatever the image is. @throws {SourceError} `source/archive` */
export function selectedLayer(manifest: ImageManifest, mediaType: string): ChartLayers {
  const chart = manifest.layers.find((layer) => layer.mediaType === mediaType);
  if (chart === undefined) {
    const found = manifest.layers.map((layer) => layer.mediaType).join(', ');
    throw new SourceError(
      'source/archive',
      `no layer has the media type ${mediaType}: there are ${found === '' ? 'none' : found}`,
    );
  }
  return { config: undefined, chart, provenance: undefined };
}

/** Downloads under way, for each registry and those who may read it. */
const flights = new WeakMap<RegistryClient, SingleFlight<Uint8Array>>();

/** A blob out of the cache or the registry; all who ask at the same time share one download. @throws {FetchError} */
export async function readBlob(
  { client, cache, signal }: ImageReader,
  reference: RegistryReference,
  descriptor: Descriptor,
  maxBytes: number,
): Promise<Uint8Array> {
  const kept = await cache.get(descriptor.digest);
  if (kept !== undefined) return kept;
  const known = flights.get(client) ?? new SingleFlight<Uint8Array>();
  flights.set(client, known);
  const key = JSON.stringify([reference.repository, descriptor.digest, maxBytes]);
  return await known.run(key, signal, async (shared) => {
    const bytes = await client.blob(reference, descriptor, { maxBytes, signal: shared });
    await cache.put(bytes);
    return bytes;
  });
}
