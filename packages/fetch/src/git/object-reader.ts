// SPDX-License-Identifier: Apache-2.0

/** Objects out of a bare repository, by one `git cat-file --batch` that is asked again and again. */

import { FetchError } from '../errors.ts';
import { type GitProcess, startGit } from './git-process.ts';
import type { GitSession } from './session.ts';

export interface GitObject {
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly sizeBytes: number;
  /** `undefined`: larger than was asked for. */
  readonly data: Buffer | undefined;
}

const TYPES: ReadonlySet<string> = new Set(['commit', 'tree', 'blob', 'tag']);
const LINE_END = 0x0a;
const MAX_LINE_BYTES = 4_096;

/** Reads objects until it is closed. */
export class ObjectReader {
  readonly #process: GitProcess;
  readonly #parts: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #turn: Promise<unknown> = Promise.resolve();

  constructor(gitFolder: string, session: GitSession, signal: AbortSignal) {
    this.#process = startGit([`--git-dir=${gitFolder}`, 'cat-file', '--batch'], {
      session,
      signal,
    });
    this.#parts = this.#process.child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /**
   * Objects by their names, in the order asked for; `undefined` stands for one that is not there.
   *
   * @param maxBytes data of larger ones is left out
   * @throws {FetchError} `fetch/cache`: the repository cannot be read
   */
  async read(oids: readonly string[], maxBytes: number): Promise<(GitObject | undefined)[]> {
    const read = this.#turn.then(() => this.#readAll(oids, maxBytes));
    this.#turn = read.catch(() => undefined);
    return await read;
  }

  async #readAll(oids: readonly string[], maxBytes: number): Promise<(GitObject | undefined)[]> {
    this.#process.child.stdin.write(oids.map((oid) => `${oid}\n`).join(''));
    const objects: (GitObject | undefined)[] = [];
    for (const oid of oids) objects.push(await this.#readOne(oid, maxBytes));
    return objects;
  }

  async #readOne(oid: string, maxBytes: number): Promise<GitObject | undefined> {
    const [name, type = '', size = ''] = (await this.#line()).split(' ');
    if (type === 'missing') return undefined;
    if (name !== oid || !TYPES.has(type) || !/^[0-9]+$/.test(size)) {
      throw new FetchError('fetch/cache', '', `object ${oid} of the mirror cannot be read`);
    }
    const sizeBytes = Number(size);
    const isWanted = sizeBytes <= maxBytes;
    const data = await this.#take(sizeBytes, isWanted);
    await this.#take(1, false);
    return { type: type as GitObject['type'], sizeBytes, data: isWanted ? data : undefined };
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(LINE_END);
      if (end >= 0) {
        const line = this.#rest.toString('utf8', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > MAX_LINE_BYTES) {
        throw new FetchError('fetch/cache', '', 'git answers what is no object');
      }
      this.#rest = Buffer.concat([this.#rest, await this.#part()]);
    }
  }

  /** Takes so many bytes off the stream. */
  async #take(sizeBytes: number, isKept: boolean): Promise<Buffer> {
    const parts: Buffer[] = [];
    let left = sizeBytes;
    for (;;) {
      const part = this.#rest.subarray(0, left);
      if (isKept) parts.push(part);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      if (left === 0) break;
      this.#rest = await this.#part();
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? Buffer.from(only) : Buffer.concat(parts);
  }

  async #part(): Promise<Buffer> {
    const { done, value } = await this.#parts.next();
    if (done !== true) return value;
    const { stderr } = await this.#process.ended;
    throw new FetchError('fetch/cache', '', `the mirror cannot be read: ${stderr.trim()}`);
  }

  async close(): Promise<void> {
    this.#process.child.stdin.end();
    this.#process.kill();
    await this.#process.ended;
  }
}
