// SPDX-License-Identifier: Apache-2.0

/** Writes to an OCI registry. Source: OCI distribution specification 1.1, "Push". */

import { createHash } from 'node:crypto';
import { FetchError } from '../errors.ts';
import { MEDIA_TYPES } from './manifest.ts';
import type { RegistryReference } from './reference.ts';
import type { RegistryClient } from './registry-client.ts';

export interface PushedBlob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function accessOf({ registry, repository }: RegistryReference): {
  registry: string;
  scope: string;
} {
  return { registry, scope: `repository:${repository}:pull,push` };
}

/**
 * Uploads a blob that is not there yet.
 *
 * @returns its descriptor, in the key order of manifests
 * @throws {FetchError}
 */
export async function pushBlob(
  client: RegistryClient,
  reference: RegistryReference,
  { mediaType, bytes }: { readonly mediaType: string; readonly bytes: Uint8Array },
  signal: AbortSignal,
): Promise<PushedBlob> {
  const { registry, repository } = reference;
  const access = accessOf(reference);
  const digest = digestOf(bytes);
  const pushed: PushedBlob = { mediaType, digest, size: bytes.length };
  const at = client.url(registry, `/v2/${repository}/blobs/${digest}`);
  const found = await client.send({ method: 'HEAD', url: at, access, signal });
  await found.discard();
  if (found.status === 200) return pushed;
  const start = client.url(registry, `/v2/${repository}/blobs/uploads/`);
  const opened = await client.send({ method: 'POST', url: start, access, signal });
  const location = opened.header('location');
  if (opened.status !== 202 || location === undefined) {
    throw await client.refusal(opened, start, `upload to ${registry}/${repository}`);
  }
  await opened.discard();
  const url = URL.parse(location, start.href);
  if (url === null || url.origin !== start.origin) {
    throw new FetchError('fetch/bad-answer', start.href, 'its upload is on another host');
  }
  url.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  const done = await client.send({ method: 'PUT', url, headers, body: bytes, access, signal });
  if (done.status !== 201) throw await client.refusal(done, url, `blob ${digest}`);
  await done.discard();
  return pushed;
}

/**
 * Writes a manifest under the reference's tag, or under its own digest.
 *
 * @returns the digest
 * @throws {FetchError}
 */
export async function pushManifest(
  client: RegistryClient,
  reference: RegistryReference,
  { mediaType = MEDIA_TYPES.manifest, bytes }: { mediaType?: string; bytes: Uint8Array },
  signal: AbortSignal,
): Promise<string> {
  const { registry, repository, tag } = reference;
  const digest = digestOf(bytes);
  const url = client.url(registry, `/v2/${repository}/manifests/${tag ?? digest}`);
  const headers = { 'content-type': mediaType };
  const access = accessOf(reference);
  const done = await client.send({ method: 'PUT', url, headers, body: bytes, access, signal });
  if (done.status !== 201) throw await client.refusal(done, url, `manifest ${tag ?? digest}`);
  await done.discard();
  return digest;
}
