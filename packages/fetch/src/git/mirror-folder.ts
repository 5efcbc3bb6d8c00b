// SPDX-License-Identifier: Apache-2.0

/**
 * The folder that holds the mirrors.
 *
 * Effects: makes it, removes from it.
 */

import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FetchError } from '../errors.ts';

/** What an abandoned session's folder is at least old, in milliseconds. */
const ABANDONED_MS = 3_600_000;
const MIRROR_NAME = /^[0-9a-f]{64}$/;

/** Makes the folder and removes what processes that died left in it. @throws {FetchError} `fetch/cache`: others may write there */
export async function prepareMirrorFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = await stat(folder);
  const isOurs = process.getuid === undefined || uid === process.getuid();
  if (!isOurs || (mode & 0o022) !== 0) {
    const reason = `${folder} belongs to somebody else, or others may write there`;
    throw new FetchError('fetch/cache', '', reason);
  }
  for (const name of await readdir(folder)) {
    if (!name.startsWith('session-')) continue;
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && facts.mtimeMs < Date.now() - ABANDONED_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** Names of the mirrors that have to go so that one more has room: those not used for longest that nobody reads. */
export async function surplusMirrors(
  folder: string,
  maxMirrors: number,
  needed: string,
  isRead: (name: string) => boolean,
): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => MIRROR_NAME.test(name));
  if (names.length < maxMirrors || names.includes(needed)) return [];
  const idle: { readonly name: string; readonly usedMs: number }[] = [];
  for (const name of names) {
    if (isRead(name)) continue;
    const commits = await stat(join(folder, name, 'commits')).catch(() => undefined);
    idle.push({ name, usedMs: commits?.mtimeMs ?? 0 });
  }
  idle.sort((a, b) => a.usedMs - b.usedMs);
  return idle.slice(0, names.length - maxMirrors + 1).map(({ name }) => name);
}
