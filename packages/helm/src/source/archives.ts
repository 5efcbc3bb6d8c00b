// SPDX-License-Identifier: Apache-2.0

/** Chart archives by their URL, kept by digest. */

import { createHash } from 'node:crypto';
import {
  CHART_LIMITS,
  type Credentials,
  digestOf,
  FetchError,
  type FetchLimits,
  maskUrl,
  SingleFlight,
} from '@helm-operator/fetch';
import type { ChartRequest, SourceContext } from './chart-source.ts';
import { SourceError } from './errors.ts';
import type { Content, Getters } from './getters.ts';
import { HeldContents } from './held-contents.ts';
import type { CredentialFiles } from './plugins.ts';
import { step } from './steps.ts';

export interface ArchiveRequest {
  readonly url: string;
  /** Whom the credentials are for. */
  readonly owner: string;
  readonly credentials: Credentials;
  readonly files?: CredentialFiles | undefined;
  readonly provenance: NonNullable<ChartRequest['provenance']>;
  /** What the source says of the bytes: an archive that is kept and has it is not asked for again. Empty: nothing. */
  readonly promised: string;
  /** `refuse`: bytes with another digest than promised are an error. `trust`: Helm never looks. */
  readonly promisePolicy: 'refuse' | 'trust';
  /** Why the source may be out of date: then what is kept is used, or this is thrown. */
  readonly stale?: Error | undefined;
  readonly limits?: FetchLimits | undefined;
}

export interface DownloadedArchive {
  readonly bytes: Uint8Array;
  /** `sha256:…` */
  readonly digest: string;
  readonly url: string;
  readonly provenance: Uint8Array | undefined;
}

interface Known {
  readonly digest: string;
  readonly promised: string;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

const ACCEPT = 'application/gzip,application/octet-stream';
const MAX_PROVENANCE_BYTES = 1024 * 1024;

/**
 * @throws {FetchError} `fetch/…`
 * @throws {SourceError} `source/verification`: the provenance file is asked for and not there
 */
export async function downloadArchive(
  request: ArchiveRequest,
  getters: Getters,
  context: SourceContext,
): Promise<DownloadedArchive> {
  const { url } = request;
  const archive = await step(
    context,
    'download',
    () => sharedArchive(request, getters, context),
    ({ bytes, digest, how }) => `${maskUrl(url)}: ${bytes.length} bytes, ${digest}${how}`,
  );
  const provenance =
    request.provenance === 'never' ? undefined : await provenanceOf(request, getters, context);
  return { bytes: archive.bytes, digest: archive.digest, url, provenance };
}

interface Archive {
  readonly bytes: Uint8Array;
  readonly digest: string;
  /** For people: how it was had. */
  readonly how: string;
}

/** Downloads under way. */
const flights = new WeakMap<Getters, SingleFlight<Archive>>();

/** Archives that somebody works with. */
const held = new WeakMap<Getters, HeldContents>();

/** All who ask for the same as the same share one download. */
async function sharedArchive(
  request: ArchiveRequest,
  getters: Getters,
  context: SourceContext,
): Promise<Archive> {
  const known = flights.get(getters) ?? new SingleFlight<Archive>();
  flights.set(getters, known);
  const { promised, promisePolicy, stale } = request;
  const key = JSON.stringify([keyOf(request), promised, promisePolicy, stale !== undefined]);
  const archive = await known.run(key, context.signal, (signal) =>
    archiveOf(request, getters, { ...context, signal }),
  );
  return { ...archive, bytes: heldBy(getters).share(archive.digest, archive.bytes) };
}

function heldBy(getters: Getters): HeldContents {
  const known = held.get(getters) ?? new HeldContents();
  held.set(getters, known);
  return known;
}

function keyOf({ url, owner, credentials }: ArchiveRequest): string {
  return `archive ${url} ${owner} ${digestOf(JSON.stringify(credentials))}`;
}

async function archiveOf(
  request: ArchiveRequest,
  getters: Getters,
  context: SourceContext,
): Promise<Archive> {
  const { cache } = context.fetch;
  const key = keyOf(request);
  const note = await cache.note(key);
  const known = note === undefined ? undefined : (JSON.parse(note) as Known);
  const kept = known && (heldBy(getters).get(known.digest) ?? (await cache.get(known.digest)));
  if (known !== undefined && kept !== undefined) {
    const isPromised = request.promised !== '' && known.promised === request.promised;
    if (isPromised || request.stale !== undefined)
      return { bytes: kept, digest: known.digest, how: ', from the cache' };
  }
  if (request.stale !== undefined) throw request.stale;
  const fresh = await ask(request, kept === undefined ? undefined : known, getters, context);
  if (fresh === 'unchanged' && known !== undefined && kept !== undefined)
    return { bytes: kept, digest: known.digest, how: ', unchanged' };
  if (fresh === 'unchanged') throw new FetchError('fetch/bad-answer', request.url, 'no content');
  refuseBrokenPromise(request, fresh.known.digest);
  await cache.put(fresh.bytes);
  await cache.setNote(key, JSON.stringify(fresh.known));
  return { bytes: fresh.bytes, digest: fresh.known.digest, how: '' };
}

function refuseBrokenPromise(request: ArchiveRequest, digest: string): void {
  const { promised, promisePolicy, url } = request;
  const digits = promised.replace(/^sha256:/, '').toLowerCase();
  if (promisePolicy === 'trust' || !/^[0-9a-f]{64}$/.test(digits)) return;
  if (digest === `sha256:${digits}`) return;
  const reason = `its digest is ${digest}, the index says sha256:${digits}`;
  throw new FetchError('fetch/wrong-digest', url, reason);
}

async function ask(
  request: ArchiveRequest,
  known: Known | undefined,
  getters: Getters,
  context: SourceContext,
): Promise<{ bytes: Uint8Array; known: Known } | 'unchanged'> {
  const { url, owner, credentials, files, promised, limits = CHART_LIMITS } = request;
  const conditions = { etag: known?.etag, lastModified: known?.lastModified };
  const get = { url, owner, credentials, files, limits, accept: ACCEPT, ...conditions };
  return await getters.get(get, context, async (content: Content) => {
    if (content.kind === 'not-modified') return 'unchanged';
    const hash = createHash('sha256');
    const parts: Uint8Array[] = [];
    for await (const part of content.body) {
      hash.update(part);
      parts.push(part);
    }
    const digest = `sha256:${hash.digest('hex')}`;
    const { etag, lastModified } = content;
    return { bytes: Buffer.concat(parts), known: { digest, promised, etag, lastModified } };
  });
}

async function provenanceOf(
  request: ArchiveRequest,
  getters: Getters,
  context: SourceContext,
): Promise<Uint8Array | undefined> {
  const { owner, credentials, files } = request;
  const url = `${request.url}.prov`;
  const limits = { ...CHART_LIMITS, maxBytes: MAX_PROVENANCE_BYTES };
  try {
    return await step(
      context,
      'download',
      () =>
        getters.get({ url, owner, credentials, files, limits }, context, async (content) => {
          const parts: Uint8Array[] = [];
          if (content.kind === 'ok') for await (const part of content.body) parts.push(part);
          return Buffer.concat(parts);
        }),
      ({ length }) => `${maskUrl(url)}: ${length} bytes`,
    );
  } catch (error) {
    if (!(error instanceof FetchError) || error.code === 'fetch/aborted') throw error;
    if (request.provenance === 'always')
      throw new SourceError(
        'source/verification',
        `failed to fetch provenance "${maskUrl(request.url)}.prov"`,
        error,
      );
    return undefined;
  }
}
