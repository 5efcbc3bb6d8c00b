// SPDX-License-Identifier: Apache-2.0

/**
 * Git repositories: which commit a reference means, and the files of a commit.
 *
 * Effects: asks remotes, keeps a mirror for each repository and identity below one folder. A mirror is shared by those
 *          who read the same URL with the same credentials, and by nobody else.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../cache/content-cache.ts';
import { type Credentials, NO_CREDENTIALS } from '../credentials.ts';
import { FetchError } from '../errors.ts';
import { SingleFlight } from '../hosts/single-flight.ts';
import { failureOf } from '../http/failure.ts';
import { maskUrl } from '../mask.ts';
import type { FetchContext } from '../ports.ts';
import {
  type ChosenRef,
  chooseRef,
  isExpression,
  prefixesOf,
  printWanted,
  type WantedRef,
} from './choose-ref.ts';
import { CommitReader } from './commit-reader.ts';
import { fetchPack } from './fetch-pack.ts';
import type { GitOptions } from './git-options.ts';
import { GitTree } from './git-tree.ts';
import { KnownServers } from './known-servers.ts';
import { type ListContext, type ListedRefs, listRefs, withProtocol } from './list-refs.ts';
import { Mirror, type MirrorChange, type MirrorFetch } from './mirror.ts';
import { prepareMirrorFolder, surplusMirrors } from './mirror-folder.ts';
import { Submodules } from './module-remotes.ts';
import { type GitRemote, hostOf, remoteOf, sessionRemote } from './remote.ts';
import { type GitSession, localSession, openSession } from './session.ts';

/** A repository, and as whom it is read. */
export interface GitTarget {
  readonly url: string;
  readonly credentials?: Credentials | undefined;
}

/** A commit that was found. */
export interface GitRevision extends ChosenRef {
  readonly remote: GitRemote;
}

export interface OpenOptions {
  /** Reads what stands in submodules, too. */
  readonly mustReadSubmodules?: boolean | undefined;
}

/** A commit that is read. */
export interface OpenedCommit {
  readonly tree: GitTree;
  /** A commit or a tag as it is stored. @throws {FetchError} */
  readObject(oid: string): Promise<{ readonly type: string; readonly data: Uint8Array }>;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_MIRROR_BYTES = 2 * 1024 ** 3;
const DEFAULT_MIRRORS = 200;
const MAX_SUBMODULES = 50;
const MAX_FOUND = 1_000;

export class GitRepositories {
  readonly #options: GitOptions;
  readonly #mirrors = new Map<string, Mirror>();
  readonly #listings = new SingleFlight<ListedRefs>();
  readonly #fetches = new SingleFlight<MirrorChange>();
  readonly #servers = new KnownServers();
  /** Repository and expression → the references it was found in, and what was found. */
  readonly #found = new Map<string, { readonly refs: string; readonly commit: string }>();
  readonly #fresh = new Map<string, { readonly atMs: number; readonly listed: ListedRefs }>();
  /** Mirror → how many read it now. */
  readonly #readers = new Map<string, number>();
  #local: Promise<GitSession> | undefined;
  #prepared: Promise<void> | undefined;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  /** The next question is asked, however fresh the last answer is. */
  forgetListings(): void {
    this.#fresh.clear();
  }

  /** Who a target is; `key` tells two apart. @throws {FetchError} `fetch/bad-url`, `fetch/unsupported`, `fetch/bad-credentials` */
  remote({ url, credentials = NO_CREDENTIALS }: GitTarget): GitRemote {
    return this.#remoteOf(url, credentials);
  }

  /**
   * The commit a reference means: one listing of the repository's references, shared by all who ask at the same time;
   * nothing for a whole commit name.
   *
   * @throws {FetchError} `fetch/not-found`: there is no such reference; others: the repository cannot be asked
   * @throws {SemverError} the range is none
   */
  async resolve(target: GitTarget, wanted: WantedRef, context: FetchContext): Promise<GitRevision> {
    const remote = this.remote(target);
    const direct = chooseRef([], wanted);
    if (direct !== undefined) return { ...direct, remote };
    const listed = await this.#list(remote, prefixesOf(wanted), context);
    const chosen = chooseRef(listed.refs, wanted);
    if (chosen !== undefined) return { ...chosen, remote: listed.remote };
    const expression = wanted.commit || wanted.any || '';
    if (isExpression(expression)) return await this.#search(remote, expression, context);
    const branches = listed.refs.length === 0 ? ', the repository lists nothing like it' : '';
    throw new FetchError(
      'fetch/not-found',
      remote.url.href,
      `${printWanted(wanted)} is not there${branches}`,
      { mend: 'check branch, tag or commit' },
    );
  }

  /**
   * Reads a commit; what the mirror lacks of it is fetched when it is read.
   *
   * @throws {FetchError} @throws what `use` throws
   */
  async open<T>(
    revision: GitRevision,
    options: OpenOptions,
    context: FetchContext,
    use: (commit: OpenedCommit) => Promise<T>,
  ): Promise<T> {
    await this.#prepare();
    const readers: CommitReader[] = [];
    const keys: string[] = [];
    const openReader = async (remote: GitRemote, oid: string): Promise<CommitReader> => {
      keys.push(remote.key);
      this.#count(remote.key, 1);
      const reader = await this.#reader(remote, oid, context);
      readers.push(reader);
      await reader.open();
      return reader;
    };
    try {
      const reader = await openReader(revision.remote, revision.oid);
      const tree = new GitTree(reader, await reader.treeOid(), {
        openModule: async (path, commit) => {
          if (options.mustReadSubmodules !== true) return undefined;
          if (readers.length > MAX_SUBMODULES) {
            const reason = `more than ${MAX_SUBMODULES} submodules`;
            throw new FetchError('fetch/too-large', revision.remote.url.href, reason);
          }
          const remote = await modules.remoteOf(path);
          const store = await openReader(remote, commit);
          return { store, tree: await store.treeOid() };
        },
      });
      const modules = new Submodules(revision.remote, tree, (url, credentials) =>
        this.#remoteOf(url, credentials),
      );
      return await use({ tree, readObject: (oid) => reader.object(oid) });
    } finally {
      for (const reader of readers) await reader.close();
      for (const key of keys) this.#count(key, -1);
    }
  }

  #remoteOf(url: string, credentials: Credentials): GitRemote {
    const remote = remoteOf(url, credentials);
    if (remote.url.transport === 'http' && this.#options.mayUseHttp === false) {
      throw new FetchError('fetch/unsupported', remote.url.href, 'git over http is switched off', {
        step: 'url',
        mend: 'use https or ssh',
      });
    }
    return remote;
  }

  async #list(
    remote: GitRemote,
    prefixes: readonly string[],
    context: FetchContext,
  ): Promise<ListedRefs> {
    const key = JSON.stringify([remote.key, prefixes]);
    const { freshMs = 0 } = this.#options;
    const known = this.#fresh.get(key);
    if (known !== undefined && performance.now() - known.atMs < freshMs) return known.listed;
    const listed = await this.#askForRefs(key, remote, prefixes, context);
    if (freshMs > 0) {
      if (this.#fresh.size >= MAX_FOUND) this.#fresh.clear();
      this.#fresh.set(key, { atMs: performance.now(), listed });
    }
    return listed;
  }

  async #askForRefs(
    key: string,
    remote: GitRemote,
    prefixes: readonly string[],
    context: FetchContext,
  ): Promise<ListedRefs> {
    return await this.#listings.run(key, context.signal, async (signal) => {
      await this.#prepare();
      const list = (known: GitRemote, inner: AbortSignal) =>
        listRefs(known, prefixes, this.#listContext({ ports: context.ports, signal: inner }));
      // Over HTTP each request has its own time and passes the gate of hosts by itself.
      if (remote.url.transport !== 'ssh')
        return await this.#servers.ask(remote, (known) => list(known, signal));
      return await this.#gated(remote, { ...context, signal }, (inner) => list(remote, inner));
    });
  }

  /** Looks for a commit in the whole history; again only when a branch or tag has changed. */
  async #search(
    remote: GitRemote,
    expression: string,
    context: FetchContext,
  ): Promise<GitRevision> {
    const listed = await this.#list(remote, ['refs/heads/', 'refs/tags/'], context);
    const refs = digestOf(JSON.stringify(listed.refs.map(({ name, oid }) => [name, oid])));
    const key = JSON.stringify([remote.key, expression]);
    const known = this.#found.get(key);
    let commit = known?.refs === refs ? known.commit : undefined;
    if (commit === undefined) {
      await this.#prepare();
      const history = this.#mirror(remote.key, 'history');
      commit = await this.#withSession(listed.remote, context, (fetch) =>
        history.findCommit(expression, fetch),
      );
      if (this.#found.size >= MAX_FOUND) this.#found.clear();
      this.#found.set(key, { refs, commit });
    }
    return { oid: commit, commit, name: '', remote: listed.remote };
  }

  async #reader(remote: GitRemote, oid: string, context: FetchContext): Promise<CommitReader> {
    const mirror = this.#mirror(remote.key, 'commits');
    return new CommitReader({
      mirror,
      oid,
      origin: maskUrl(remote.url.href),
      local: await this.#localSession(),
      signal: context.signal ?? new AbortController().signal,
      fetchOnce: (work) => {
        const fetch = (signal: AbortSignal) =>
          this.#withRemote(remote, { ...context, signal }, work);
        return this.#fetches.run(`${remote.key} ${oid}`, context.signal, fetch);
      },
      withRemote: (work) => this.#withRemote(remote, context, work),
    });
  }

  #mirror(key: string, kind: 'commits' | 'history'): Mirror {
    const folder = join(this.#options.folder, key, kind);
    const known = this.#mirrors.get(folder);
    if (known !== undefined) return known;
    const mirror = new Mirror({
      folder,
      maxBytes: this.#options.maxMirrorBytes ?? DEFAULT_MIRROR_BYTES,
      localSession: () => this.#localSession(),
    });
    this.#mirrors.set(folder, mirror);
    return mirror;
  }

  /** Opens the way to a remote for one fetch: by our own requests where its server speaks protocol 2, else by git. */
  async #withRemote<T>(
    remote: GitRemote,
    context: FetchContext,
    work: (fetch: MirrorFetch) => Promise<T>,
  ): Promise<T> {
    await this.#makeRoom(remote.key);
    const signal = context.signal ?? new AbortController().signal;
    const known = await withProtocol(
      this.#servers.known(remote),
      this.#listContext({ ...context, signal }),
    );
    const { protocol } = known;
    if (protocol === undefined) return await this.#withSession(known, context, work);
    const maxBytes = this.#options.maxMirrorBytes ?? DEFAULT_MIRROR_BYTES;
    const { ports } = context;
    const pack = { ports, signal, timeoutMs: this.#timeoutMs, maxBytes };
    return await work({
      signal,
      url: known.url.href,
      secrets: known.secrets,
      origin: {
        kind: 'pack',
        fetch: async (wish, use) => {
          try {
            await fetchPack(known, protocol, wish, pack, use);
          } catch (error) {
            // The server may be another one by now.
            this.#servers.forget(remote);
            throw error;
          }
        },
      },
    });
  }

  async #withSession<T>(
    remote: GitRemote,
    context: FetchContext,
    work: (fetch: MirrorFetch) => Promise<T>,
  ): Promise<T> {
    const { folder, env } = this.#options;
    const { url, secrets } = remote;
    return await this.#gated(remote, context, async (signal) => {
      const known = await sessionRemote(remote, context.ports);
      const session = await openSession({ parentFolder: folder, env }, known);
      try {
        return await work({ origin: { kind: 'git', session }, signal, url: url.href, secrets });
      } finally {
        await session.close();
      }
    });
  }

  #listContext(context: FetchContext): ListContext {
    const { folder, env } = this.#options;
    return { ...context, env, folder, timeoutMs: this.#timeoutMs };
  }

  async #gated<T>(
    remote: GitRemote,
    context: FetchContext,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return await this.#inTime(remote, context.signal, (signal) => {
      const place = { host: hostOf(remote.url), url: remote.url.href, signal };
      return context.ports.hosts.run(place, () => work(signal));
    });
  }

  async #inTime<T>(
    remote: GitRemote,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const timeoutMs = this.#timeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      return await work(both);
    } catch (error) {
      if (!both.aborted) throw error;
      throw failureOf(error, remote.url.href, { signal, timeout, timeoutMs });
    }
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  #localSession(): Promise<GitSession> {
    const { folder, env } = this.#options;
    this.#local ??= this.#prepare().then(() => localSession({ parentFolder: folder, env }));
    return this.#local;
  }

  #count(key: string, change: number): void {
    const count = (this.#readers.get(key) ?? 0) + change;
    if (count <= 0) this.#readers.delete(key);
    else this.#readers.set(key, count);
  }

  /** Makes the folder and removes what processes that died left in it. */
  #prepare(): Promise<void> {
    this.#prepared ??= prepareMirrorFolder(this.#options.folder).catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  /** Removes the mirrors not used for longest when there are too many. */
  async #makeRoom(neededKey: string): Promise<void> {
    const { folder, maxMirrors = DEFAULT_MIRRORS } = this.#options;
    const names = await surplusMirrors(folder, maxMirrors, neededKey, (name) =>
      this.#readers.has(name),
    );
    for (const name of names) {
      for (const kind of ['commits', 'history'] as const) {
        await this.#mirror(name, kind).remove();
        this.#mirrors.delete(join(folder, name, kind));
      }
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}
