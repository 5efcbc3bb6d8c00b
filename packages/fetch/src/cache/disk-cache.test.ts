// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FetchError } from '../errors.ts';
import { digestOf } from './content-cache.ts';
import { openDiskCache } from './disk-cache.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (found: Uint8Array | undefined) => found && Buffer.from(found).toString();

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cache-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('what one process keeps, another one and the next one find', () =>
  inFolder(async (folder) => {
    const options = { folder, maxBytes: 1000 };
    const [one, two] = await Promise.all([openDiskCache(options), openDiskCache(options)]);
    const digest = await one.put(bytes('content'));
    assert.equal(digest, digestOf('content'));
    await one.setNote('url', 'etag "1"\nmore');
    assert.equal(textOf(await two.get(digest)), 'content');
    assert.equal(await two.note('url'), 'etag "1"\nmore');
    assert.equal(await two.note('other'), undefined);
    const next = await openDiskCache(options);
    const parts = await next.open(digest);
    assert.ok(parts !== undefined);
    let text = '';
    for await (const part of parts) text += textOf(part);
    assert.equal(text, 'content');
    const writer = await next.writer();
    await writer.write(bytes('in '));
    await writer.write(bytes('parts'));
    assert.equal(textOf(await one.get(await writer.commit())), 'in parts');
    const left = await next.writer();
    await left.write(bytes('never'));
    await left.discard();
    assert.deepEqual(
      (await readdir(join(folder, 'v1'))).filter((name) => name[0] === '.'),
      [],
    );
  }));

test('what is damaged is gone; what is no digest is never a path', () =>
  inFolder(async (folder) => {
    const cache = await openDiskCache({ folder, maxBytes: 1000 });
    const digest = await cache.put(bytes('content'));
    const [name = ''] = await readdir(join(folder, 'v1'));
    const path = join(folder, 'v1', name);
    await writeFile(path, 'changed');
    const parts = await cache.open(digest);
    await assert.rejects(async () => {
      for await (const part of parts ?? []) assert.ok(part.length > 0);
    }, FetchError);
    await writeFile(path, 'changed');
    assert.equal(await cache.get(digest), undefined);
    assert.deepEqual(await readdir(join(folder, 'v1')), []);
    for (const wrong of ['sha256:../../etc/passwd', '', 'sha256:xyz', `md5:${'0'.repeat(32)}`])
      assert.equal(await cache.get(wrong), undefined);
    await cache.setNote('key', 'text');
    const [note = ''] = await readdir(join(folder, 'v1'));
    await writeFile(join(folder, 'v1', note), 'nonsense');
    assert.equal(await cache.note('key'), undefined);
  }));

test('it never grows beyond its size; what was used last stays', () =>
  inFolder(async (folder) => {
    let now = 1_000_000;
    const cache = await openDiskCache({ folder, maxBytes: 100, nowMs: () => (now += 1_000) });
    const digests: string[] = [];
    for (let count = 0; count < 9; count++)
      digests.push(await cache.put(bytes(`${count}`.repeat(10))));
    await cache.get(digests[0] ?? '');
    for (let count = 0; count < 3; count++) await cache.put(bytes(`x${count}`.repeat(5)));
    assert.ok((await cache.get(digests[0] ?? '')) !== undefined, 'it was used a moment ago');
    assert.equal(await cache.get(digests[1] ?? ''), undefined);
    assert.ok((await readdir(join(folder, 'v1'))).length <= 10);
    assert.equal(await cache.get(await cache.put(bytes('y'.repeat(101)))), undefined);
  }));

test('a folder of another user is refused', { skip: process.getuid?.() !== 0 }, () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'v1'), { mode: 0o700 });
    await chown(join(folder, 'v1'), 1, 1);
    await assert.rejects(openDiskCache({ folder, maxBytes: 10 }), {
      code: 'fetch/cache',
      message: /it belongs to another user/,
    });
  }),
);

test('a folder that others may write into is refused', () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'v1'));
    await chmod(join(folder, 'v1'), 0o777);
    await assert.rejects(openDiskCache({ folder, maxBytes: 10 }), {
      code: 'fetch/cache',
      message: /others may write into it/,
    });
  }));

test('many writers of the same and of different contents', () =>
  inFolder(async (folder) => {
    const options = { folder, maxBytes: 50_000 };
    const caches = await Promise.all([1, 2, 3].map(() => openDiskCache(options)));
    const texts = Array.from({ length: 60 }, (_, index) => `${index % 20}`.repeat(50));
    const digests = await Promise.all(
      texts.map((text, index) => caches[index % 3]?.put(bytes(text)) ?? ''),
    );
    for (const [index, digest] of digests.entries())
      assert.equal(textOf(await caches[(index + 1) % 3]?.get(digest)), texts[index]);
  }));
