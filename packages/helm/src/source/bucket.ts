// SPDX-License-Identifier: Apache-2.0

/** Charts from buckets: an archive, or a folder of files. */

import { type ChartFile, MAX_CHART_BYTES } from '@helm-operator/chart';
import {
  type Bucket,
  type BucketLocation,
  type BucketObject,
  CHART_LIMITS,
  createS3Bucket,
  digestOf,
  FetchError,
  maskUrl,
} from '@helm-operator/fetch';
import { chartOfArchive, chartOfFiles } from './chart-content.ts';
import type {
  ChartLocationOf,
  ChartRequest,
  ChartSource,
  FetchedChart,
  SourceContext,
} from './chart-source.ts';
import { SourceError } from './errors.ts';
import { keptFiles } from './kept-files.ts';
import { step } from './steps.ts';

type Location = ChartLocationOf<'bucket'>;

/** Opens the buckets of one provider. */
export type OpenBucket = (location: BucketLocation) => Bucket;

export interface BucketSourceOptions {
  /** Of providers besides S3. */
  readonly providers?: ReadonlyMap<Location['provider'], OpenBucket> | undefined;
}

const PARALLEL_OBJECTS = 8;
const MAX_FILES = 10_000;

export function createBucketSource(options: BucketSourceOptions = {}): ChartSource<Location> {
  const providers = new Map<Location['provider'], OpenBucket>([
    ['s3', createS3Bucket],
    ...(options.providers ?? []),
  ]);
  const open = ({ location, credentials: { basic, tls } }: ChartRequest<Location>): Bucket => {
    const { endpoint, bucket, region, provider } = location;
    const opener = providers.get(provider);
    if (opener !== undefined) return opener({ endpoint, bucket, region, credentials: basic, tls });
    throw new SourceError(
      'source/unsupported',
      `buckets of provider ${provider} need a log-in that is not configured; S3-compatible ones work`,
    );
  };
  return {
    fetch: async (request, context) =>
      isFolder(request.location)
        ? await fetchFolder(open(request), request, context)
        : await fetchArchive(open(request), request, context),
    peek: async (request, context) =>
      isFolder(request.location)
        ? identityOf(await listFolder(open(request), request, context))
        : undefined,
  };
}

function isFolder({ key }: Location): boolean {
  return key.endsWith('/') || key === '';
}

/** Kept with its entity tag: one that is unchanged costs one request without a body. */
async function fetchArchive(
  bucket: Bucket,
  { location, credentials }: ChartRequest<Location>,
  context: SourceContext,
): Promise<FetchedChart> {
  const { cache } = context.fetch;
  const { key } = location;
  const origin = originOf(location);
  const ports = { ports: context.fetch, signal: context.signal };
  const note = `bucket archive ${scopeOf(location, credentials)} ${key}`;
  const known = readKnown(await cache.note(note));
  const kept = known === undefined ? undefined : await cache.get(known.digest);
  const found = await step(
    context,
    'download',
    async () => {
      const etag = kept === undefined ? undefined : known?.etag;
      const content = await bucket.get(key, { etag, limits: CHART_LIMITS }, ports);
      if (content !== 'unchanged') return { ...content, how: '' };
      if (kept !== undefined) return { bytes: kept, etag, how: ', unchanged' };
      throw new FetchError('fetch/bad-answer', origin, 'no content');
    },
    ({ bytes, how }) => `${origin}: ${bytes.length} bytes${how}`,
  );
  const { bytes, etag } = found;
  if (found.how === '' && etag !== undefined)
    await cache.setNote(note, JSON.stringify({ etag, digest: await cache.put(bytes) }));
  return chartOfArchive(bytes, { origin });
}

interface KnownObject {
  readonly etag: string;
  readonly digest: string;
}

function readKnown(note: string | undefined): KnownObject | undefined {
  return note === undefined ? undefined : (JSON.parse(note) as KnownObject);
}

/** Who may not read a bucket does not learn from the cache what those who may have read. */
function scopeOf(location: Location, credentials: ChartRequest['credentials']): string {
  const { endpoint, bucket, provider } = location;
  return `${provider} ${endpoint} ${bucket} ${digestOf(JSON.stringify(credentials))}`;
}

/** What counts in a folder. @throws {SourceError} `source/not-found`, `source/archive` @throws {FetchError} */
async function listFolder(
  bucket: Bucket,
  { location }: ChartRequest<Location>,
  context: SourceContext,
): Promise<readonly BucketObject[]> {
  const origin = originOf(location);
  const ports = { ports: context.fetch, signal: context.signal };
  const objects = await step(
    context,
    'resolve',
    () => bucket.list(location.key, CHART_LIMITS, ports),
    ({ length }) => `${origin}: ${length} objects`,
  );
  const wanted = objects.filter(({ key }) => !key.endsWith('/'));
  refuseTooMuch(origin, wanted);
  return wanted;
}

function identityOf(objects: readonly BucketObject[]): string {
  return digestOf(JSON.stringify(objects.map(({ key, etag }) => [key, etag])));
}

/** Objects are kept by the entity tag the bucket gives them: an unchanged folder costs one listing. */
async function fetchFolder(
  bucket: Bucket,
  request: ChartRequest<Location>,
  context: SourceContext,
): Promise<FetchedChart> {
  const { location, credentials } = request;
  const origin = originOf(location);
  const wanted = await listFolder(bucket, request, context);
  const scope = scopeOf(location, credentials);
  const files: ChartFile[] = [];
  await step(
    context,
    'download',
    async () => {
      for (let start = 0; start < wanted.length; start += PARALLEL_OBJECTS) {
        const batch = wanted.slice(start, start + PARALLEL_OBJECTS);
        files.push(
          ...(await Promise.all(
            batch.map(async (object) => ({
              name: object.key.slice(location.key.length),
              data: await contentOf(bucket, object, scope, context),
            })),
          )),
        );
      }
    },
    () => `${origin}: ${files.length} files`,
  );
  return { ...chartOfFiles(keptFiles(files), { origin }), identity: identityOf(wanted) };
}

async function contentOf(
  bucket: Bucket,
  { key, etag }: BucketObject,
  scope: string,
  context: SourceContext,
): Promise<Uint8Array> {
  const { cache } = context.fetch;
  const note = `object ${scope} ${key} ${etag}`;
  const digest = await cache.note(note);
  const kept = digest === undefined ? undefined : await cache.get(digest);
  if (kept !== undefined) return kept;
  const ports = { ports: context.fetch, signal: context.signal };
  const content = await bucket.get(key, { limits: CHART_LIMITS }, ports);
  // No condition was asked for.
  if (content === 'unchanged') throw new FetchError('fetch/bad-answer', key, 'no content');
  await cache.setNote(note, await cache.put(content.bytes));
  return content.bytes;
}

function refuseTooMuch(origin: string, objects: readonly BucketObject[]): void {
  const total = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (objects.length === 0)
    throw new SourceError('source/not-found', `${origin}: there is nothing`);
  if (objects.length > MAX_FILES || total > MAX_CHART_BYTES)
    throw new SourceError(
      'source/archive',
      `${origin} is no chart: ${objects.length} files, ${total} bytes; at most ${MAX_FILES} and ${MAX_CHART_BYTES}`,
    );
}

function originOf({ endpoint, bucket, key }: Location): string {
  return maskUrl(`${endpoint.replace(/\/+$/, '')}/${bucket}/${key}`);
}
