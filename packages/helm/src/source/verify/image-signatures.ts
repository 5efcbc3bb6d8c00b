// SPDX-License-Identifier: Apache-2.0

/** What a registry holds about an image: manifests under a tag of its own, and manifests that refer to it. */

import { type Descriptor, FetchError, type RegistryReference } from '@helm-operator/fetch';
import { type ImageReader, readBlob, readManifest } from '../oci-image.ts';

/** The image whose signatures are wanted. */
export interface SignedImage {
  readonly reader: ImageReader;
  /** Registry and repository count. */
  readonly reference: RegistryReference;
  /** Of the manifest, or of the index where that is what the reference stands for. */
  readonly digest: string;
}

/** One layer of a signature's manifest, with its content. */
export interface SignatureLayer {
  readonly descriptor: Descriptor;
  readonly content: Uint8Array;
  /** Of the manifest the layer stands in. */
  readonly manifestAnnotations: ReadonlyMap<string, string>;
}

const MAX_SIGNATURE_BYTES = 1024 * 1024;
/** Signatures that are looked at: anybody who may push can add some. */
const MAX_SIGNATURES = 64;

/** Layers under `sha256-HEX.SUFFIX`; none where there is no such tag. @throws {FetchError} */
export async function taggedLayers(
  { reader, reference, digest }: SignedImage,
  suffix: string,
): Promise<SignatureLayer[]> {
  const { registry, repository } = reference;
  const tag = `${digest.replace(':', '-')}.${suffix}`;
  try {
    return await layersOf(reader, { registry, repository, tag });
  } catch (error) {
    if (error instanceof FetchError && error.code === 'fetch/not-found') return [];
    throw error;
  }
}

/** Layers of the manifests of an artifact type that refer to the image. @throws {FetchError} */
export async function referringLayers(
  { reader, reference, digest }: SignedImage,
  isWanted: (artifactType: string) => boolean,
): Promise<SignatureLayer[]> {
  const { registry, repository } = reference;
  const all = await reader.client.referrers({ registry, repository, digest }, reader.signal);
  const wanted = all.filter(({ artifactType = '' }) => isWanted(artifactType));
  const layers: SignatureLayer[] = [];
  for (const { digest: found } of wanted.slice(0, MAX_SIGNATURES)) {
    layers.push(...(await layersOf(reader, { registry, repository, digest: found }, digest)));
  }
  return layers;
}

async function layersOf(
  reader: ImageReader,
  reference: RegistryReference,
  subject?: string,
): Promise<SignatureLayer[]> {
  const { content } = await readManifest(reader, reference);
  if (content.kind !== 'manifest') return [];
  // The listing is the registry's word; the manifest's own is what was pushed.
  if (subject !== undefined && content.subject?.digest !== subject) return [];
  const layers: SignatureLayer[] = [];
  for (const descriptor of content.layers.slice(0, MAX_SIGNATURES)) {
    const bytes = await readBlob(reader, reference, descriptor, MAX_SIGNATURE_BYTES);
    layers.push({ descriptor, content: bytes, manifestAnnotations: content.annotations });
  }
  return layers;
}
