// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKubeError, KubeError, objectOfJson } from '@helm-operator/kube';
import { CONTRACT } from '../cluster-contract.ts';
import { FakeCluster } from './fake-cluster.ts';

for (const { name, run } of CONTRACT) {
  test(`fake cluster: ${name}`, async () => {
    await run(new FakeCluster({ namespaces: ['default', 'apps'] }), 'apps');
  });
}

const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default' },
};
const REF = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a' };

test('fake cluster: a failure before a call undoes it, one after it does not', async () => {
  let phase: 'before' | 'after' = 'before';
  let isOn = true;
  const cluster = new FakeCluster({
    onCall(call, at) {
      if (!isOn || call.verb !== 'create' || at !== phase) return;
      throw new KubeError({ code: 'kube/unreachable', message: 'cut' });
    },
  });
  await assert.rejects(cluster.create(objectOfJson(CONFIG_MAP)), /cut/);
  assert.equal(cluster.peek(REF), undefined);
  phase = 'after';
  await assert.rejects(cluster.create(objectOfJson(CONFIG_MAP)), /cut/);
  assert.ok(cluster.peek(REF));
  isOn = false;
});

test('fake cluster: identities can be refused, calls are recorded', async () => {
  const cluster = new FakeCluster({
    authorize: ({ user, verb }) => user === undefined || verb === 'get',
  });
  const bob = cluster.as({ user: 'bob' });
  assert.equal(await bob.get(REF), undefined);
  const refused = await bob.create(objectOfJson(CONFIG_MAP)).catch((error: unknown) => error);
  assert.ok(isKubeError(refused, 'kube/forbidden'));
  assert.equal(
    refused.serverMessage,
    'configmaps "a" is forbidden: User "bob" cannot create resource "configmaps" in API group "" in the namespace "default"',
  );
  assert.deepEqual(
    cluster.calls.map(({ verb, user }) => `${user} ${verb}`),
    ['bob get', 'bob create'],
  );
});

test('fake cluster: what it returns is a copy', async () => {
  const cluster = new FakeCluster();
  cluster.seed({ ...CONFIG_MAP, data: { a: '1' } });
  const first = await cluster.getJson(REF);
  Object.assign(first ?? {}, { data: { a: '2' } });
  assert.deepEqual((await cluster.getJson(REF))?.['data'], { a: '1' });
});

test('fake cluster: a namespace takes its objects with it', async () => {
  const cluster = new FakeCluster();
  cluster.seed(CONFIG_MAP);
  await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'default' });
  assert.deepEqual(
    cluster.objects().map((object) => object['kind']),
    ['Namespace'],
  );
});

test('fake cluster: logs of pods', async () => {
  const cluster = new FakeCluster();
  cluster.setLog('default', 'web-0', 'one\ntwo\nthree\n');
  assert.equal(await cluster.podLogs('default', 'web-0', { tailLines: 2 }), 'two\nthree\n');
  await assert.rejects(cluster.podLogs('default', 'web-1'), { code: 'kube/not-found' });
});
