// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type GitHttpServer, startGitHttpServer } from '../../../../test/kit/git-http-server.ts';
import {
  GIT_CONTEXT as context,
  GIT_ENV as env,
  fails,
  readGitFolder as read,
  gitMirrors as repositories,
  GIT_ROOT as root,
} from '../../../../test/kit/git-mirrors.ts';
import { createRepository, type TestRepository } from '../../../../test/kit/git-repository.ts';
import type { Credentials } from '../credentials.ts';
import type { FetchError } from '../errors.ts';
import type { WantedRef } from './choose-ref.ts';
import { GitRepositories } from './git-repositories.ts';

let server: GitHttpServer;
let repository: TestRepository;
let first: string;
let second: string;

before(async () => {
  server = await startGitHttpServer({ root });
  repository = createRepository(root, 'one.git');
  first = repository.commit({
    'chart/Chart.yaml': 'name: one',
    'chart/templates/a.yaml': 'a: 1',
    'other/big.txt': 'x'.repeat(10_000),
  });
  repository.git('tag', 'v1.0.0', first);
  second = repository.commit({ 'chart/templates/a.yaml': 'a: 2' });
  repository.git('tag', '-a', '-m', 'second', 'v1.1.0', second);
  repository.git('tag', 'v2.0.0-rc.1', second);
  repository.commit({ 'chart/templates/a.yaml': 'a: side' }, { branch: 'side/branch' });
});

after(() => server.stop());

const trusted = (): Credentials => ({ tls: { ca: server.ca } });

test('each way to name a commit finds it', async () => {
  const { git } = repositories();
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  const rows: [WantedRef, string, string][] = [
    [{}, second, 'refs/heads/main'],
    [{ branch: 'main' }, second, 'refs/heads/main'],
    [{ tag: 'v1.0.0' }, first, 'refs/tags/v1.0.0'],
    [{ tag: 'v1.1.0' }, second, 'refs/tags/v1.1.0'],
    [{ semver: '^1.0' }, second, 'refs/tags/v1.1.0'],
    [{ semver: '1.0.x' }, first, 'refs/tags/v1.0.0'],
    [{ semver: '>=2.0.0-0' }, second, 'refs/tags/v2.0.0-rc.1'],
    [{ name: 'refs/heads/main' }, second, 'refs/heads/main'],
    [{ commit: first }, first, ''],
    [{ commit: first.slice(0, 8) }, first, ''],
    [{ any: 'main' }, second, 'refs/heads/main'],
    [{ any: 'HEAD' }, second, 'refs/heads/main'],
    [{ any: 'v1.1.0' }, second, 'refs/tags/v1.1.0'],
    [{ any: 'heads/main' }, second, 'refs/heads/main'],
    [{ any: first }, first, ''],
    [{ any: first.slice(0, 7) }, first, ''],
    [{ any: 'main~1' }, first, ''],
  ];
  for (const [wanted, commit, name] of rows) {
    const revision = await git.resolve(target, wanted, context);
    assert.equal(revision.commit, commit, JSON.stringify(wanted));
    assert.equal(revision.name, name, JSON.stringify(wanted));
  }
  for (const wanted of [
    { branch: 'absent' },
    { tag: 'absent' },
    { semver: '>9' },
    { any: 'absent' },
    { any: 'abcdef0123' },
    { name: 'refs/pull/1/head' },
  ]) {
    await assert.rejects(git.resolve(target, wanted, context), fails('fetch/not-found'));
  }
});

test('files are read at the commit that is wanted, and only they are fetched', async () => {
  const { git, folder } = repositories();
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  assert.deepEqual(await read(git, target), {
    'Chart.yaml': 'name: one',
    'templates/a.yaml': 'a: 2',
  });
  assert.deepEqual(await read(git, target, { any: 'v1.0.0' }), {
    'Chart.yaml': 'name: one',
    'templates/a.yaml': 'a: 1',
  });
  assert.equal((await read(git, target, { branch: 'side/branch' }))['templates/a.yaml'], 'a: side');
  assert.equal((await read(git, target, { commit: first }))['templates/a.yaml'], 'a: 1');
  await assert.rejects(read(git, target, {}, 'absent'), fails('fetch/not-found'));
  await assert.rejects(read(git, target, {}, '../chart'), fails('fetch/unsupported'));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('session-')),
    [],
  );
});

test('an unchanged repository is asked for its references alone', async () => {
  const { git } = repositories();
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  await read(git, target);
  const seen = server.requests.length;
  await read(git, target);
  assert.deepEqual(
    server.requests.slice(seen).map(({ method, path }) => `${method} ${path}`),
    ['POST /one.git/git-upload-pack'],
  );
});

test('a server that does not answer as it used to is asked what it can do', async () => {
  const { git } = repositories();
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  await read(git, target);
  const files = await read(git, target);
  const asked = async (status: number): Promise<string[]> => {
    const seen = server.requests.length;
    server.intercept(({ method }, response) => {
      if (method !== 'POST') return false;
      server.intercept(undefined);
      response.writeHead(status).end();
      return true;
    });
    if (status >= 500) await assert.rejects(read(git, target), { code: 'fetch/status' });
    else assert.deepEqual(await read(git, target), files);
    return server.requests.slice(seen).map(({ method }) => method);
  };
  assert.deepEqual(await asked(404), ['POST', 'GET', 'POST']);
  assert.deepEqual(await asked(503), ['POST']);
});

test('all who want the same commit at the same time share one fetch', async () => {
  const { git } = repositories();
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  const revision = await git.resolve(target, { branch: 'main' }, context);
  const seen = server.requests.length;
  const trees = Array.from({ length: 5 }, () =>
    git.open(revision, {}, context, async ({ tree }) => await tree.oidOf('chart')),
  );
  assert.equal(new Set(await Promise.all(trees)).size, 1);
  assert.deepEqual(
    server.requests.slice(seen).map(({ method }) => method),
    ['POST'],
  );
});

test('what a mirror on disk holds is not fetched again after a restart', async () => {
  const { git, folder } = repositories();
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  const files = await read(git, target);
  const seen = server.requests.length;
  assert.deepEqual(await read(new GitRepositories({ folder, env }), target), files);
  assert.equal(server.requests.length - seen, 2);
  const pinned = await read(new GitRepositories({ folder, env }), target, { commit: second });
  assert.deepEqual(pinned, files);
  assert.equal(server.requests.length - seen, 2);
});

test('a listing that is fresh answers for all, until it is forgotten', async () => {
  const git = new GitRepositories({ folder: join(root, 'fresh'), env, freshMs: 60_000 });
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  const ask = () => git.resolve(target, { branch: 'main' }, context);
  const seen = server.requests.length;
  await Promise.all([ask(), ask(), ask()]);
  await ask();
  assert.equal(server.requests.length - seen, 2);
  git.forgetListings();
  await ask();
  assert.equal(server.requests.length - seen, 3);
});

test('a server that hands out only what it lists is read in full', async () => {
  const plain = createRepository(root, 'plain.git', { isPlain: true });
  plain.commit({ 'chart/Chart.yaml': 'name: plain' });
  const { git } = repositories();
  const target = { url: `${server.url}/plain.git`, credentials: trusted() };
  assert.deepEqual(await read(git, target), { 'Chart.yaml': 'name: plain' });
  plain.commit({ 'chart/Chart.yaml': 'name: changed' });
  assert.deepEqual(await read(git, target), { 'Chart.yaml': 'name: changed' });
});

test('B21: a branch that was pushed by force is followed', async () => {
  const forced = createRepository(root, 'forced.git');
  const before = forced.commit({ 'chart/a': '1' });
  forced.commit({ 'chart/a': '2' });
  const { git } = repositories();
  const target = { url: `${server.url}/forced.git`, credentials: trusted() };
  assert.deepEqual(await read(git, target), { a: '2' });
  forced.git('update-ref', 'refs/heads/main', before);
  forced.commit({ 'chart/a': '3' });
  assert.deepEqual(await read(git, target), { a: '3' });
});

test('credentials are sent as they must be, and mirrors are not shared across them', async () => {
  const authorization = `Basic ${Buffer.from('me:swordfish').toString('base64')}`;
  const closed = await startGitHttpServer({ root, authorization });
  const { git, folder } = repositories();
  const url = `${closed.url}/one.git`;
  const tls = { ca: closed.ca };
  const basic = { username: 'me', password: 'swordfish' };
  try {
    await read(git, { url, credentials: { tls, basic } });
    await assert.rejects(read(git, { url, credentials: { tls } }), fails('fetch/unauthorized'));
    const wrong = { tls, basic: { username: 'me', password: 'wrong-one' } };
    await assert.rejects(read(git, { url, credentials: wrong }), (error: FetchError) => {
      assert.equal(error.code, 'fetch/forbidden');
      assert.ok(!error.message.includes('wrong-one'));
      return true;
    });
    const inUrl = url.replace('https://', 'https://me:swordfish@');
    await read(git, { url: inUrl, credentials: { tls } });
    assert.equal(readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name)).length, 1);
    // A whole commit name needs no listing: the mirror of another must not answer for it.
    await assert.rejects(
      read(git, { url, credentials: { tls } }, { commit: second }),
      fails('fetch/unauthorized'),
    );
  } finally {
    await closed.stop();
  }
});

test('a token and a client certificate let in', async () => {
  const withToken = await startGitHttpServer({ root, authorization: 'Bearer tok-123456' });
  const withCertificate = await startGitHttpServer({ root, mustShowCertificate: true });
  const { git } = repositories();
  try {
    const url = `${withToken.url}/one.git`;
    await read(git, { url, credentials: { tls: { ca: withToken.ca }, bearerToken: 'tok-123456' } });
    const { cert, key } = withCertificate.client ?? {};
    const tls = { ca: withCertificate.ca, cert, key };
    await read(git, { url: `${withCertificate.url}/one.git`, credentials: { tls } });
    await assert.rejects(
      read(git, { url: `${withCertificate.url}/one.git`, credentials: { tls: { ca: tls.ca } } }),
    );
  } finally {
    await withToken.stop();
    await withCertificate.stop();
  }
});

test('who the server is, is checked', async () => {
  const { git } = repositories();
  const url = `${server.url}/one.git`;
  await assert.rejects(read(git, { url }), fails('fetch/certificate'));
  await read(git, { url, credentials: { tls: { isInsecure: true } } });
});

test('a redirect is followed without credentials to another host', async () => {
  const other = await startGitHttpServer({ root, authority: server.authority });
  const moved = `${other.url}/one.git`;
  server.intercept((request, response) => {
    if (request.url?.startsWith('/moved.git') !== true) return false;
    response.writeHead(301, { location: `${moved}/info/refs?service=git-upload-pack` }).end();
    return true;
  });
  const { git } = repositories();
  try {
    const credentials: Credentials = {
      tls: { ca: server.ca },
      basic: { username: 'me', password: 'swordfish' },
    };
    const files = await read(git, { url: `${server.url}/moved.git`, credentials });
    assert.equal(files['templates/a.yaml'], 'a: 2');
    assert.ok(other.requests.length >= 3);
    assert.deepEqual(
      other.requests.filter(({ authorization }) => authorization !== undefined),
      [],
    );
  } finally {
    server.intercept(undefined);
    await other.stop();
  }
});

test('a repository that is not there, hangs or is no repository fails with its reason', async () => {
  const { git } = repositories();
  const hasty = repositories({ timeoutMs: 700 }).git;
  const of = (name: string) => ({ url: `${server.url}/${name}`, credentials: trusted() });
  await assert.rejects(read(git, of('absent.git')), fails('fetch/not-found'));
  server.intercept((request, response) => {
    const isPage = request.url?.startsWith('/page') === true;
    if (isPage) response.end('<html>');
    return isPage || request.url?.startsWith('/hang') === true;
  });
  try {
    await assert.rejects(read(git, of('page')), fails('fetch/bad-answer'));
    await assert.rejects(read(hasty, of('hang')), fails('fetch/timeout'));
  } finally {
    server.intercept(undefined);
  }
});

test('B20: a fetch that hangs after the listing ends in time and leaves nothing behind', async () => {
  const patient = repositories().git;
  const { git: hasty, folder } = repositories({ timeoutMs: 700 });
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  const revision = await patient.resolve(target, {}, context);
  server.intercept((request) => request.method === 'POST');
  try {
    const reading = hasty.open(revision, {}, context, async ({ tree }) => tree.readFolder(''));
    await assert.rejects(reading, fails('fetch/timeout'));
  } finally {
    server.intercept(undefined);
  }
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('session-')),
    [],
  );
  const later = new GitRepositories({ folder, env });
  assert.ok((await read(later, target))['Chart.yaml']);
});

test('a pack that was changed on the way, or ends too early, is refused', async () => {
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  for (const [change, code] of [
    [
      (body: Buffer) =>
        body.fill(
          (body[body.indexOf('PACK') + 40] ?? 0) ^ 1,
          body.indexOf('PACK') + 40,
          body.indexOf('PACK') + 41,
        ),
      'fetch/wrong-digest',
    ],
    [(body: Buffer) => body.subarray(0, -30), 'fetch/truncated'],
  ] as const) {
    let posts = 0;
    server.intercept((request, response) => {
      if (request.method !== 'POST' || ++posts < 2) return false;
      const end = response.end.bind(response);
      const parts: Buffer[] = [];
      response.write = ((part: Uint8Array) => parts.push(Buffer.from(part)) > 0) as never;
      response.end = (() => end(change(Buffer.concat(parts)))) as never;
      return false;
    });
    try {
      await assert.rejects(read(repositories().git, target), fails(code));
    } finally {
      server.intercept(undefined);
    }
  }
});

test('B17: links are followed within the repository and never out of it', async () => {
  const linked = createRepository(root, 'links.git');
  linked.commit({
    'chart/Chart.yaml': 'name: links',
    'chart/inside': { link: '../lib/file' },
    'chart/folder': { link: '../lib' },
    'lib/file': 'content',
    'lib/deep': { link: 'file' },
  });
  const { git } = repositories();
  const target = { url: `${server.url}/links.git`, credentials: trusted() };
  assert.deepEqual(await read(git, target), {
    'Chart.yaml': 'name: links',
    inside: 'content',
    'folder/deep': 'content',
    'folder/file': 'content',
  });
  for (const link of ['/etc/passwd', '../../etc/passwd', 'loop', '../../../../chart']) {
    linked.commit({ 'chart/loop': { link } });
    await assert.rejects(read(git, target), fails('fetch/unsupported'), link);
  }
  linked.commit({ 'chart/loop': { link: 'nowhere' } });
  await assert.rejects(read(git, target), fails('fetch/not-found'));
});

test('submodules are read from their own repositories', async () => {
  const inner = createRepository(root, 'inner.git');
  const commit = inner.commit({ 'file.yaml': 'from: inner' });
  const outer = createRepository(root, 'outer.git');
  outer.commit({
    '.gitmodules': `[submodule "x"]\n\tpath = chart/sub\n\turl = ../inner.git\n`,
    'chart/Chart.yaml': 'name: outer',
    'chart/sub': { module: commit },
  });
  const { git } = repositories();
  const target = { url: `${server.url}/outer.git`, credentials: trusted() };
  assert.deepEqual(await read(git, target), {
    'Chart.yaml': 'name: outer',
    'sub/file.yaml': 'from: inner',
  });
  outer.commit({
    '.gitmodules': `[submodule "x"]\n\tpath = chart/sub\n\turl = file:///etc\n`,
  });
  await assert.rejects(read(git, target), fails('fetch/unsupported'));
});

test('a mirror over its limit, and one that was damaged, are made anew', async () => {
  const { git, folder } = repositories();
  const target = { url: `${server.url}/one.git`, credentials: trusted() };
  await read(git, target);
  const { rmSync } = await import('node:fs');
  const [name = ''] = readdirSync(folder).filter((entry) => /^[0-9a-f]{64}$/.test(entry));
  const mirror = join(folder, name, 'commits');
  writeFileSync(join(mirror, 'shallow.lock'), '');
  repository.commit({ 'other/new.txt': 'new' });
  assert.ok((await read(git, target))['Chart.yaml']);
  rmSync(mirror, { recursive: true });
  assert.ok((await read(git, target))['Chart.yaml']);
});
