// SPDX-License-Identifier: Apache-2.0

/**
 * Contents in a folder, one file each, named by digest; notes beside them, named by the digest of their key.
 *
 * Effects: reads, writes and removes files of the folder, nothing else. A file is whole or absent (written beside, then
 *          renamed) and its time of change is when it was last used, so that the order outlives the process. Several
 *          processes may share the folder: nobody relies on a file being there.
 */

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { FetchError } from '../errors.ts';
import {
  type ContentCache,
  type ContentWriter,
  digestOf,
  digitsOf,
  MAX_NOTE_LENGTH,
} from './content-cache.ts';

export interface DiskCacheOptions {
  /** Made if it is not there. */
  readonly folder: string;
  /** All files together. */
  readonly maxBytes: number;
  /** Milliseconds since the epoch. Default: the clock of this machine. */
  readonly nowMs?: (() => number) | undefined;
}

/** What is written so; another form gets another name. */
const FORMAT = 'v1';
const NAME = /^(?:note-)?[0-9a-f]{64}$/;
const UNFINISHED = /^\.[0-9a-f-]{36}$/;
/** An unfinished file older than this was left by a process that ended. */
const ABANDONED_MS = 3_600_000;
/** After a clean-up so much of the room is in use, that not every write needs another. */
const KEPT_SHARE = 0.9;
/** What other processes wrote is counted again after this time. */
const RECOUNT_MS = 60_000;

/** @throws {FetchError} `fetch/cache`: the folder cannot be made or read */
export async function openDiskCache(options: DiskCacheOptions): Promise<ContentCache> {
  try {
    // The folder itself may be a mount that belongs to somebody else.
    const folder = join(options.folder, FORMAT);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await refuseOthers(folder);
    const cache = new DiskCache({ ...options, folder });
    await cache.cleanUp();
    return cache;
  } catch (error) {
    throw cacheError(options.folder, 'cannot be opened', error);
  }
}

/** Notes are believed, so nobody else may write them. */
async function refuseOthers(folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  if ((mode & 0o022) !== 0) throw new Error('others may write into it');
  if (uid !== (await ownerOfNew(folder))) throw new Error('it belongs to another user');
}

/** Whoever runs this: users of containers often have a number and no name, so nobody can be asked for it. */
async function ownerOfNew(folder: string): Promise<number> {
  const probe = await mkdtemp(join(folder, 'own-'));
  try {
    return (await stat(probe)).uid;
  } finally {
    await rmdir(probe);
  }
}

class DiskCache implements ContentCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #nowMs: () => number;
  /** As of the last count, and what this process wrote since. */
  #usedBytes = 0;
  #countedAtMs = 0;
  #cleaning: Promise<void> | undefined;

  constructor({ folder, maxBytes, nowMs = Date.now }: DiskCacheOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#nowMs = nowMs;
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(digest);
    if (path === undefined) return undefined;
    const bytes = await ifThere(path, () => readFile(path));
    if (bytes === undefined) return undefined;
    if (digestOf(bytes) !== digest) {
      await rm(path, { force: true });
      return undefined;
    }
    await this.#touch(path);
    return bytes;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const digest = digestOf(bytes);
    if (bytes.length > this.#maxBytes) return digest;
    await this.#save(this.#pathOf(digest) ?? '', bytes);
    return digest;
  }

  async open(digest: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = this.#pathOf(digest);
    if (path === undefined) return undefined;
    const handle = await ifThere(path, () => open(path, 'r'));
    if (handle === undefined) return undefined;
    await this.#touch(path);
    return checkedParts(handle, path, digest);
  }

  async writer(): Promise<ContentWriter> {
    const unfinished = this.#unfinished();
    const handle = await this.#written(unfinished, () => open(unfinished, 'wx', 0o600));
    const hash = createHash('sha256');
    let sizeBytes = 0;
    let isDone = false;
    const discard = async () => {
      if (isDone) return;
      isDone = true;
      await handle.close();
      await rm(unfinished, { force: true });
    };
    return {
      discard,
      write: async (part) => {
        hash.update(part);
        sizeBytes += part.length;
        if (sizeBytes <= this.#maxBytes)
          await this.#written(unfinished, async () => {
            await handle.writeFile(part);
          });
      },
      commit: async () => {
        const digest = `sha256:${hash.digest('hex')}`;
        if (sizeBytes > this.#maxBytes) await discard();
        if (isDone) return digest;
        isDone = true;
        await handle.close();
        const path = this.#pathOf(digest) ?? '';
        await this.#written(unfinished, () => rename(unfinished, path));
        await this.#count(sizeBytes);
        return digest;
      },
    };
  }

  async note(key: string): Promise<string | undefined> {
    const path = this.#notePathOf(key);
    const text = await ifThere(path, () => readFile(path, 'utf8'));
    if (text === undefined) return undefined;
    const end = text.indexOf('\n');
    // The first line holds the key: a damaged file is no note.
    if (text.slice(0, end) !== digestOf(`${key}\n${text.slice(end + 1)}`)) return undefined;
    await this.#touch(path);
    return text.slice(end + 1);
  }

  async setNote(key: string, text: string): Promise<void> {
    if (text.length > MAX_NOTE_LENGTH) return;
    const content = Buffer.from(`${digestOf(`${key}\n${text}`)}\n${text}`);
    await this.#save(this.#notePathOf(key), content, true);
  }

  /** Counts what is there, removes what was left unfinished and what was not used for longest. */
  async cleanUp(): Promise<void> {
    this.#cleaning ??= this.#sweep().finally(() => {
      this.#cleaning = undefined;
    });
    await this.#cleaning;
  }

  async #sweep(): Promise<void> {
    const found: { path: string; size: number; mtimeMs: number }[] = [];
    let total = 0;
    for (const name of await readdir(this.#folder)) {
      if (!NAME.test(name) && !UNFINISHED.test(name)) continue;
      const path = join(this.#folder, name);
      const facts = await ifThere(path, () => stat(path));
      if (facts === undefined) continue;
      const isUnfinished = name.startsWith('.');
      if (!isUnfinished) found.push({ path, size: facts.size, mtimeMs: facts.mtimeMs });
      else if (facts.mtimeMs < Date.now() - ABANDONED_MS) await rm(path, { force: true });
      total += isUnfinished ? 0 : facts.size;
    }
    if (total > this.#maxBytes) {
      found.sort((a, b) => a.mtimeMs - b.mtimeMs);
      for (const { path, size } of found) {
        if (total <= this.#maxBytes * KEPT_SHARE) break;
        await rm(path, { force: true });
        total -= size;
      }
    }
    this.#usedBytes = total;
    this.#countedAtMs = this.#nowMs();
  }

  async #save(path: string, bytes: Uint8Array, mustReplace = false): Promise<void> {
    if (!mustReplace && (await ifThere(path, () => stat(path)))?.size === bytes.length) {
      await this.#touch(path);
      return;
    }
    const unfinished = this.#unfinished();
    await this.#written(unfinished, async () => {
      await writeFile(unfinished, bytes, { mode: 0o600, flag: 'wx' });
      await this.#touch(unfinished);
      await rename(unfinished, path);
    });
    await this.#count(bytes.length);
  }

  async #written<T>(unfinished: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      await rm(unfinished, { force: true });
      throw cacheError(this.#folder, 'cannot be written', error);
    }
  }

  async #count(sizeBytes: number): Promise<void> {
    this.#usedBytes += sizeBytes;
    const isOld = this.#nowMs() - this.#countedAtMs > RECOUNT_MS;
    if (this.#usedBytes > this.#maxBytes || isOld) await this.cleanUp();
  }

  /** Another call, or another process, may have removed the file meanwhile. */
  async #touch(path: string): Promise<void> {
    const now = this.#nowMs() / 1000;
    await ifThere(path, () => utimes(path, now, now));
  }

  #pathOf(digest: string): string | undefined {
    const digits = digitsOf(digest);
    return digits === undefined ? undefined : join(this.#folder, digits);
  }

  #notePathOf(key: string): string {
    return join(this.#folder, `note-${digitsOf(digestOf(key)) ?? ''}`);
  }

  #unfinished(): string {
    return join(this.#folder, `.${randomUUID()}`);
  }
}

async function* checkedParts(
  handle: FileHandle,
  path: string,
  digest: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { fd: handle }) as AsyncIterable<Uint8Array>) {
    hash.update(part);
    yield part;
  }
  if (`sha256:${hash.digest('hex')}` === digest) return;
  await rm(path, { force: true });
  throw new FetchError('fetch/cache', `file://${path}`, 'the cached content is damaged');
}

/** @returns `undefined` when the file is not there */
async function ifThere<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw cacheError(path, 'cannot be read', error);
  }
}

function cacheError(path: string, what: string, cause: unknown): FetchError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FetchError('fetch/cache', `file://${path}`, `the cache ${what}: ${reason}`, { cause });
}
