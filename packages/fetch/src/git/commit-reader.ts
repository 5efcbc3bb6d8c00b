// SPDX-License-Identifier: Apache-2.0

/** The objects of one commit: out of the mirror, and where the mirror lacks them, out of the repository. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FetchError } from '../errors.ts';
import type { ObjectStore } from './git-tree.ts';
import type { Mirror, MirrorChange, MirrorFetch } from './mirror.ts';
import { type GitObject, ObjectReader } from './object-reader.ts';
import type { GitSession } from './session.ts';

export interface CommitReaderOptions {
  readonly mirror: Mirror;
  /** What is fetched: a commit or a tag object. */
  readonly oid: string;
  /** Masked URL. */
  readonly origin: string;
  /** Talks to nobody. */
  readonly local: GitSession;
  readonly signal: AbortSignal;
  /** Fetches the commit, once for all who want it at the same time. */
  readonly fetchOnce: (
    work: (fetch: MirrorFetch) => Promise<MirrorChange>,
  ) => Promise<MirrorChange>;
  /** Opens a session with the remote for one fetch. */
  readonly withRemote: (
    work: (fetch: MirrorFetch) => Promise<MirrorChange>,
  ) => Promise<MirrorChange>;
}

const MAX_OBJECT_BYTES = 1024 * 1024;
/** A tag may name a tag, but not without end. */
const MAX_PEELS = 5;

export class CommitReader implements ObjectStore {
  readonly #options: CommitReaderOptions;
  #reader: ObjectReader | undefined;

  constructor(options: CommitReaderOptions) {
    this.#options = options;
  }

  get origin(): string {
    return this.#options.origin;
  }

  /** Brings the commit into the mirror if it is not there. @throws {FetchError} */
  async open(): Promise<void> {
    const { mirror, oid, fetchOnce } = this.#options;
    if (await isThere(mirror.gitFolder)) {
      const [found] = await this.#current().read([oid], 0);
      if (found !== undefined) return;
    }
    const change = await fetchOnce((fetch) => mirror.fetchCommit(oid, fetch));
    if (change === 'rebuilt') await this.close();
  }

  /** The commit's own tree. @throws {FetchError} `fetch/not-found`: it is no commit */
  async treeOid(): Promise<string> {
    let { oid } = this.#options;
    for (let peel = 0; peel <= MAX_PEELS; peel++) {
      const { type, data } = await this.object(oid);
      const text = Buffer.from(data).toString('latin1');
      const [, key, target = ''] = /^(tree|object) ([0-9a-f]{40,64})\n/.exec(text) ?? [];
      if (type === 'commit' && key === 'tree') return target;
      if (type !== 'tag' || key !== 'object') break;
      oid = target;
    }
    throw new FetchError('fetch/not-found', this.origin, `${oid} is no commit`);
  }

  /** One object as it is stored. @throws {FetchError} */
  async object(oid: string): Promise<{ readonly type: string; readonly data: Uint8Array }> {
    const [object] = await this.#current().read([oid], MAX_OBJECT_BYTES);
    if (object?.data === undefined) {
      throw new FetchError('fetch/bad-answer', this.origin, `object ${oid} is not to be had`);
    }
    return { type: object.type, data: object.data };
  }

  async read(oids: readonly string[], maxBytes: number): Promise<readonly GitObject[]> {
    const first = await this.#current().read(oids, maxBytes);
    const missing = oids.filter((_, index) => first[index] === undefined);
    if (missing.length === 0) return first.filter((object) => object !== undefined);
    const { mirror, oid, withRemote } = this.#options;
    const change = await withRemote((fetch) => mirror.fetchBlobs(missing, oid, fetch));
    if (change === 'rebuilt') await this.close();
    const second = await this.#current().read(oids, maxBytes);
    return second.map((object, index) => {
      if (object !== undefined) return object;
      const reason = `object ${oids[index]} is not to be had`;
      throw new FetchError('fetch/bad-answer', this.origin, reason);
    });
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }

  #current(): ObjectReader {
    const { mirror, local, signal } = this.#options;
    this.#reader ??= new ObjectReader(mirror.gitFolder, local, signal);
    return this.#reader;
  }
}

async function isThere(gitFolder: string): Promise<boolean> {
  return (await stat(join(gitFolder, 'HEAD')).catch(() => undefined)) !== undefined;
}
