// SPDX-License-Identifier: Apache-2.0

/** Pushes charts, and what belongs to them, as Helm, cosign and notation do. */

import {
  MEDIA_TYPES,
  parseRegistryReference,
  pushBlob,
  pushManifest,
  type RegistryClient,
  type RegistryReference,
} from '@helm-operator/fetch';
import { HELM_MEDIA_TYPES } from '@helm-operator/helm';

const { signal } = new AbortController();

export interface LayerToPush {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export interface ImageToPush {
  /** `HOST/REPOSITORY[:TAG]`; without a tag it is known by its digest. */
  readonly reference: string;
  readonly config?: LayerToPush | undefined;
  readonly layers: readonly LayerToPush[];
  readonly artifactType?: string | undefined;
  /** Refers to this manifest. */
  readonly subject?: { readonly digest: string; readonly size: number } | undefined;
}

const EMPTY: LayerToPush = { mediaType: MEDIA_TYPES.empty, bytes: Buffer.from('{}') };

/** @returns digest and size of the manifest */
export async function pushImage(
  client: RegistryClient,
  { reference: text, config = EMPTY, layers, artifactType, subject }: ImageToPush,
): Promise<{ digest: string; size: number }> {
  const reference: RegistryReference = parseRegistryReference(text);
  const pushed = [];
  for (const { annotations, ...layer } of layers) {
    const descriptor = await pushBlob(client, reference, layer, signal);
    pushed.push(annotations === undefined ? descriptor : { ...descriptor, annotations });
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    ...(artifactType === undefined ? {} : { artifactType }),
    config: await pushBlob(client, reference, config, signal),
    layers: pushed,
    ...(subject === undefined ? {} : { subject: { mediaType: MEDIA_TYPES.manifest, ...subject } }),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = await pushManifest(client, reference, { bytes }, signal);
  return { digest, size: bytes.length };
}

/** Pushes a chart under `HOST/PATH/NAME:VERSION`. */
export async function pushChart(
  client: RegistryClient,
  reference: string,
  archive: Uint8Array,
  provenance?: Uint8Array,
): Promise<{ digest: string; size: number }> {
  const config = { mediaType: HELM_MEDIA_TYPES.config, bytes: Buffer.from('{"name":"web"}') };
  const layers: LayerToPush[] = [{ mediaType: HELM_MEDIA_TYPES.chart, bytes: archive }];
  if (provenance !== undefined) {
    layers.push({ mediaType: HELM_MEDIA_TYPES.provenance, bytes: provenance });
  }
  return await pushImage(client, { reference, config, layers });
}

/** The registry of the test has no referrers API: the index under the fall-back tag, which clients keep. */
export async function addReferrers(
  client: RegistryClient,
  repository: string,
  subject: string,
  referrers: readonly { digest: string; size: number; artifactType: string }[],
): Promise<void> {
  const manifests = referrers.map((one) => ({ mediaType: MEDIA_TYPES.manifest, ...one }));
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests };
  const reference = parseRegistryReference(`${repository}:${subject.replace(':', '-')}`);
  const bytes = Buffer.from(JSON.stringify(index));
  await pushManifest(client, reference, { bytes, mediaType: MEDIA_TYPES.index }, signal);
}

/** An index of these manifests. */
export async function pushIndex(
  client: RegistryClient,
  reference: string,
  inside: readonly { digest: string; size: number }[],
): Promise<void> {
  const manifests = inside.map((one) => ({ mediaType: MEDIA_TYPES.manifest, ...one }));
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests };
  const bytes = Buffer.from(JSON.stringify(index));
  const parsed = parseRegistryReference(reference);
  await pushManifest(client, parsed, { bytes, mediaType: MEDIA_TYPES.index }, signal);
}
