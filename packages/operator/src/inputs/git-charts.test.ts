// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ChartReference } from '@helm-operator/api';
import type { ValueMap } from '@helm-operator/gocompat';
import { startGitHttpServer } from '../../../../test/kit/git-http-server.ts';
import { createRepository, scratchFolder } from '../../../../test/kit/git-repository.ts';
import { createLogger } from '../logging/logger.ts';
import type { ChartSource } from './chart.ts';
import { createChartSource, DEFAULT_SOURCE_OPTIONS } from './chart-source.ts';
import { gitLocation } from './git-charts.ts';
import { gitCredentials } from './git-credentials.ts';

const root = scratchFolder('git-charts');
const signal = new AbortController().signal;
type GitReference = Extract<ChartReference, { kind: 'git' }>;

function secret(data: Readonly<Record<string, string>>): ValueMap {
  const encoded = Object.entries(data).map(
    ([key, text]) => [key, Buffer.from(text).toString('base64')] as const,
  );
  return new Map([['data', new Map(encoded)]]);
}

function clusterWith(secrets: Readonly<Record<string, ValueMap>>): {
  get(ref: { namespace?: string | undefined; name: string }): Promise<ValueMap | undefined>;
} {
  return { get: async ({ namespace, name }) => secrets[`${namespace}/${name}`] };
}

function sourceWith(secrets: Readonly<Record<string, ValueMap>>, name: string): ChartSource {
  const git = { ...DEFAULT_SOURCE_OPTIONS.git, folder: join(root, name), defaultRef: 'main' };
  const log = createLogger({ format: 'fmt', write: () => undefined, now: () => '' });
  return createChartSource(
    { ...DEFAULT_SOURCE_OPTIONS, git },
    {
      cluster: clusterWith(secrets) as never,
      version: '1',
      env: { PATH: process.env['PATH'] },
      log,
    },
  );
}

test('a chart is fetched with its Secret, and followed by its own commits alone', async () => {
  const repository = createRepository(root, 'Charts.git');
  const chart = (more: string) => `apiVersion: v2\nname: web\nversion: 1.0.0\n${more}`;
  const first = repository.commit({ 'web/Chart.yaml': chart(''), README: '1' });
  const authorization = `Basic ${Buffer.from('bot:sword-fish').toString('base64')}`;
  const server = await startGitHttpServer({ root, authorization });
  try {
    const login = { username: 'bot', password: 'sword-fish', 'ca.crt': server.ca };
    const charts = sourceWith({ 'apps/login': secret(login) }, 'followed');
    const reference: GitReference = {
      kind: 'git',
      url: `${server.url}/Charts.git`,
      ref: undefined,
      path: 'web',
      secret: { namespace: 'apps', name: 'login' },
    };
    const found = await charts.fetch(reference, signal);
    assert.equal(found.revision, first);
    const known = { digest: found.digest, identity: found.identity };
    const hasChanged = async () => {
      charts.forgetListings?.();
      return await charts.hasChanged?.(reference, known, signal);
    };
    assert.equal(await hasChanged(), false);
    repository.commit({ README: '2' });
    assert.equal(await hasChanged(), false);
    repository.commit({ 'web/Chart.yaml': chart('description: new\n') });
    assert.equal(await hasChanged(), true);

    const nobody = { ...reference, secret: { namespace: 'apps', name: 'absent' } };
    await assert.rejects(charts.fetch(nobody, signal), { code: 'operator/chart-secret' });
    const bare = sourceWith({ 'apps/login': secret({ 'ca.crt': server.ca }) }, 'bare');
    await assert.rejects(bare.fetch(reference, signal), {
      code: 'operator/chart-secret',
      message: /^Secret apps\/login of spec\.chart\.secretRef is refused: /,
    });
  } finally {
    await server.stop();
  }
});

test('B9: a chart from Git is there at the first look, and at the first after a restart', async () => {
  createRepository(root, 'first.git').commit({ 'web/Chart.yaml': 'name: web\nversion: 1.0.0' });
  const server = await startGitHttpServer({ root });
  try {
    const reference: GitReference = {
      ...{ kind: 'git', url: `${server.url}/first.git`, ref: 'main', path: 'web' },
      secret: { namespace: 'apps', name: 'ca' },
    };
    const secrets = { 'apps/ca': secret({ 'ca.crt': server.ca }) };
    const before = await sourceWith(secrets, 'first').fetch(reference, signal);
    const after = await sourceWith(secrets, 'first').fetch(reference, signal);
    assert.equal(before.metadata.version, '1.0.0');
    assert.equal(after.digest, before.digest);
  } finally {
    await server.stop();
  }
});

test('B16: a URL keeps its case, rotated credentials count at once, no message shows them', async () => {
  createRepository(root, 'MixedCase.git').commit({
    'web/Chart.yaml': 'name: web\nversion: 1.0.0',
  });
  const authorization = `Basic ${Buffer.from('bot:new-fish').toString('base64')}`;
  const server = await startGitHttpServer({ root, authorization });
  try {
    const login = (password: string) => secret({ username: 'bot', password, 'ca.crt': server.ca });
    const secrets: Record<string, ValueMap> = { 'apps/login': login('old-fish') };
    const charts = sourceWith(secrets, 'rotated');
    const reference: GitReference = {
      ...{ kind: 'git', url: `${server.url}/MixedCase.git`, ref: 'main', path: 'web' },
      secret: { namespace: 'apps', name: 'login' },
    };
    const error = await charts.fetch(reference, signal).then(
      () => assert.fail('the old password was accepted'),
      (reason: unknown) => reason,
    );
    for (let next = error; next instanceof Error; next = next.cause)
      assert.doesNotMatch(String(next.stack), /old-fish/);
    secrets['apps/login'] = login('new-fish');
    assert.equal((await charts.fetch(reference, signal)).metadata.name, 'web');
  } finally {
    await server.stop();
  }
});

test('over SSH the Secret comes before the files of the operator', async () => {
  const { writeFileSync } = await import('node:fs');
  const file = (name: string, text: string) => {
    writeFileSync(join(root, name), text);
    return join(root, name);
  };
  const secrets = {
    'a/full': secret({ identity: 'KEY', password: 'words', known_hosts: 'HOST' }),
    'a/kubernetes': secret({ 'ssh-privatekey': 'OTHER' }),
    'a/login': secret({ username: 'u', password: 'p' }),
  };
  const ports = {
    cluster: clusterWith(secrets) as never,
    identityFiles: [join(root, 'absent'), file('identity', 'MOUNTED')],
    knownHostsFiles: [file('known', 'MINE'), file('known2', 'ALL')],
  };
  const of = async (name: string | undefined) => {
    const named = name === undefined ? undefined : { namespace: 'a', name };
    const reference = {
      kind: 'git',
      ref: 'x',
      path: 'y',
      url: 'git@host:x/y',
      secret: named,
    } as const;
    return (await gitCredentials(reference, ports, signal)).ssh;
  };
  const knownHosts = 'MINE\nALL';
  assert.deepEqual(await of('full'), {
    privateKey: 'KEY',
    passphrase: 'words',
    knownHosts: 'HOST',
  });
  assert.deepEqual(await of('kubernetes'), {
    privateKey: 'OTHER',
    passphrase: undefined,
    knownHosts,
  });
  assert.deepEqual(await of('login'), { privateKey: 'MOUNTED', knownHosts });
  assert.deepEqual(await of(undefined), { privateKey: 'MOUNTED', knownHosts });
});

test('dependencies are updated unless the object or the operator says otherwise', () => {
  const git = DEFAULT_SOURCE_OPTIONS.git;
  const reference: GitReference = { kind: 'git', url: 'u', ref: undefined, path: 'p' };
  assert.deepEqual(gitLocation(reference, git).ref, { any: 'master' });
  assert.equal(gitLocation(reference, git).dependencies, 'update');
  assert.equal(gitLocation({ ...reference, mustSkipDependencies: true }, git).dependencies, 'skip');
  const off = { ...git, mayUpdateDependencies: false };
  assert.equal(gitLocation(reference, off).dependencies, 'skip');
});
