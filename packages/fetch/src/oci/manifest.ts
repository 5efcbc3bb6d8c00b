// SPDX-License-Identifier: Apache-2.0

/** Image manifests and indexes. Source: OCI image specification 1.1, manifest.md, image-index.md. */

import { FetchError } from '../errors.ts';

export const MEDIA_TYPES = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  artifact: 'application/vnd.oci.artifact.manifest.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

/** What a manifest may be sent as. */
export const MANIFEST_TYPES: readonly string[] = [
  MEDIA_TYPES.dockerManifest,
  MEDIA_TYPES.dockerIndex,
  MEDIA_TYPES.manifest,
  MEDIA_TYPES.index,
  MEDIA_TYPES.artifact,
];

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly artifactType?: string | undefined;
  readonly annotations: ReadonlyMap<string, string>;
}

export interface ImageManifest {
  readonly kind: 'manifest';
  readonly artifactType: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: ReadonlyMap<string, string>;
  readonly subject: Descriptor | undefined;
}

export interface ImageIndex {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
  readonly annotations: ReadonlyMap<string, string>;
}

/** Descriptors in one manifest or index: more are refused. */
const MAX_DESCRIPTORS = 1000;
const DIGEST = /^sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$/;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a manifest or an index.
 *
 * @param url for messages
 * @throws {FetchError} `fetch/bad-answer`
 */
export function decodeManifest(bytes: Uint8Array, url: string): ImageManifest | ImageIndex {
  const root = parse(bytes, url);
  const annotations = annotationsOf(root['annotations']);
  if (Array.isArray(root['manifests'])) {
    return { kind: 'index', annotations, manifests: descriptorsOf(root['manifests'], url) };
  }
  if (!isObject(root['config'])) throw bad(url, 'the manifest has no config');
  return {
    kind: 'manifest',
    artifactType: textOf(root['artifactType']),
    config: descriptorOf(root['config'], url),
    layers: descriptorsOf(root['layers'] ?? [], url),
    annotations,
    subject: isObject(root['subject']) ? descriptorOf(root['subject'], url) : undefined,
  };
}

function parse(bytes: Uint8Array, url: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new FetchError('fetch/bad-answer', url, 'the manifest is not JSON', { cause });
  }
  if (!isObject(value)) throw bad(url, 'the manifest is not an object');
  if (Array.isArray(value['fsLayers'])) {
    throw bad(url, 'the manifest has schema version 1, which holds no charts');
  }
  return value;
}

function descriptorsOf(value: unknown, url: string): Descriptor[] {
  if (!Array.isArray(value)) throw bad(url, 'the layers are not a list');
  if (value.length > MAX_DESCRIPTORS) throw bad(url, `more than ${MAX_DESCRIPTORS} descriptors`);
  return value.map((entry) => descriptorOf(entry, url));
}

function descriptorOf(value: unknown, url: string): Descriptor {
  if (!isObject(value)) throw bad(url, 'a descriptor is not an object');
  const { mediaType, digest, size, artifactType } = value;
  if (typeof digest !== 'string' || !DIGEST.test(digest)) {
    throw bad(url, `a descriptor has no usable digest (${JSON.stringify(digest)})`);
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw bad(url, `the descriptor of ${digest} has no usable size`);
  }
  return {
    mediaType: textOf(mediaType) ?? '',
    digest,
    sizeBytes: size,
    artifactType: textOf(artifactType),
    annotations: annotationsOf(value['annotations']),
  };
}

function annotationsOf(value: unknown): ReadonlyMap<string, string> {
  const pairs = isObject(value) ? Object.entries(value) : [];
  return new Map(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function bad(url: string, reason: string): FetchError {
  return new FetchError('fetch/bad-answer', url, reason);
}
