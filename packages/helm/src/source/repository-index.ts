// SPDX-License-Identifier: Apache-2.0

/**
 * Indexes of repositories: asked for with what is known of them, kept in a short form, one line for each chart.
 *
 * The index itself is not kept. What is: which charts, versions and URLs it has (in the content cache), and of the charts
 * that were asked for the versions (in memory). An index that is unchanged costs one request without a body.
 */

import {
  type Credentials,
  digestOf,
  FetchError,
  INDEX_LIMITS,
  maskUrl,
  SingleFlight,
} from '@helm-operator/fetch';
import type { SourceContext } from './chart-source.ts';
import { indexUrlOf } from './chart-url.ts';
import { SourceError } from './errors.ts';
import type { Getters } from './getters.ts';
import type { IndexVersion } from './index-versions.ts';
import type { CredentialFiles } from './plugins.ts';
import { type IndexChart, readIndex } from './read-index.ts';

export interface IndexRequest {
  /** Of the repository. */
  readonly url: string;
  readonly credentials: Credentials;
  readonly files?: CredentialFiles | undefined;
}

export interface RepositoryIndexesOptions {
  readonly getters: Getters;
  /** An index that was asked for less than this ago is not asked for again, in milliseconds. */
  readonly freshMs: number;
  /** Whether the last index is used while its repository does not answer. */
  readonly mayUseStale: boolean;
  readonly nowMs?: (() => number) | undefined;
}

/** What is known of an index. */
interface Known {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Of the short form. */
  readonly digest: string;
  readonly charts: number;
}

interface Held extends Known {
  checkedAtMs: number;
  /** The short form itself, where the cache has no room for it. */
  readonly short?: Uint8Array | undefined;
  /** Of the charts that were asked for. */
  readonly versions: Map<string, readonly IndexVersion[]>;
}

export interface FoundVersions {
  readonly versions: readonly IndexVersion[];
  /** Why the index may be out of date: its repository did not answer. */
  readonly stale: Error | undefined;
  /** Whether the repository was asked right now. */
  readonly isFresh: boolean;
}

const MAX_HELD_INDEXES = 200;
const MAX_HELD_CHARTS = 1_000;

export class RepositoryIndexes {
  readonly #options: RepositoryIndexesOptions;
  readonly #held = new Map<string, Held>();
  readonly #flights = new SingleFlight<Held>();
  readonly #nowMs: () => number;

  constructor(options: RepositoryIndexesOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /**
   * The versions of a chart, the newest first; empty when the index does not have it.
   *
   * @throws {SourceError} `source/unreachable` with the reason as cause, `source/index`
   */
  async find(
    request: IndexRequest,
    chart: string,
    context: SourceContext,
    freshMs: number = this.#options.freshMs,
  ): Promise<FoundVersions> {
    const key = keyOf(request);
    let held = this.#held.get(key);
    let stale: Error | undefined;
    const isFresh = held !== undefined && this.#nowMs() - held.checkedAtMs < freshMs;
    if (!isFresh) {
      try {
        held = await this.#flights.run(key, context.signal, (signal) =>
          this.#check(key, request, { ...context, signal }),
        );
      } catch (error) {
        const last = held ?? (await this.#recall(key, context));
        if (last === undefined || !this.#mayStayWith(error)) throw error;
        stale = error;
        held = last;
      }
    }
    const versions = held && (await this.#versionsIn(held, chart, context));
    if (held !== undefined && versions !== undefined) return { versions, stale, isFresh: !isFresh };
    // The cache has lost the short form.
    this.#held.delete(key);
    await context.fetch.cache.setNote(key, '');
    if (stale !== undefined) throw stale;
    return await this.find(request, chart, context);
  }

  #mayStayWith(error: unknown): error is Error {
    return (
      this.#options.mayUseStale &&
      error instanceof SourceError &&
      error.code === 'source/unreachable' &&
      error.retry === 'transient'
    );
  }

  async #check(key: string, request: IndexRequest, context: SourceContext): Promise<Held> {
    const known = this.#held.get(key) ?? (await this.#recall(key, context));
    const fresh = await this.#download(request, known, context);
    const held = this.#heldAfter(fresh, known);
    if (fresh !== 'unchanged') await context.fetch.cache.setNote(key, JSON.stringify(fresh.known));
    this.#held.delete(key);
    this.#held.set(key, held);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MAX_HELD_INDEXES) break;
      this.#held.delete(oldest);
    }
    return held;
  }

  #heldAfter(fresh: Fresh | 'unchanged', known: Held | undefined): Held {
    const checkedAtMs = this.#nowMs();
    if (fresh !== 'unchanged')
      return { ...fresh.known, short: fresh.short, checkedAtMs, versions: new Map() };
    if (known !== undefined) return { ...known, checkedAtMs };
    throw new SourceError(
      'source/index',
      'the server says that what was never fetched is unchanged',
    );
  }

  /** What another process, or this one before its restart, knew. */
  async #recall(key: string, { fetch }: SourceContext): Promise<Held | undefined> {
    const note = await fetch.cache.note(key);
    if (note === undefined || note === '') return undefined;
    return { ...(JSON.parse(note) as Known), checkedAtMs: 0, versions: new Map() };
  }

  async #download(
    request: IndexRequest,
    known: Held | undefined,
    context: SourceContext,
  ): Promise<Fresh | 'unchanged'> {
    const { url, credentials, files } = request;
    const indexUrl = indexUrlOf(url);
    const get = {
      url: indexUrl,
      owner: url,
      credentials,
      files,
      limits: INDEX_LIMITS,
      mayCompress: true,
      etag: known?.etag,
      lastModified: known?.lastModified,
    };
    const startMs = performance.now();
    const told = (detail: string) => {
      const durationMs = Math.round(performance.now() - startMs);
      context.onStep?.({ step: 'resolve', detail, durationMs });
    };
    try {
      return await this.#options.getters.get(get, context, async (content) => {
        if (content.kind === 'not-modified') {
          told(`${maskUrl(indexUrl)} is unchanged`);
          return 'unchanged';
        }
        const again = () => this.#openAgain(get, context);
        let isFirst = true;
        const open = async () => {
          if (!isFirst) return await again();
          isFirst = false;
          return content.body;
        };
        const { charts, skipped } = await readIndex(open, maskUrl(url));
        told(`${maskUrl(indexUrl)} has ${charts.length} charts`);
        for (const message of skipped.slice(0, 10)) told(message);
        return await keep(charts, content, context);
      });
    } catch (error) {
      throw unreachable(url, indexUrl, error);
    }
  }

  async #openAgain(
    get: Parameters<Getters['get']>[0],
    context: SourceContext,
  ): Promise<AsyncIterable<Uint8Array>> {
    const whole = { ...get, etag: undefined, lastModified: undefined };
    return await this.#options.getters.get(whole, context, async (content) => {
      const parts: Uint8Array[] = [];
      if (content.kind === 'ok') for await (const part of content.body) parts.push(part);
      return (async function* () {
        yield* parts;
      })();
    });
  }

  async #versionsIn(
    held: Held,
    chart: string,
    { fetch }: SourceContext,
  ): Promise<readonly IndexVersion[] | undefined> {
    const found = held.versions.get(chart);
    if (found !== undefined) return found;
    const bytes = held.short ?? (await fetch.cache.get(held.digest));
    if (bytes === undefined) return undefined;
    const versions = lineOf(bytes, chart);
    if (held.versions.size < MAX_HELD_CHARTS) held.versions.set(chart, versions);
    return versions;
  }
}

interface Fresh {
  readonly known: Known;
  readonly short: Uint8Array | undefined;
}

async function keep(
  charts: readonly IndexChart[],
  { etag, lastModified }: { etag: string | undefined; lastModified: string | undefined },
  { fetch }: SourceContext,
): Promise<Fresh> {
  const short = shortForm(charts);
  const digest = await fetch.cache.put(short);
  const isKept = (await fetch.cache.get(digest)) !== undefined;
  const known = { etag, lastModified, digest, charts: charts.length };
  return { known, short: isKept ? undefined : short };
}

/** Who may not read a repository does not learn from the cache what those who may have read. */
function keyOf({ url, credentials }: IndexRequest): string {
  return `index ${url} ${digestOf(JSON.stringify(credentials))}`;
}

type Line = readonly [string, readonly IndexVersion[]];

/** One JSON line for each chart, after an empty one. */
function shortForm(charts: readonly IndexChart[]): Uint8Array {
  const lines = charts.map(({ name, versions }) => JSON.stringify([name, versions] satisfies Line));
  return Buffer.from(`\n${lines.join('\n')}\n`);
}

function lineOf(bytes: Uint8Array, chart: string): readonly IndexVersion[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = buffer.indexOf(`\n[${JSON.stringify(chart)},`);
  if (start < 0) return [];
  const text = buffer.toString('utf8', start + 1, buffer.indexOf('\n', start + 1));
  const [, versions] = JSON.parse(text) as Line;
  return versions;
}

/** Helm's words around the reason. */
function unreachable(url: string, indexUrl: string, error: unknown): unknown {
  if (error instanceof FetchError && error.code === 'fetch/aborted') return error;
  if (!(error instanceof FetchError || error instanceof SourceError)) return error;
  if (error instanceof SourceError && error.code === 'source/unsupported') return error;
  const looks = `looks like "${maskUrl(url)}" is not a valid chart repository or cannot be reached`;
  if (error instanceof SourceError)
    return new SourceError('source/index', `${looks}: ${error.message}`, error);
  const { status, statusText, mend } = error;
  const reason =
    status === undefined
      ? error.message
      : `failed to fetch ${maskUrl(indexUrl)} : ${status} ${statusText}${mend === '' ? '' : ` (${mend})`}`;
  return new SourceError('source/unreachable', `${looks}: ${reason}`, error);
}
