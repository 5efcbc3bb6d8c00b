// SPDX-License-Identifier: Apache-2.0

/** Charts from buckets: an archive, or a folder of files. */

import { type ChartFile, ignoreRules, MAX_CHART_BYTES } from '@helm-operator/chart';
import {
  type Bucket,
  type BucketLocation,
  type BucketObject,
  CHART_LIMITS,
  createS3Bucket,
  digestOf,
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
  return {
    fetch: async (request, context) => {
      const { endpoint, bucket, region, provider, key } = request.location;
      const open = providers.get(provider);
      if (open === undefined)
        throw new SourceError(
          'source/unsupported',
          `buckets of provider ${provider} need a log-in that is not configured; S3-compatible ones work`,
        );
      const { basic, tls } = request.credentials;
      const opened = open({ endpoint, bucket, region, credentials: basic, tls });
      return key.endsWith('/') || key === ''
        ? await fetchFolder(opened, request, context)
        : await fetchArchive(opened, request, context);
    },
  };
}

async function fetchArchive(
  bucket: Bucket,
  { location }: ChartRequest<Location>,
  context: SourceContext,
): Promise<FetchedChart> {
  const { key } = location;
  const origin = originOf(location);
  const ports = { ports: context.fetch, signal: context.signal };
  const bytes = await step(
    context,
    'download',
    () => bucket.get(key, CHART_LIMITS, ports),
    ({ length }) => `${origin}: ${length} bytes`,
  );
  return chartOfArchive(bytes, { origin });
}

/** Objects are kept by the entity tag the bucket gives them: an unchanged folder costs one listing. */
async function fetchFolder(
  bucket: Bucket,
  { location, credentials }: ChartRequest<Location>,
  context: SourceContext,
): Promise<FetchedChart> {
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
  const scope = `${origin} ${digestOf(JSON.stringify(credentials))}`;
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
  const rules = files.find(({ name }) => name === '.helmignore');
  const isIgnored = ignoreRules(rules === undefined ? '' : Buffer.from(rules.data).toString());
  const kept = files.filter(({ name }) => !isPathIgnored(name, isIgnored));
  return chartOfFiles(kept, { origin });
}

function isPathIgnored(name: string, isIgnored: ReturnType<typeof ignoreRules>): boolean {
  const folders = name.split('/').slice(0, -1);
  return (
    isIgnored(name, false) ||
    folders.some((_, depth) => isIgnored(folders.slice(0, depth + 1).join('/'), true))
  );
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
  const bytes = await bucket.get(key, CHART_LIMITS, ports);
  await cache.setNote(note, await cache.put(bytes));
  return bytes;
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
