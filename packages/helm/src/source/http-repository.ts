// SPDX-License-Identifier: Apache-2.0

/** Charts from Helm repositories over HTTP(S). Source: helm v3.22.0 pkg/repo/chartrepo.go, pkg/getter/httpgetter.go. */

import { gunzipSync } from 'node:zlib';
import { loadArchive } from '@helm-operator/chart';
import {
  CHART_LIMITS,
  createFetchPorts,
  FetchError,
  type FetchPorts,
  type FetchResult,
  fetchBytes,
  maskUrl as printUrl,
} from '@helm-operator/fetch';
import { decodeUtf8 } from '@helm-operator/gocompat';
import type { ChartHandle } from '../actions/options.ts';
import { SourceError } from './errors.ts';
import { chooseEntry, type IndexFile, parseIndex } from './index-file.ts';

export interface RepositoryReference {
  /** URL of the repository; its index is `URL/index.yaml`. */
  readonly url: string;
  readonly name: string;
  /** A version or a range; empty takes the newest. */
  readonly version: string;
}

export interface HttpRepositoriesOptions {
  /** As `Helm/VERSION` is for Helm. */
  readonly userAgent: string;
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 120_000;
const MAX_INDEX_BYTES = 256 * 1024 * 1024;
const MAX_ARCHIVE_BYTES = 100 * 1024 * 1024;
/** Charts kept in memory, in bytes. */
const MAX_KEPT_BYTES = 256 * 1024 * 1024;

interface KeptIndex {
  readonly etag: string | undefined;
  readonly index: IndexFile;
}

/** Fetches charts; indexes are asked for again with their entity tag, an exact version that is there is not asked for at all. */
export class HttpRepositories {
  readonly #options: HttpRepositoriesOptions;
  readonly #indexes = new Map<string, KeptIndex>();
  readonly #indexFetches = new Map<string, Promise<IndexFile>>();
  readonly #chartFetches = new Map<string, Promise<ChartHandle>>();
  /** URL and exact version → chart, the least recently used first. */
  readonly #charts = new Map<string, ChartHandle>();
  #keptBytes = 0;
  #ports: FetchPorts | undefined;

  constructor(options: HttpRepositoriesOptions) {
    this.#options = options;
  }

  /**
   * @throws {FetchError} the repository cannot be reached
   * @throws {SourceError} `source/index`, `source/not-found`, `source/archive`
   */
  async fetch(reference: RepositoryReference, signal: AbortSignal): Promise<ChartHandle> {
    const key = JSON.stringify([reference.url, reference.name, reference.version]);
    const hit = this.#charts.get(key);
    if (hit !== undefined) {
      this.#charts.delete(key);
      this.#charts.set(key, hit);
      return hit;
    }
    return await shared(this.#chartFetches, key, signal, async () => {
      const chart = await this.#download(reference);
      // A range is looked up anew each time.
      if (chart.metadata.version === reference.version) this.#keep(key, chart);
      return chart;
    });
  }

  #keep(key: string, chart: ChartHandle): void {
    this.#charts.set(key, chart);
    this.#keptBytes += chart.bytes.length;
    for (const [oldest, { bytes }] of this.#charts) {
      if (this.#keptBytes <= MAX_KEPT_BYTES || oldest === key) break;
      this.#charts.delete(oldest);
      this.#keptBytes -= bytes.length;
    }
  }

  async #download(reference: RepositoryReference): Promise<ChartHandle> {
    const { url } = reference;
    const index = await shared(this.#indexFetches, url, undefined, () => this.#fetchIndex(url));
    const entry = chooseEntry(index, reference, printUrl(url));
    const [first] = entry.urls;
    const named = `chart "${entry.name}" version "${entry.version}"`;
    if (first === undefined)
      throw new SourceError('source/not-found', `${named} has no downloadable URLs`);
    const chartUrl = resolveChartUrl(url, first);
    const result = await this.#get(chartUrl, MAX_ARCHIVE_BYTES);
    if (result.kind !== 'ok')
      throw new SourceError('source/archive', `${named}: no content at ${printUrl(chartUrl)}`);
    return loadHandle(result, `${named} of ${printUrl(chartUrl)}`);
  }

  async #fetchIndex(url: string): Promise<IndexFile> {
    const indexUrl = indexUrlOf(url);
    const kept = this.#indexes.get(url);
    let result: FetchResult;
    try {
      result = await this.#get(indexUrl, MAX_INDEX_BYTES, kept?.etag);
    } catch (error) {
      if (!(error instanceof FetchError) || error.status === undefined) throw error;
      throw new SourceError(
        'source/index',
        `looks like "${printUrl(url)}" is not a valid chart repository or cannot be reached: failed to fetch ${printUrl(indexUrl)} : ${error.status}`,
        error,
      );
    }
    if (result.kind === 'not-modified' && kept !== undefined) return kept.index;
    if (result.kind !== 'ok')
      throw new SourceError('source/index', `${printUrl(indexUrl)} answered without content`);
    const index = parse(decodeUtf8(result.bytes), indexUrl);
    this.#indexes.set(url, { etag: result.etag, index });
    return index;
  }

  #get(url: string, maxBytes: number, etag?: string): Promise<FetchResult> {
    const { userAgent, timeoutMs = TIMEOUT_MS } = this.#options;
    this.#ports ??= createFetchPorts({ userAgent });
    return fetchBytes(
      { url, etag, limits: { ...CHART_LIMITS, maxBytes, timeoutMs } },
      { ports: this.#ports },
    );
  }
}

function parse(text: string, url: string): IndexFile {
  try {
    return parseIndex(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError('source/index', `index ${printUrl(url)}: ${reason}`, error);
  }
}

/** One fetch for all who ask at the same time; whoever is told to stop stops waiting. */
async function shared<T>(
  running: Map<string, Promise<T>>,
  key: string,
  signal: AbortSignal | undefined,
  start: () => Promise<T>,
): Promise<T> {
  let work = running.get(key);
  if (work === undefined) {
    work = start().finally(() => running.delete(key));
    running.set(key, work);
  }
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The index stands below the path; a query stays. */
function indexUrlOf(repository: string): string {
  const url = URL.parse(repository);
  if (url === null) throw new FetchError('fetch/bad-url', repository, 'not a URL');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/index.yaml`;
  return url.href;
}

/** A relative URL stands below the repository and takes its query. */
function resolveChartUrl(repository: string, chart: string): string {
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(chart)) return chart;
  const base = new URL(repository);
  const query = base.search;
  base.search = '';
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/`;
  const resolved = new URL(chart, base);
  if (query !== '') resolved.search = query;
  return resolved.href;
}

function loadHandle(result: Extract<FetchResult, { kind: 'ok' }>, what: string): ChartHandle {
  const { bytes, digest } = result;
  try {
    const { metadata } = loadArchive(bytes, {
      gunzip: (packed, maxOutputLength) => gunzipSync(packed, { maxOutputLength }),
    });
    const { name, version, appVersion } = metadata;
    return { digest, bytes, metadata: { name, version, appVersion } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError('source/archive', `${what} is not a chart archive: ${reason}`, error);
  }
}
