// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createFetchPorts, type FetchPorts, GitRepositories } from '@helm-operator/fetch';
import * as openpgp from 'openpgp';
import { type GitHttpServer, startGitHttpServer } from '../../../../test/kit/git-http-server.ts';
import {
  createRepository,
  scratchFolder,
  type TestRepository,
} from '../../../../test/kit/git-repository.ts';
import { makeSshKey } from '../../../../test/kit/git-ssh-server.ts';
import { chartOfFiles } from './chart-content.ts';
import type { ChartLocationOf, FetchedChart, GitReference } from './chart-source.ts';
import { GitSource, type GitSourceOptions } from './git.ts';
import type { GitVerification } from './git-verification.ts';

const root = scratchFolder('git-source');
const env = { path: process.env['PATH'] ?? '' };
const text = (value: string) => new TextEncoder().encode(value);
let server: GitHttpServer;
let folders = 0;

before(async () => {
  server = await startGitHttpServer({ root, isPlain: true });
});
after(() => server.stop());

function newPorts(): FetchPorts {
  return createFetchPorts({ userAgent: 'test/1', hosts: { firstPauseMs: 1 } });
}

function newSource(options: Partial<GitSourceOptions> = {}): GitSource {
  const repositories = new GitRepositories({ folder: join(root, `m${folders++}`), env });
  return new GitSource({ repositories, ...options });
}

interface Ask extends Partial<Omit<ChartLocationOf<'git'>, 'kind' | 'url'>> {
  readonly ref?: GitReference;
}

async function fetch(
  source: GitSource,
  name: string,
  ask: Ask = {},
  ports: FetchPorts = newPorts(),
): Promise<FetchedChart> {
  return await source.fetch(
    {
      location: { kind: 'git', url: `${server.url}/${name}`, path: 'charts/web', ref: {}, ...ask },
      credentials: {},
    },
    { fetch: ports, signal: AbortSignal.timeout(60_000) },
  );
}

const chartYaml = (name: string, version: string, more = '') =>
  `apiVersion: v2\nname: ${name}\nversion: ${version}\n${more}`;

const coded = (code: string, words: RegExp) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, code, String(error));
  assert.match(String(error), words);
  return true;
};

test('only what Helm would load of the chart changes its digest', async () => {
  const repository = createRepository(root, 'digest.git');
  repository.commit({
    'charts/web/Chart.yaml': chartYaml(
      'web',
      '1.0.0',
      'dependencies: [{name: lib, version: ">=0.1.0", repository: "file://../lib"}]\n',
    ),
    'charts/web/.helmignore': 'notes/\n',
    'charts/web/templates/a.yaml': 'a: 1\n',
    'charts/lib/Chart.yaml': chartYaml('lib', '0.2.0', 'type: library\n'),
    'charts/lib/templates/_l.tpl': '{{ define "l" }}1{{ end }}',
    'README.md': 'one',
  });
  const source = newSource();
  const first = await fetch(source, 'digest.git');
  assert.equal(first.fileName, 'web-1.0.0.tgz');
  assert.equal(first.revision, repository.git('rev-parse', 'main').trim());
  const digest = async () => (await fetch(source, 'digest.git')).digest;

  repository.commit({ 'README.md': 'two' });
  repository.commit({ 'charts/web/notes/todo.txt': 'left out' });
  assert.equal(await digest(), first.digest);
  repository.commit({ 'charts/web/templates/a.yaml': 'a: 2\n' });
  const second = await digest();
  assert.notEqual(second, first.digest);
  repository.commit({ 'charts/lib/templates/_l.tpl': '{{ define "l" }}2{{ end }}' });
  assert.notEqual(await digest(), second);
  // Where it is fetched by somebody else, it is the same.
  assert.equal((await fetch(newSource(), 'digest.git')).digest, await digest());
});

test('dependencies are brought as an update brings them, or left alone', async () => {
  const asked: string[] = [];
  const redis = chartOfFiles([{ name: 'Chart.yaml', data: text(chartYaml('redis', '7.1.0')) }], {
    origin: 'test',
  });
  const source = newSource({
    fetchDependency: async (location) => {
      asked.push(JSON.stringify(location));
      return redis;
    },
  });
  const repository = createRepository(root, 'dependencies.git');
  const dependency = (repository: string) =>
    `dependencies: [{name: redis, version: ^7, repository: "${repository}"}]\n`;
  repository.commit({
    'charts/web/Chart.yaml': chartYaml('web', '1.0.0', dependency('https://example.com/charts')),
    'charts/web/charts/redis-6.0.0.tgz': redis.bytes,
  });
  const full = await fetch(source, 'dependencies.git');
  assert.deepEqual(
    asked.map((line) => JSON.parse(line)),
    [{ kind: 'repository', url: 'https://example.com/charts', name: 'redis', version: '^7' }],
  );
  const bare = await fetch(source, 'dependencies.git', { dependencies: 'skip' });
  assert.equal(asked.length, 1);
  assert.notEqual(full.digest, bare.digest);

  for (const [repositoryUrl, words] of [
    ['@stable', /no repository definition for @stable/],
    ['file:///etc', /no path of this repository/],
    ['file://../../../etc', /leads out of the repository/],
  ] as const) {
    repository.commit({
      'charts/web/Chart.yaml': chartYaml('web', '1.0.0', dependency(repositoryUrl)),
    });
    await assert.rejects(fetch(source, 'dependencies.git'), words);
  }
  repository.commit({
    'charts/redis/Chart.yaml': chartYaml('redis', '6.0.0'),
    'charts/web/Chart.yaml': chartYaml('web', '1.0.0', dependency('file://../redis')),
  });
  await assert.rejects(
    fetch(source, 'dependencies.git'),
    coded('source/dependency', /can't get a valid version for dependency redis/),
  );
});

test('what is no chart, no path and no range is told', async () => {
  const repository = createRepository(root, 'wrong.git');
  repository.commit({ 'charts/web/values.yaml': 'a: 1', 'x/Chart.yaml': chartYaml('x', '1.0.0') });
  const source = newSource();
  await assert.rejects(
    fetch(source, 'wrong.git'),
    coded('source/archive', /Chart.yaml file is missing/),
  );
  await assert.rejects(
    fetch(source, 'wrong.git', { path: '../x' }),
    coded('source/bad-reference', /leads out/),
  );
  await assert.rejects(
    fetch(source, 'wrong.git', { path: 'no' }),
    coded('fetch/not-found', /is not there/),
  );
  await assert.rejects(
    fetch(source, 'wrong.git', { ref: { semver: 'not a range' } }),
    coded('source/bad-version', /improper constraint/),
  );
  assert.equal((await fetch(source, 'wrong.git', { path: './x/' })).metadata.name, 'x');
});

test('while the repository is down, the last known commit serves', async () => {
  const repository = createRepository(root, 'down.git');
  repository.commit({ 'charts/web/Chart.yaml': chartYaml('web', '1.0.0') });
  const source = newSource({ mayUseStale: true });
  const ports = newPorts();
  const known = await fetch(source, 'down.git', {}, ports);
  server.intercept((_request, response) => {
    response.writeHead(503).end();
    return true;
  });
  try {
    assert.equal((await fetch(source, 'down.git', {}, ports)).digest, known.digest);
    await assert.rejects(fetch(newSource(), 'down.git', {}, ports), coded('fetch/status', /503/));
    await assert.rejects(fetch(source, 'down.git', { ref: { branch: 'new' } }, ports));
  } finally {
    server.intercept(undefined);
  }
});

test("Flux's ignore rules leave files out where they are asked for", async () => {
  const repository = createRepository(root, 'ignore.git');
  repository.commit({
    'charts/web/Chart.yaml': chartYaml('web', '1.0.0'),
    'charts/web/logo.png': 'png',
    'charts/web/drop.txt': 'x',
  });
  const source = newSource();
  const digest = async (ask: Ask) => (await fetch(source, 'ignore.git', ask)).digest;
  const all = await digest({});
  const byDefault = await digest({ ignore: {} });
  assert.notEqual(byDefault, all);
  assert.notEqual(await digest({ ignore: { patterns: '*.txt\n*.png' } }), byDefault);
  repository.commit({ 'charts/web/.sourceignore': '*.txt\n.sourceignore\n' });
  const own = await digest({ ignore: {} });
  assert.ok(![all, byDefault].includes(own));
});

interface Signed {
  readonly name: string;
  readonly keys: Pick<GitVerification, 'pgpKeys' | 'sshKeys'>;
  sign(payload: string): Promise<string>;
}

async function pgp(): Promise<Signed> {
  const { privateKey, publicKey } = await openpgp.generateKey({
    userIDs: [{ name: 'Signer', email: 's@example.test' }],
    date: new Date(Date.now() - 3_600_000),
    format: 'object',
  });
  return {
    name: 'PGP',
    keys: { pgpKeys: [publicKey.armor()], sshKeys: [] },
    sign: async (payload) => {
      const message = await openpgp.createMessage({ binary: text(payload) });
      const armored = await openpgp.sign({ message, signingKeys: privateKey, detached: true });
      return String(armored).replaceAll('\r\n', '\n').trimEnd();
    },
  };
}

function ssh(): Signed {
  const { privateKey, publicKey } = makeSshKey();
  const file = join(scratchFolder('signing'), 'key');
  writeFileSync(file, privateKey, { mode: 0o600 });
  return {
    name: 'SSH',
    keys: { pgpKeys: [], sshKeys: [publicKey] },
    sign: async (payload) =>
      execFileSync('ssh-keygen', ['-Y', 'sign', '-q', '-n', 'git', '-f', file], {
        input: payload,
        encoding: 'utf8',
        stdio: 'pipe',
      }).trimEnd(),
  };
}

function store(repository: TestRepository, type: 'commit' | 'tag', content: string): string {
  return execFileSync(
    'git',
    ['-C', repository.folder, 'hash-object', '-w', '-t', type, '--stdin'],
    {
      input: content,
      encoding: 'utf8',
    },
  ).trim();
}

for (const make of [pgp, async () => ssh()]) {
  test(`signed commits and tags count, their tampered twins do not (${make.name === 'pgp' ? 'PGP' : 'SSH'})`, async () => {
    const signer = await make();
    const repository = createRepository(root, `signed-${signer.name}.git`);
    const plain = repository.commit({ 'charts/web/Chart.yaml': chartYaml('web', '1.0.0') });
    const [head = '', ...body] = repository.git('cat-file', 'commit', plain).split('\n\n');
    const payload = `${head}\n\n${body.join('\n\n')}`;
    const withSignature = (signature: string, message: string) =>
      `${head}\ngpgsig ${signature.replaceAll('\n', '\n ')}\n\n${message}`;
    const signature = await signer.sign(payload);
    const good = store(repository, 'commit', withSignature(signature, body.join('\n\n')));
    const twin = store(repository, 'commit', withSignature(signature, 'another message\n'));
    const tagText = `object ${good}\ntype commit\ntag v1\ntagger T <t@example.com> 1700000000 +0000\n\nv1\n`;
    const tag = store(repository, 'tag', `${tagText}${await signer.sign(tagText)}\n`);
    const tagTwin = store(repository, 'tag', `${tagText}more\n${await signer.sign(tagText)}\n`);
    for (const [ref, oid] of [
      ['refs/heads/good', good],
      ['refs/heads/twin', twin],
      ['refs/tags/v1', tag],
      ['refs/tags/v2', tagTwin],
      ['refs/tags/light', good],
    ] as const) {
      repository.git('update-ref', ref, oid);
    }
    const source = newSource();
    const name = `signed-${signer.name}.git`;
    const ask = (ref: GitReference, mode: GitVerification['mode'], keys = signer.keys) =>
      fetch(source, name, { ref, verify: { mode, ...keys } });
    assert.match((await ask({ branch: 'good' }, 'head')).verified ?? '', /is signed by/);
    assert.match((await ask({ tag: 'v1' }, 'tag-and-head')).verified ?? '', /tag .*; commit /);
    const refused = (work: Promise<unknown>, words: RegExp) =>
      assert.rejects(work, coded('source/verification', words));
    await refused(ask({ branch: 'main' }, 'head'), /is not signed/);
    await refused(ask({ branch: 'twin' }, 'head'), /does not count/);
    await refused(ask({ tag: 'v2' }, 'tag'), /does not count/);
    await refused(ask({ tag: 'light' }, 'tag'), /no signed tag/);
    const [stranger, strangerSsh] = [await pgp(), ssh()];
    const others = { ...stranger.keys, sshKeys: strangerSsh.keys.sshKeys };
    await refused(ask({ branch: 'good' }, 'head', others), /does not count/);
    await refused(ask({ branch: 'good' }, 'head', { pgpKeys: [], sshKeys: [] }), /is trusted/);
  });
}
