// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DIALECTS, type Dialect } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import type { CommandResult } from '../../../../test/kit/kubectl.ts';
import { runCli } from '../../../../test/kit/run-cli.ts';

let folder = '';
const kubeconfig = (): string => join(folder, 'config');
const CONFIG = {
  'current-context': 'a',
  clusters: [{ name: 'a', cluster: { server: 'http://127.0.0.1:1' } }],
  contexts: [{ name: 'a', context: { cluster: 'a', user: 'a', namespace: 'apps' } }],
  users: [{ name: 'a', user: {} }],
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'get-releases-'));
  await writeFile(kubeconfig(), JSON.stringify(CONFIG));
});
after(() => rm(folder, { recursive: true }));

async function cluster(...dialects: readonly Dialect[]): Promise<FakeCluster> {
  const fake = new FakeCluster();
  for (const { crd } of dialects) await fake.create(decodeJson(JSON.stringify(crd)) as ValueMap);
  return fake;
}

function list(fake: FakeCluster, ...flags: string[]): Promise<CommandResult> {
  return run(fake, 'get', 'releases', ...flags);
}

function run(fake: FakeCluster, ...words: string[]): Promise<CommandResult> {
  const ends = {
    close: () => undefined,
    stats: () => ({ protocol: 'h2' as const, connections: 0, active: 0 }),
  };
  const connected = Object.assign(fake, ends);
  return runCli([...words, '--kubeconfig', kubeconfig()], {
    cluster: connected,
  });
}

test('HelmReleases of every kind, by namespace or everywhere', async () => {
  const fake = await cluster(...DIALECTS);
  const seed = (apiVersion: string, namespace: string, name: string) =>
    fake.seed({
      ...{ apiVersion, kind: 'HelmRelease' },
      metadata: { namespace, name },
      status: { releaseName: name, phase: 'Succeeded', revision: '1.2.3' },
    });
  seed('helm.fluxcd.io/v1', 'apps', 'web');
  seed('helm.fluxcd.io/v1', 'other', 'db');
  seed('flux.weave.works/v1beta1', 'apps', 'old');
  const names = async (...flags: string[]) => {
    const { stdout } = await list(fake, '-o', 'json', ...flags);
    return JSON.parse(stdout).map((item: Record<string, string>) => [
      item['namespace'],
      item['name'],
      item['api_version'],
    ]);
  };
  const web = ['apps', 'web', 'helm.fluxcd.io/v1'];
  const old = ['apps', 'old', 'flux.weave.works/v1beta1'];
  assert.deepEqual(await names(), [web, old]);
  assert.deepEqual(await names('-A'), [web, ['other', 'db', 'helm.fluxcd.io/v1'], old]);
  assert.match((await list(fake)).stdout, /web +\tweb +\tSucceeded *\t +\t1\.2\.3/);
});

test('none, and nothing that could be one', async () => {
  const none = await list(await cluster(...DIALECTS.slice(0, 1)));
  assert.deepEqual([none.code, none.stderr], [0, 'No HelmReleases found in namespace apps.\n']);
  const unknown = await list(await cluster());
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /the cluster knows no HelmRelease: apply the definitions/);
});

test('explain: one HelmRelease, of whatever kind; one that is not there', async () => {
  const fake = await cluster(...DIALECTS);
  const explain = (name: string) => run(fake, 'explain', name);
  fake.seed({
    ...{ apiVersion: 'flux.weave.works/v1beta1', kind: 'HelmRelease' },
    metadata: { namespace: 'apps', name: 'old' },
  });
  const { code, stdout } = await explain('old');
  assert.equal(code, 0);
  assert.match(stdout, /^HelmRelease apps\/old: nothing is known yet/);
  const none = await explain('nobody');
  assert.equal(none.code, 1);
  assert.match(none.stderr, /no HelmRelease nobody in namespace apps: see helm-operator get/);
});
