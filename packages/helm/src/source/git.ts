// SPDX-License-Identifier: Apache-2.0

/**
 * Charts in Git repositories.
 *
 * Effects: those of `GitRepositories`, and of the sources its dependencies come from. What a reference meant is noted in
 *          the cache, so that a repository that is down for a while takes nothing away.
 * Differs: of a chart counts what Helm would load of it: its folder without what `.helmignore` leaves out, and the charts
 *          it names with `file://`. A commit elsewhere gives the same digest.
 */

import {
  FetchError,
  type GitRepositories,
  type GitRevision,
  maskUrl,
  type OpenedCommit,
  printWanted,
  SingleFlight,
  sourceIgnore,
} from '@helm-operator/fetch';
import { SemverError } from '@helm-operator/gocompat';
import { chartOfFiles } from './chart-content.ts';
import type {
  ChartLocation,
  ChartLocationOf,
  ChartRequest,
  ChartSource,
  FetchedChart,
  SourceContext,
} from './chart-source.ts';
import { SourceError } from './errors.ts';
import { type IsLeftOut, readChartFiles } from './git-chart-files.ts';
import { withDependencies } from './git-dependencies.ts';
import { verifyGitObject } from './git-verification.ts';
import { step } from './steps.ts';

type GitRequest = ChartRequest<ChartLocationOf<'git'>>;

export interface GitSourceOptions {
  readonly repositories: GitRepositories;
  /** Fetches dependencies that lie elsewhere; without it they are refused. */
  readonly fetchDependency?:
    | ((location: ChartLocation, context: SourceContext) => Promise<FetchedChart>)
    | undefined;
  /** Whether the last known commit serves while the repository cannot be asked. */
  readonly mayUseStale?: boolean | undefined;
  /** Milliseconds since the epoch, for signatures. */
  readonly nowMs?: (() => number) | undefined;
}

/** Bytes of charts kept in memory. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/** Charts of commits, the least recently used first. */
class KeptCharts {
  readonly #charts = new Map<string, FetchedChart>();
  #bytes = 0;

  get(key: string): FetchedChart | undefined {
    const found = this.#charts.get(key);
    if (found !== undefined) {
      this.#charts.delete(key);
      this.#charts.set(key, found);
    }
    return found;
  }

  set(key: string, chart: FetchedChart): void {
    this.#bytes -= this.#charts.get(key)?.bytes.length ?? 0;
    this.#charts.delete(key);
    this.#charts.set(key, chart);
    this.#bytes += chart.bytes.length;
    for (const [oldest, { bytes }] of this.#charts) {
      if (this.#bytes <= MAX_KEPT_BYTES || oldest === key) break;
      this.#charts.delete(oldest);
      this.#bytes -= bytes.length;
    }
  }
}

export class GitSource implements ChartSource<ChartLocationOf<'git'>> {
  readonly #options: GitSourceOptions;
  readonly #kept = new KeptCharts();
  /** All who ask for the same chart at the same time share one reading. */
  readonly #flights = new SingleFlight<FetchedChart>();

  constructor(options: GitSourceOptions) {
    this.#options = options;
  }

  /** @throws {FetchError} @throws {SourceError} */
  async fetch(request: GitRequest, context: SourceContext): Promise<FetchedChart> {
    const revision = await this.#resolve(request, context);
    const key = keptKey(request, revision);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    return await this.#flights.run(key, context.signal, async (signal) => {
      const { chart, isPinned } = await this.#options.repositories.open(
        revision,
        { mustReadSubmodules: request.location.mustReadSubmodules },
        { ports: context.fetch, signal },
        async (commit) => await this.#read(request, revision, commit, { ...context, signal }),
      );
      if (isPinned) this.#kept.set(key, chart);
      return chart;
    });
  }

  /** The commit: what comes from elsewhere is looked for anew with the next one only. */
  async peek(request: GitRequest, context: SourceContext): Promise<string | undefined> {
    return identityOf(await this.#resolve(request, context));
  }

  async #resolve(request: GitRequest, context: SourceContext): Promise<GitRevision> {
    const { url, ref } = request.location;
    const { credentials } = request;
    const ask = async () => {
      try {
        const ports = { ports: context.fetch, signal: context.signal };
        return await this.#options.repositories.resolve({ url, credentials }, ref, ports);
      } catch (error) {
        if (!(error instanceof SemverError)) throw error;
        const reason = `${maskUrl(url)}: ${printWanted(ref)}: ${error.message}`;
        throw new SourceError('source/bad-version', reason, error);
      }
    };
    return await step(
      context,
      'resolve',
      () => this.#withMemory(request, context, ask),
      ({ name, commit }) => `${printWanted(ref)} is ${name === '' ? '' : `${name}, `}${commit}`,
    );
  }

  /** What a reference meant is noted; the note serves when the repository is down, if it may. */
  async #withMemory(
    request: GitRequest,
    { fetch }: SourceContext,
    ask: () => Promise<GitRevision>,
  ): Promise<GitRevision> {
    const { repositories, mayUseStale = false } = this.#options;
    if (!mayUseStale) return await ask();
    const { url, ref } = request.location;
    const remote = repositories.remote({ url, credentials: request.credentials });
    const key = JSON.stringify(['git', remote.key, ref]);
    try {
      const revision = await ask();
      const { oid, commit, name } = revision;
      const text = JSON.stringify([oid, commit, name]);
      if (text !== (await fetch.cache.note(key))) await fetch.cache.setNote(key, text);
      return revision;
    } catch (error) {
      if (!(error instanceof FetchError) || error.retry !== 'transient') throw error;
      if (error.code === 'fetch/aborted') throw error;
      const noted = readNote(await fetch.cache.note(key));
      if (noted === undefined) throw error;
      return { ...noted, remote };
    }
  }

  async #read(
    request: GitRequest,
    revision: GitRevision,
    commit: OpenedCommit,
    context: SourceContext,
  ): Promise<{ readonly chart: FetchedChart; readonly isPinned: boolean }> {
    const { location } = request;
    const origin = maskUrl(location.url);
    const verified = await this.#verify(request, revision, commit, context);
    const folder = cleanPath(location.path);
    const isLeftOut = await ignoredBy(location, commit);
    const files = await step(
      context,
      'download',
      () => readChartFiles(commit.tree, folder, isLeftOut),
      ({ length }) => `${origin} ${folder || '/'} at ${revision.commit}: ${length} files`,
    );
    const { fetchDependency } = this.#options;
    const full =
      location.dependencies === 'skip' || !files.some(({ name }) => name === 'Chart.yaml')
        ? { files, isPinned: true }
        : await withDependencies(files, folder, {
            readLocal: (path) => readChartFiles(commit.tree, cleanPath(path), isLeftOut),
            fetchChart: async (wanted) => {
              if (fetchDependency !== undefined) return await fetchDependency(wanted, context);
              const reason = `${origin}: dependencies from elsewhere are not fetched here`;
              throw new SourceError('source/unsupported', reason);
            },
          });
    const chart = chartOfFiles(full.files, {
      origin: `${origin} ${folder || '/'}`,
      revision: revision.commit,
    });
    const identity = identityOf(revision);
    return { chart: { ...chart, verified, identity }, isPinned: full.isPinned };
  }

  async #verify(
    { location: { verify } }: GitRequest,
    { oid, commit: name }: GitRevision,
    commit: OpenedCommit,
    context: SourceContext,
  ): Promise<string | undefined> {
    if (verify === undefined) return undefined;
    const nowMs = (this.#options.nowMs ?? Date.now)();
    const wanted = [
      ...(verify.mode === 'head' ? [] : [{ what: 'tag', oid } as const]),
      ...(verify.mode === 'tag' ? [] : [{ what: 'commit', oid: name } as const]),
    ];
    const lines: string[] = [];
    for (const object of wanted) {
      const stored = await commit.readObject(object.oid);
      const line = await step(
        context,
        'verify',
        () => verifyGitObject({ ...object, ...stored }, verify, nowMs),
        String,
      );
      lines.push(line);
    }
    return lines.join('; ');
  }
}

function identityOf({ oid }: GitRevision): string {
  return `git:${oid}`;
}

/** Everything that decides what comes of a commit. */
function keptKey({ location }: GitRequest, { remote, oid }: GitRevision): string {
  const { path, mustReadSubmodules, ignore, dependencies, verify } = location;
  return JSON.stringify([remote.key, oid, path, mustReadSubmodules, ignore, dependencies, verify]);
}

/** Without dots and doubled slashes; what leads out of the repository is refused. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) {
      throw new SourceError('source/bad-reference', `path ${path} leads out of the repository`);
    }
  }
  return parts.join('/');
}

/** Flux's rules about what belongs to a source, where they are asked for. */
async function ignoredBy(
  { ignore }: ChartLocationOf<'git'>,
  { tree }: OpenedCommit,
): Promise<IsLeftOut> {
  if (ignore === undefined) return () => false;
  const paths = await tree.pathsOf('.sourceignore');
  const files: { folder: string; text: string }[] = [];
  for (const path of paths) {
    const data = await tree.readFile(path);
    const folder = path.split('/').slice(0, -1).join('/');
    files.push({ folder, text: Buffer.from(data ?? []).toString('utf8') });
  }
  return sourceIgnore({ ignore: ignore.patterns, files });
}

function readNote(
  text: string | undefined,
): { readonly oid: string; readonly commit: string; readonly name: string } | undefined {
  if (text === undefined) return undefined;
  const [oid, commit, name] = JSON.parse(text) as unknown[];
  if (typeof oid !== 'string' || typeof commit !== 'string' || typeof name !== 'string') {
    return undefined;
  }
  return { oid, commit, name };
}
