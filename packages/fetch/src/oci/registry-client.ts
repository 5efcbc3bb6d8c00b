// SPDX-License-Identifier: Apache-2.0

/**
 * Reads an OCI registry: manifests, blobs, tags, referrers.
 *
 * Effects: network reads. Contents are checked against their digests while they stream.
 * Source:  OCI distribution specification 1.1; oras-go v2.6.2 registry/remote
 */

import { createHash } from 'node:crypto';
import { codeOfStatus, FetchError } from '../errors.ts';
import { type Access, Authorizer } from './authorizer.ts';
import type { CredentialSource } from './docker-config.ts';
import {
  type Descriptor,
  decodeManifest,
  type ImageIndex,
  type ImageManifest,
  MANIFEST_TYPES,
} from './manifest.ts';
import { readBody } from './read-body.ts';
import { apiHost, type RegistryReference } from './reference.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
const MAX_ERROR_BYTES = 8 * 1024;
const MAX_PAGES = 1000;
const MAX_TAGS = 200_000;
const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface RegistryClientOptions {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  /** Speak HTTP, not HTTPS. */
  readonly isPlainHttp: boolean;
  readonly userAgent: string;
  readonly nowMs: () => number;
}

export interface FoundManifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly content: ImageManifest | ImageIndex;
}

/** What a reference stands for at the moment. */
export interface ResolvedReference {
  readonly digest: string;
  readonly mediaType: string;
}

/** One request to a registry. */
export interface RegistryCall {
  readonly method: TransportRequest['method'];
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  readonly access: Access;
  readonly signal: AbortSignal;
}

export class RegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #authorizer: Authorizer;

  constructor(options: RegistryClientOptions) {
    this.#options = options;
    this.#authorizer = new Authorizer(options);
  }

  /**
   * Whether the registry is there and lets us in.
   *
   * @throws {FetchError}
   */
  async ping(registry: string, signal: AbortSignal): Promise<void> {
    const url = this.url(registry, '/v2/');
    const access = { registry, scope: '' };
    const response = await this.send({ method: 'GET', url, access, signal });
    if (response.status !== 200) throw await this.refusal(response, url, `registry ${registry}`);
    await response.discard();
  }

  /** The digest of a tag, by one HEAD. @throws {FetchError} */
  async resolve(reference: RegistryReference, signal: AbortSignal): Promise<ResolvedReference> {
    const url = this.#manifestUrl(reference);
    const headers = { accept: MANIFEST_TYPES.join(', ') };
    const access = pullAccess(reference);
    const response = await this.send({ method: 'HEAD', url, headers, access, signal });
    const digest = response.header('docker-content-digest');
    if (response.status !== 200) throw await this.refusal(response, url, what(reference));
    await response.discard();
    // Registries need not send it.
    if (digest === undefined) return await this.manifest(reference, signal);
    checkSame(digest, reference.digest, url);
    return { digest, mediaType: mediaTypeOf(response) };
  }

  /** @throws {FetchError} */
  async manifest(reference: RegistryReference, signal: AbortSignal): Promise<FoundManifest> {
    const url = this.#manifestUrl(reference);
    const headers = { accept: MANIFEST_TYPES.join(', ') };
    const access = pullAccess(reference);
    const response = await this.send({ method: 'GET', url, headers, access, signal });
    if (response.status !== 200) throw await this.refusal(response, url, what(reference));
    const announced = reference.digest ?? response.header('docker-content-digest');
    const bytes = await readBody(response, {
      url: url.href,
      maxBytes: MAX_MANIFEST_BYTES,
      digest: isDigest(announced) ? announced : undefined,
    });
    const digest = isDigest(announced) ? announced : sha256(bytes);
    const content = decodeManifest(bytes, url.href);
    return { mediaType: mediaTypeOf(response), digest, bytes, content };
  }

  /**
   * A blob's bytes; redirects are followed, without credentials to other hosts.
   *
   * @throws {FetchError} `fetch/wrong-digest`, `fetch/too-large`, …
   */
  async blob(
    reference: RegistryReference,
    { digest, sizeBytes }: Pick<Descriptor, 'digest' | 'sizeBytes'>,
    { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
  ): Promise<Uint8Array> {
    const url = this.url(reference.registry, `/v2/${reference.repository}/blobs/${digest}`);
    if (sizeBytes > maxBytes) {
      throw new FetchError(
        'fetch/too-large',
        url.href,
        `${sizeBytes} bytes, more than ${maxBytes}`,
      );
    }
    const response = await this.send({ method: 'GET', url, access: pullAccess(reference), signal });
    if (response.status !== 200) throw await this.refusal(response, url, `blob ${digest}`);
    return await readBody(response, { url: url.href, maxBytes, digest, sizeBytes });
  }

  /** All tags, page by page. @throws {FetchError} */
  async tags(reference: RegistryReference, signal: AbortSignal): Promise<string[]> {
    const { registry, repository } = reference;
    const access = pullAccess(reference);
    const tags: string[] = [];
    let next: URL | undefined = this.url(registry, `/v2/${repository}/tags/list`);
    const { origin } = next;
    for (let page = 0; next !== undefined; page++) {
      const url: URL = next;
      if (page === MAX_PAGES || tags.length > MAX_TAGS) {
        throw new FetchError('fetch/too-large', url.href, `more than ${tags.length} tags`);
      }
      const response = await this.send({ method: 'GET', url, access, signal });
      if (response.status !== 200) {
        throw await this.refusal(response, url, `repository ${registry}/${repository}`);
      }
      const link = response.header('link');
      tags.push(...(await readTags(response, url)));
      next = nextPage(link, url, origin);
    }
    return tags;
  }

  /**
   * Manifests that name this one as their subject: the referrers API, or its fall-back tag.
   *
   * @throws {FetchError}
   */
  async referrers(reference: RegistryReference, signal: AbortSignal): Promise<Descriptor[]> {
    const { registry, repository, digest = '' } = reference;
    const found: Descriptor[] = [];
    let next: URL | undefined = this.url(registry, `/v2/${repository}/referrers/${digest}`);
    const { origin } = next;
    for (let page = 0; next !== undefined && page < MAX_PAGES; page++) {
      const url: URL = next;
      const access = pullAccess(reference);
      const response = await this.send({ method: 'GET', url, access, signal });
      if (response.status === 404) {
        await response.discard();
        return await this.#taggedReferrers(reference, signal);
      }
      if (response.status !== 200)
        throw await this.refusal(response, url, `referrers of ${digest}`);
      const link = response.header('link');
      const bytes = await readBody(response, { url: url.href, maxBytes: MAX_MANIFEST_BYTES });
      const content = decodeManifest(bytes, url.href);
      if (content.kind === 'index') found.push(...content.manifests);
      next = nextPage(link, url, origin);
    }
    return found;
  }

  async #taggedReferrers(reference: RegistryReference, signal: AbortSignal): Promise<Descriptor[]> {
    const { registry, repository, digest = '' } = reference;
    const tag = digest.replace(':', '-').slice(0, 128);
    try {
      const { content } = await this.manifest({ registry, repository, tag }, signal);
      return content.kind === 'index' ? [...content.manifests] : [];
    } catch (error) {
      if (error instanceof FetchError && error.code === 'fetch/not-found') return [];
      throw error;
    }
  }

  /** @param path with its leading slash */
  url(registry: string, path: string): URL {
    const scheme = this.#options.isPlainHttp ? 'http' : 'https';
    return new URL(`${scheme}://${apiHost(registry)}${path}`);
  }

  #manifestUrl({ registry, repository, tag, digest }: RegistryReference): URL {
    return this.url(registry, `/v2/${repository}/manifests/${digest ?? tag ?? 'latest'}`);
  }

  /**
   * Sends a request and answers one challenge; redirects of reads are followed.
   *
   * @throws {FetchError} the registry cannot be reached, or its token endpoint refuses us
   */
  async send(call: RegistryCall): Promise<TransportResponse> {
    const known = this.#authorizer.known(call.access);
    const first = await this.#hop(call, known);
    if (first.response.status !== 401 || !first.isOwn) return first.response;
    this.#authorizer.forget(call.access);
    const { access, signal } = call;
    const header = await this.#authorizer.answer(first.response, call.url, access, signal);
    if (header === undefined || header === known) return first.response;
    await first.response.discard();
    return (await this.#hop(call, header)).response;
  }

  async #hop(
    call: RegistryCall,
    authorization: string | undefined,
  ): Promise<{ response: TransportResponse; isOwn: boolean }> {
    let { url } = call;
    // Once left, the registry's origin does not get its credentials back.
    let isOwn = true;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const headers: Record<string, string> = {
        'user-agent': this.#options.userAgent,
        ...call.headers,
      };
      if (authorization !== undefined && isOwn) headers['authorization'] = authorization;
      const { method, body, signal } = call;
      const request = { method, url: url.href, headers, body, signal };
      const response = await this.#options.transport(request);
      const location = response.header('location');
      const isRead = method === 'GET' || method === 'HEAD';
      if (!isRead || !REDIRECTS.has(response.status) || location === undefined) {
        return { response, isOwn };
      }
      await response.discard();
      url = redirectTarget(location, url);
      isOwn &&= url.origin === call.url.origin;
    }
    throw new FetchError(
      'fetch/too-many-redirects',
      call.url.href,
      `more than ${MAX_REDIRECTS} redirects`,
    );
  }

  /** The error for an answer that is none of success. @param subject what was asked for */
  async refusal(response: TransportResponse, url: URL, subject: string): Promise<FetchError> {
    const { status } = response;
    const told = await readErrors(response);
    const said = told === '' ? '' : `: ${told}`;
    return new FetchError(codeOfStatus(status), url.href, `${subject}: status ${status}${said}`, {
      status,
    });
  }
}

function redirectTarget(location: string, from: URL): URL {
  const target = URL.parse(location, from.href);
  if (target === null || (target.protocol !== 'https:' && target.protocol !== 'http:')) {
    throw new FetchError('fetch/bad-url', from.href, 'it redirects to what is not an HTTP URL');
  }
  target.username = '';
  target.password = '';
  return target;
}

function pullAccess({ registry, repository }: RegistryReference): Access {
  return { registry, scope: `repository:${repository}:pull` };
}

function what({ registry, repository, tag, digest }: RegistryReference): string {
  if (digest !== undefined) return `${registry}/${repository}@${digest}`;
  return `${registry}/${repository}:${tag ?? 'latest'}`;
}

function mediaTypeOf(response: TransportResponse): string {
  return (response.header('content-type') ?? '').split(';')[0]?.trim() ?? '';
}

function isDigest(text: string | undefined): text is string {
  return text !== undefined && /^sha(?:256|384|512):[0-9a-f]+$/.test(text);
}

function checkSame(found: string, wanted: string | undefined, url: URL): void {
  if (wanted === undefined || found === wanted) return;
  throw new FetchError('fetch/wrong-digest', url.href, `the registry has ${found} for ${wanted}`);
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function readTags(response: TransportResponse, url: URL): Promise<string[]> {
  const bytes = await readBody(response, { url: url.href, maxBytes: MAX_PAGE_BYTES });
  try {
    const { tags } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { tags?: unknown };
    return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
  } catch (cause) {
    throw new FetchError('fetch/bad-answer', url.href, 'the list of tags is not JSON', { cause });
  }
}

/** The page that `Link: <…>; rel="next"` names; pages of other hosts are not read. */
function nextPage(link: string | undefined, url: URL, origin: string): URL | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/i.exec(link ?? '')?.[1];
  if (target === undefined) return undefined;
  const next = URL.parse(target, url.href);
  if (next === null || next.origin !== origin) {
    throw new FetchError('fetch/bad-answer', url.href, 'its next page is on another host');
  }
  return next.href === url.href ? undefined : next;
}

/** What the registry says of a failure, shortened. */
async function readErrors(response: TransportResponse): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    parts.push(part);
    if (size > MAX_ERROR_BYTES) break;
  }
  try {
    const { errors } = JSON.parse(Buffer.concat(parts).toString('utf8')) as { errors?: unknown };
    if (!Array.isArray(errors)) return '';
    return errors.slice(0, 3).map(printError).join('; ');
  } catch {
    // Proxies answer with pages.
    return '';
  }
}

function printError(value: unknown): string {
  const { code, message } = (value ?? {}) as { code?: unknown; message?: unknown };
  const name = typeof code === 'string' ? code.toLowerCase().replaceAll('_', ' ') : 'error';
  return typeof message === 'string' && message !== '' ? `${name}: ${message.slice(0, 300)}` : name;
}
