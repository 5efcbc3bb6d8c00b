// SPDX-License-Identifier: Apache-2.0

/** Charts from every kind of source there is, kept on disk. */

import type { ChartReference } from '@helm-operator/api';
import {
  createFetchPorts,
  createMemoryCache,
  type FetchLimits,
  type FetchPorts,
  fetchBytes,
  openDiskCache,
  proxySettingsOf,
} from '@helm-operator/fetch';
import { decodeUtf8 } from '@helm-operator/gocompat';
import {
  type ChartRequest,
  type ChartSources,
  createChartSources,
  fetchChart,
  helmSettingsOf,
  OciCharts,
  peekChart,
  type SourceContext,
} from '@helm-operator/helm';
import type { Logger } from '../logging/logger.ts';
import type { ChartSource, SecretReader } from './chart.ts';
import { type CredentialPorts, chartCredentials, namingSecret } from './chart-credentials.ts';
import { chartMark } from './chart-mark.ts';
import {
  createGitSource,
  DEFAULT_GIT_OPTIONS,
  type GitSourceOptions,
  gitLocation,
} from './git-charts.ts';
import { gitCredentials } from './git-credentials.ts';

/** What the one who runs the operator says about sources. */
export interface SourceOptions {
  /** Where charts are kept; empty: in memory alone. */
  readonly cacheFolder: string;
  readonly cacheMaxBytes: number;
  /** Paths of repositories files with credentials. */
  readonly repositoryFiles: readonly string[];
  /** Whether URLs of users may lead to link-local and metadata addresses. */
  readonly mayUseLinkLocal: boolean;
  /** Whether they may lead to this machine. */
  readonly mayUseLoopback: boolean;
  readonly git: GitSourceOptions;
  /** An index that was asked for less than this ago answers for all releases of its repository, in milliseconds. */
  readonly indexFreshMs: number;
}

export const DEFAULT_SOURCE_OPTIONS: SourceOptions = {
  cacheFolder: '',
  cacheMaxBytes: 1024 ** 3,
  repositoryFiles: [],
  mayUseLinkLocal: false,
  mayUseLoopback: true,
  git: DEFAULT_GIT_OPTIONS,
  indexFreshMs: 30_000,
};

export interface ChartSourcePorts extends Pick<CredentialPorts, 'cluster'> {
  /** Version of this product, for the user agent. */
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Told each step of each fetch. */
  readonly onStep?: SourceContext['onStep'];
}

/** Values documents are small and part of a turn. */
const DOCUMENT_LIMITS: FetchLimits = {
  timeoutMs: 30_000,
  maxBytes: 10 * 1024 * 1024,
  maxRedirects: 10,
  retries: 1,
};
const MEMORY_CACHE_BYTES = 128 * 1024 * 1024;

export function createChartSource(options: SourceOptions, ports: ChartSourcePorts): ChartSource {
  const { env, log, cluster } = ports;
  const { repositoryFiles } = options;
  const git = createGitSource(options.git, env, async (location, context) => {
    const { url, name, version } = { name: '', version: '', url: '', ...location };
    const repository = { kind: 'helm-repository', url, name, version } as const;
    const ports = { cluster, repositoryFiles };
    const credentials = await chartCredentials(repository, ports, context.signal);
    return await fetchChart(sources, { location, credentials }, context);
  });
  const sources: ChartSources = createChartSources({
    git: git.source,
    freshMs: options.indexFreshMs,
    mayUseStale: true,
    oci: new OciCharts({ mayUseStale: true }),
    settings: helmSettingsOf(env, env['HOME'] ?? '/'),
    onPluginOutput: (line) => log.debug('a downloader plugin says', { line }),
  });
  // Opened with the first chart: a command that only shows flags makes no folder.
  let opened: Promise<FetchPorts> | undefined;
  const request = async (
    reference: ChartReference,
    signal: AbortSignal,
    secrets: SecretReader = cluster,
  ): Promise<{ readonly request: ChartRequest; readonly context: SourceContext }> => {
    if (reference.kind === 'source-object') throw new TypeError(NO_SOURCE_OBJECTS);
    opened ??= openPorts(options, ports);
    const credentials =
      reference.kind === 'git'
        ? await gitCredentials(reference, { cluster: secrets, ...options.git }, signal)
        : await chartCredentials(reference, { cluster: secrets, repositoryFiles }, signal);
    return {
      request: { location: locationOf(reference, options), credentials },
      context: { fetch: await opened, signal, onStep: ports.onStep },
    };
  };
  return {
    fetch: async (reference, signal, secrets) => {
      const asked = await request(reference, signal, secrets);
      try {
        return await fetchChart(sources, asked.request, asked.context);
      } catch (error) {
        throw reference.kind === 'source-object' ? error : namingSecret(error, reference);
      }
    },
    forgetListings: git.forgetListings,
    hasChanged: async (reference, known, signal, secrets) => {
      const asked = await request(reference, signal, secrets);
      const identity = await peekChart(sources, asked.request, asked.context);
      if (identity !== undefined && identity === known.identity) return false;
      const chart = await fetchChart(sources, asked.request, asked.context);
      return chartMark(reference, chart) !== chartMark(reference, known);
    },
    document: async (url, signal) => {
      opened ??= openPorts(options, ports);
      const answer = await fetchBytes(
        { url, limits: DOCUMENT_LIMITS, mayCompress: true },
        { ports: await opened, signal },
      );
      // No condition was asked for.
      if (answer.kind === 'not-modified') throw new TypeError(`${url} answered 304`);
      return { text: decodeUtf8(answer.bytes), version: answer.digest };
    },
  };
}

/** The gate lets none of them through. */
const NO_SOURCE_OBJECTS = 'charts of source objects are not fetched here';

type Fetched = Exclude<ChartReference, { readonly kind: 'source-object' }>;

function locationOf(reference: Fetched, { git }: SourceOptions): ChartRequest['location'] {
  switch (reference.kind) {
    case 'helm-repository': {
      const { url, name, version } = reference;
      if (url.startsWith('oci://'))
        return { kind: 'oci', url: `${url.replace(/\/+$/, '')}/${name}`, version };
      return { kind: 'repository', url, name, version };
    }
    case 'git':
      return gitLocation(reference, git);
  }
}

async function openPorts(options: SourceOptions, ports: ChartSourcePorts): Promise<FetchPorts> {
  const { cacheFolder: folder, cacheMaxBytes: maxBytes } = options;
  const inMemory = () => createMemoryCache(Math.min(maxBytes, MEMORY_CACHE_BYTES));
  let cache = inMemory();
  if (folder !== '') {
    try {
      cache = await openDiskCache({ folder, maxBytes });
    } catch (error) {
      // Charts can be had without it; only restarts cost more.
      ports.log.warning('charts are kept in memory alone', { err: String(error) });
    }
  }
  return createFetchPorts({
    userAgent: `helm-operator/${ports.version}`,
    cache,
    proxy: proxySettingsOf(ports.env),
    addresses: {
      mayUseLinkLocal: options.mayUseLinkLocal,
      mayUseLoopback: options.mayUseLoopback,
    },
  });
}
