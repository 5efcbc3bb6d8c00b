// SPDX-License-Identifier: Apache-2.0

/** Every kind of source, in one list. */

import { FetchError, maskUrl } from '@helm-operator/fetch';
import { type BucketSourceOptions, createBucketSource } from './bucket.ts';
import type {
  ChartLocation,
  ChartLocationOf,
  ChartRequest,
  ChartSource,
  ChartSources,
  FetchedChart,
  SourceContext,
} from './chart-source.ts';
import { SourceError } from './errors.ts';
import { Getters, type GettersOptions } from './getters.ts';
import { createArchiveSource, pathSource } from './plain-sources.ts';
import { Repositories, type RepositoriesOptions } from './repository.ts';

export interface ChartSourcesOptions
  extends GettersOptions,
    Omit<RepositoriesOptions, 'getters' | 'oci'> {
  /** Default: a clear refusal. */
  readonly oci?: ChartSource<ChartLocationOf<'oci'>> | undefined;
  readonly git?: ChartSource<ChartLocationOf<'git'>> | undefined;
  /** Opens buckets of providers besides S3; default: a clear refusal. */
  readonly buckets?: BucketSourceOptions['providers'];
}

export function createChartSources(options: ChartSourcesOptions = {}): ChartSources {
  const getters = new Getters(options);
  const oci = options.oci ?? refused('OCI registries');
  return {
    repository: new Repositories({ ...options, getters, oci }),
    oci,
    git: options.git ?? refused('Git repositories'),
    archive: createArchiveSource(getters),
    path: pathSource,
    bucket: createBucketSource({ providers: options.buckets }),
  };
}

function refused<L extends ChartLocation>(what: string): ChartSource<L> {
  return {
    fetch: async () => {
      throw new SourceError('source/unsupported', `${what} are not configured here`);
    },
  };
}

/**
 * Fetches a chart from whatever kind of source it is of.
 *
 * @throws {FetchError} `fetch/…` @throws {SourceError} `source/…`
 */
export async function fetchChart(
  sources: ChartSources,
  request: ChartRequest,
  context: SourceContext,
): Promise<FetchedChart> {
  try {
    return await sourceOf(sources, request.location.kind).fetch(request, context);
  } catch (error) {
    if (!context.signal.aborted || error instanceof FetchError) throw error;
    throw new FetchError('fetch/aborted', placeOf(request.location), 'given up', { cause: error });
  }
}

/** What identifies a chart's content, if its source can tell without fetching it. Throws as `fetchChart`. */
export async function peekChart(
  sources: ChartSources,
  request: ChartRequest,
  context: SourceContext,
): Promise<string | undefined> {
  return await sourceOf(sources, request.location.kind).peek?.(request, context);
}

/** Each source gets requests of its own kind: the key is the kind. */
function sourceOf(sources: ChartSources, kind: ChartLocation['kind']): ChartSource {
  return sources[kind] as ChartSource;
}

/** A location as messages name it. */
export function placeOf(location: ChartLocation): string {
  switch (location.kind) {
    case 'path':
      return location.path;
    case 'bucket':
      return maskUrl(`${location.endpoint}/${location.bucket}/${location.key}`);
    default:
      return maskUrl(location.url);
  }
}
