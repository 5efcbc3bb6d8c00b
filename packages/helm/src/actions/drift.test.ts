// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { configMap, Harness } from '../../../../test/kit/release-harness.ts';
import { correctDrift, type DriftIgnore, findDrift, printDrift } from './drift.ts';
import { install } from './install.ts';

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {tier: front}
spec:
  replicas: 2
  selector:
    matchLabels: {a: b}
  template:
    metadata:
      labels: {a: b}
    spec:
      containers:
        - {name: one, image: one:1}
        - {name: two, image: two:1}`;

const SECRET = `apiVersion: v1
kind: Secret
metadata:
  name: key
data:
  password: c3dvcmRmaXNo`;

/** A release whose live objects a test then changes. */
async function released(profile: 'helm3' | 'helm4' = 'helm3') {
  const harness = new Harness(profile);
  const documents = [configMap('conf', 'a: "1"'), DEPLOYMENT, SECRET];
  const method = profile === 'helm3' ? 'client' : 'server';
  const apply = { method, fieldManager: 'helm' } as const;
  const record = await install(harness.options({ documents }, { apply }), harness.context());
  const options = (ignore: readonly DriftIgnore[] = []) => ({
    ...{
      profile,
      release: { name: 'web', namespace: 'default' },
      timeoutMs: 60_000,
      apply,
      ignore,
    },
  });
  const change = (apiVersion: string, kind: string, name: string, patch: object) =>
    harness.cluster.patch(
      { apiVersion, kind, namespace: 'default', name },
      'merge',
      JSON.stringify(patch),
    );
  const find = async (ignore: readonly DriftIgnore[] = []) => {
    const { objects } = await findDrift(record, options(ignore), harness.context());
    return objects.map(printDrift);
  };
  return { harness, record, options, change, find };
}

for (const profile of ['helm3', 'helm4'] as const) {
  test(`${profile}: what differs is found, masked, and put right`, async () => {
    const { harness, record, options, change, find } = await released(profile);
    assert.deepEqual(await find(), []);
    await change('apps/v1', 'Deployment', 'web', { spec: { replicas: 5 } });
    await change('v1', 'Secret', 'key', { data: { password: 'b3RoZXI=' } });
    await harness.cluster.delete({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: 'default',
      name: 'conf',
    });
    assert.deepEqual(await find(), [
      'ConfigMap/default/conf removed',
      'Deployment/default/web changed (spec.replicas)',
      'Secret/default/key changed (data.password)',
    ]);
    const drift = await findDrift(record, options(), harness.context());
    const shown = inspect(drift.objects, { depth: Infinity });
    assert.doesNotMatch(shown, /c3dvcmRmaXNo|b3RoZXI=/);
    await correctDrift(drift, options(), harness.context());
    assert.deepEqual(await find(), []);
    assert.deepEqual(await harness.statuses(), ['1 deployed']);
  });
}

test('fields that the manifest does not name may change', async () => {
  const { change, find } = await released();
  await change('apps/v1', 'Deployment', 'web', {
    spec: { revisionHistoryLimit: 3 },
    metadata: { labels: { more: 'x' } },
  });
  await change('v1', 'ConfigMap', 'conf', { data: { b: '2' } });
  assert.deepEqual(await find(), []);
});

const SCALED = { kind: 'Deployment', name: 'web' };
const ROWS: readonly (readonly [what: string, ignore: DriftIgnore, isIgnored: boolean])[] = [
  ['a pointer for all', { paths: ['/spec/replicas'] }, true],
  ['another pointer', { paths: ['/spec/paused'] }, false],
  ['the whole object', { paths: [''] }, true],
  ['its kind and name', { paths: ['/spec/replicas'], target: SCALED }, true],
  ['a whole-value expression', { paths: ['/spec/replicas'], target: { name: 'we' } }, false],
  ['an expression', { paths: ['/spec/replicas'], target: { name: 'w.*', group: 'apps' } }, true],
  ['another version', { paths: ['/spec/replicas'], target: { version: 'v2' } }, false],
  [
    'labels',
    { paths: ['/spec/replicas'], target: { labelSelector: 'tier in (front, back)' } },
    true,
  ],
  ['other labels', { paths: ['/spec/replicas'], target: { labelSelector: 'tier=back' } }, false],
  ['another namespace', { paths: ['/spec/replicas'], target: { namespace: 'other' } }, false],
];

for (const [what, ignore, isIgnored] of ROWS) {
  test(`ignored by ${what}: ${isIgnored}`, async () => {
    const { change, find } = await released();
    await change('apps/v1', 'Deployment', 'web', { spec: { replicas: 5 } });
    assert.equal((await find([ignore])).length, isIgnored ? 0 : 1);
  });
}

test('an element of a list is ignored by its index', async () => {
  const { change, find } = await released();
  const containers = [
    { name: 'one', image: 'one:2' },
    { name: 'two', image: 'two:1' },
  ];
  await change('apps/v1', 'Deployment', 'web', { spec: { template: { spec: { containers } } } });
  assert.equal((await find([{ paths: ['/spec/template/spec/containers/1/image'] }])).length, 1);
  assert.equal((await find([{ paths: ['/spec/template/spec/containers/0/image'] }])).length, 0);
});

test('an object that says so is left alone', async () => {
  const { change, find } = await released();
  const annotations = { 'helm.toolkit.fluxcd.io/driftDetection': 'disabled' };
  await change('apps/v1', 'Deployment', 'web', {
    spec: { replicas: 5 },
    metadata: { annotations },
  });
  assert.deepEqual(await find(), []);
});

test('a rule that cannot be read is an error', async () => {
  const { find } = await released();
  await assert.rejects(find([{ paths: [''], target: { name: '(' } }]), /missing closing \)/);
  await assert.rejects(find([{ paths: [''], target: { labelSelector: 'a b' } }]), /not understood/);
});
