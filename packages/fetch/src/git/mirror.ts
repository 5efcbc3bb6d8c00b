// SPDX-License-Identifier: Apache-2.0

/**
 * One bare repository on disk that holds what was needed of another, and no more: commits without history, folders,
 * and the files that were read.
 *
 * Effects: runs git, writes below its folder. Whatever is damaged there is removed and fetched again.
 */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FetchError } from '../errors.ts';
import { gitFailure, isDamaged, isUnlistedRefused } from './failure.ts';
import type { Pack, PackWish } from './fetch-pack.ts';
import { type GitResult, runGit, startGit } from './git-process.ts';
import type { GitSession } from './session.ts';
import { REMOTE } from './session.ts';

/** Where objects come from. */
export type ObjectOrigin =
  /** git asks; the session knows the remote and its credentials. */
  | { readonly kind: 'git'; readonly session: GitSession }
  /** We ask, and give git the pack. */
  | {
      readonly kind: 'pack';
      readonly fetch: (wish: PackWish, use: (pack: Pack) => Promise<void>) => Promise<void>;
    };

/** What one fetch into a mirror needs. */
export interface MirrorFetch {
  readonly origin: ObjectOrigin;
  readonly signal: AbortSignal;
  /** For messages. */
  readonly url: string;
  readonly secrets: readonly string[];
}

export interface MirrorOptions {
  readonly folder: string;
  /** More on disk than this ends a fetch. */
  readonly maxBytes: number;
  /** Talks to nobody. */
  readonly localSession: () => Promise<GitSession>;
}

const MAX_OUTPUT_BYTES = 1024 * 1024;
const WATCH_MS = 200;
/** Each fetch leaves packs; with more of them a mirror is cheaper made anew than kept. */
const MAX_PACKS = 120;
const FETCH = [
  'fetch',
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--no-recurse-submodules',
];
const UNFILTERED_MARK = 'server-lists-only';
/** git's own file, and its own format. */
const SHALLOW = 'shallow';

/** What happened to the mirror: `rebuilt` means that whoever reads it must open it again. */
export type MirrorChange = 'added' | 'rebuilt';

export class Mirror {
  readonly #options: MirrorOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  get gitFolder(): string {
    return this.#options.folder;
  }

  /** Fetches a commit or a tag object with its trees. @throws {FetchError} */
  fetchCommit(oid: string, fetch: MirrorFetch): Promise<MirrorChange> {
    return this.#inTurn(async () => {
      const isNew = await this.#prepare(fetch);
      const isFiltered = !(await this.#isUnfiltered());
      const change = await this.#fetchOid(oid, isFiltered, fetch);
      return isNew ? 'rebuilt' : change;
    });
  }

  /** Fetches files that a filter left out; a server that does not hand them out one by one gives all at once. @throws {FetchError} */
  fetchBlobs(oids: readonly string[], commit: string, fetch: MirrorFetch): Promise<MirrorChange> {
    return this.#inTurn(async () => {
      const refusal = await this.#fetchFiles(oids, fetch);
      if (refusal === undefined) return 'added';
      if (!isUnlistedRefused(refusal)) throw gitFailure(fetch.url, refusal, fetch.secrets);
      await this.#remake(fetch);
      await writeFile(join(this.gitFolder, UNFILTERED_MARK), '');
      await this.#fetchOid(commit, false, fetch);
      return 'rebuilt';
    });
  }

  /** @returns what the server or git says against it */
  async #fetchFiles(oids: readonly string[], fetch: MirrorFetch): Promise<string | undefined> {
    const { origin } = fetch;
    if (origin.kind === 'pack') {
      try {
        const wish = { wants: oids, haves: [], isShallow: false, filter: undefined };
        await origin.fetch(wish, (pack) => this.#index(pack.bytes, fetch));
        return undefined;
      } catch (error) {
        if (error instanceof FetchError && isUnlistedRefused(error.reason)) return error.reason;
        throw error;
      }
    }
    const { exitCode, stderr } = await this.#git(
      ['-c', 'fetch.negotiationAlgorithm=noop', ...FETCH, '--filter=blob:none', '--stdin', REMOTE],
      fetch,
      { session: origin.session, stdin: oids.map((oid) => `${oid}\n`).join('') },
    );
    return exitCode === 0 ? undefined : stderr;
  }

  /**
   * Fetches every commit of branches and tags, without trees and files, and finds the one that an expression means.
   *
   * @throws {FetchError} `fetch/not-found`
   */
  findCommit(expression: string, fetch: MirrorFetch): Promise<string> {
    return this.#inTurn(async () => {
      await this.#prepare(fetch);
      const { origin } = fetch;
      if (origin.kind !== 'git') throw new Error('a history is fetched by git');
      const refs = ['heads', 'tags'].map((kind) => `+refs/${kind}/*:refs/${kind}/*`);
      const fetched = await this.#git(
        [...FETCH, '--prune', '--filter=tree:0', REMOTE, ...refs],
        fetch,
        { session: origin.session },
      );
      if (fetched.exitCode !== 0) throw gitFailure(fetch.url, fetched.stderr, fetch.secrets);
      const { exitCode, stdout } = await this.#git(
        ['rev-parse', '--verify', '--quiet', '--end-of-options', `${expression}^{commit}`],
        fetch,
        { session: await this.#options.localSession() },
      );
      if (exitCode === 0) return stdout.toString('utf8').trim();
      throw new FetchError('fetch/not-found', fetch.url, `no commit is meant by ${expression}`, {
        mend: 'check branch, tag or commit',
      });
    });
  }

  /** Bytes on disk. */
  async sizeBytes(): Promise<number> {
    return await sizeOf(join(this.gitFolder, 'objects'));
  }

  /** Removes it all. */
  remove(): Promise<void> {
    return this.#inTurn(() => rm(this.gitFolder, { recursive: true, force: true }));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #fetchOid(oid: string, isFiltered: boolean, fetch: MirrorFetch): Promise<MirrorChange> {
    const { origin } = fetch;
    if (origin.kind === 'pack') {
      try {
        await this.#fetchPackOf(oid, isFiltered, fetch, origin);
        return 'added';
      } catch (error) {
        if (!(error instanceof FetchError) || !isDamaged(error.reason)) throw error;
        await this.#remake(fetch);
        await this.#fetchPackOf(oid, isFiltered, fetch, origin);
        return 'rebuilt';
      }
    }
    const args = [
      ...FETCH,
      '--depth=1',
      isFiltered ? '--filter=blob:none' : '--no-filter',
      REMOTE,
      `+${oid}:refs/keep/${oid}`,
    ];
    const { session } = origin;
    const first = await this.#git(args, fetch, { session });
    if (first.exitCode === 0) return 'added';
    if (!isDamaged(first.stderr)) throw gitFailure(fetch.url, first.stderr, fetch.secrets);
    await this.#remake(fetch);
    const second = await this.#git(args, fetch, { session });
    if (second.exitCode !== 0) throw gitFailure(fetch.url, second.stderr, fetch.secrets);
    return 'rebuilt';
  }

  async #fetchPackOf(
    oid: string,
    isFiltered: boolean,
    fetch: MirrorFetch,
    origin: Extract<ObjectOrigin, { kind: 'pack' }>,
  ): Promise<void> {
    const haves = await this.#shallowCommits();
    const filter = isFiltered ? 'blob:none' : undefined;
    await origin.fetch({ wants: [oid], haves, isShallow: true, filter }, async (pack) => {
      await this.#index(pack.bytes, fetch);
      const shallow = new Set([...haves, ...pack.shallow]);
      const text = [...shallow].map((commit) => `${commit}\n`).join('');
      const unfinished = join(this.gitFolder, `${SHALLOW}-${randomUUID()}`);
      await writeFile(unfinished, text);
      await rename(unfinished, join(this.gitFolder, SHALLOW));
    });
  }

  /** Commits that are here without their parents. */
  async #shallowCommits(): Promise<string[]> {
    const text = await readFile(join(this.gitFolder, SHALLOW), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => /^[0-9a-f]{40,64}$/.test(line));
  }

  /** Puts a pack into the mirror; git checks every object in it. */
  async #index(bytes: AsyncIterable<Uint8Array>, { url, signal }: MirrorFetch): Promise<void> {
    const { child, kill, ended } = startGit(
      [
        `--git-dir=${this.gitFolder}`,
        'index-pack',
        '--stdin',
        '--fix-thin',
        `--max-input-size=${this.#options.maxBytes}`,
      ],
      { session: await this.#options.localSession(), signal },
    );
    child.stdout.resume();
    try {
      for await (const part of bytes) {
        // One that ends early closes its end; its exit code tells why.
        if (child.stdin.destroyed || child.exitCode !== null) break;
        if (child.stdin.write(part)) continue;
        const drained = once(child.stdin, 'drain').catch(() => undefined);
        await Promise.race([drained, ended]);
      }
    } catch (error) {
      kill();
      await ended;
      throw error;
    }
    child.stdin.end();
    const { exitCode, stderr } = await ended;
    signal.throwIfAborted();
    if (exitCode !== 0) {
      const isShort = /early EOF|premature end|unexpected end/i.test(stderr);
      const code = isShort ? 'fetch/truncated' : 'fetch/wrong-digest';
      throw new FetchError(code, url, `the pack cannot be used: ${stderr.trim()}`);
    }
  }

  /** @returns whether it was made anew */
  async #prepare(fetch: MirrorFetch): Promise<boolean> {
    const packs = await readdir(join(this.gitFolder, 'objects', 'pack')).catch(() => undefined);
    if (packs === undefined || packs.filter((name) => name.endsWith('.pack')).length > MAX_PACKS) {
      const mark = await this.#isUnfiltered();
      await this.#remake(fetch);
      if (mark) await writeFile(join(this.gitFolder, UNFILTERED_MARK), '');
      return true;
    }
    const now = new Date();
    await utimes(this.gitFolder, now, now);
    return false;
  }

  async #remake(fetch: MirrorFetch): Promise<void> {
    await rm(this.gitFolder, { recursive: true, force: true });
    await mkdir(this.gitFolder, { recursive: true, mode: 0o700 });
    const { exitCode, stderr } = await runGit(
      ['init', '--quiet', '--bare', '--template=', this.gitFolder],
      {
        session: await this.#options.localSession(),
        signal: fetch.signal,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      },
    );
    if (exitCode !== 0)
      throw new FetchError('fetch/cache', fetch.url, `no mirror can be made: ${stderr}`);
  }

  async #isUnfiltered(): Promise<boolean> {
    return (await stat(join(this.gitFolder, UNFILTERED_MARK)).catch(() => undefined)) !== undefined;
  }

  /** Runs git in the mirror and ends it when the mirror grows too large. */
  async #git(
    args: readonly string[],
    fetch: MirrorFetch,
    run: { readonly session: GitSession; readonly stdin?: string },
  ): Promise<GitResult> {
    const { maxBytes } = this.#options;
    const tooLarge = new AbortController();
    const watch = setInterval(() => {
      void this.sizeBytes().then((size) => {
        if (size > maxBytes) tooLarge.abort();
      });
    }, WATCH_MS);
    try {
      return await runGit([`--git-dir=${this.gitFolder}`, ...args], {
        ...run,
        signal: AbortSignal.any([fetch.signal, tooLarge.signal]),
        maxOutputBytes: MAX_OUTPUT_BYTES,
      });
    } catch (error) {
      if (!tooLarge.signal.aborted) throw error;
      await rm(this.gitFolder, { recursive: true, force: true });
      throw new FetchError('fetch/too-large', fetch.url, `more than ${maxBytes} bytes`);
    } finally {
      clearInterval(watch);
    }
  }
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let total = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) total += await sizeOf(path);
    // A pack may be renamed while it is looked at.
    else total += (await stat(path).catch(() => undefined))?.size ?? 0;
  }
  return total;
}
