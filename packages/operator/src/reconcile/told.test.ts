// SPDX-License-Identifier: Apache-2.0

/** What status, events and metrics say of a release, where the original said something else or nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from '@helm-operator/operator';
import { metrics, ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';

const ROLLBACK = { rollback: { enable: true, retry: true, maxRetries: 3 } };

test("B6: the status of a release in another namespace is written to the HelmRelease's own", async () => {
  const world = new ReconcileWorld({ spec: { targetNamespace: 'kube-system' } });
  await world.start({ n: 1 });
  await world.patch('web', {
    spec: { valuesFrom: [{ secretKeyRef: { name: 'absent' } }] },
  });
  await world.turn();
  assert.match((await world.conditions()).get('Released') ?? '', /^False Failed: .*absent/);
  assert.equal((await world.status())['observedGeneration'], 2);
});

test('B7: each condition has its own value in the metric', async () => {
  const own = new Metrics();
  const condition = (type: string, status: 'True' | 'False' | 'Unknown') => ({
    ...{ type, status, reason: 'R', message: '', lastUpdateTime: '', lastTransitionTime: '' },
  });
  own.conditions({ name: 'web', namespace: 'apps' }, [
    condition('Released', 'False'),
    condition('Tested', 'Unknown'),
    condition('RolledBack', 'True'),
  ]);
  const { text } = await own.page();
  const shown = text.split('\n').filter((line) => line.includes('release_name="web"'));
  const values = shown.map((line) => [/condition="(\w+)"/.exec(line)?.[1], line.split(' ').at(-1)]);
  assert.deepEqual(Object.fromEntries(values), { Released: '-1', Tested: '0', RolledBack: '1' });
});

test('B8: ChartFetched is True after the first fetch, and again after one that failed', async () => {
  const world = new ReconcileWorld({
    spec: { chart: { git: 'https://git.test/charts', path: 'web', ref: 'main' } },
  });
  await world.start({ n: 1 });
  await world.turn();
  const fetched = async () => (await world.conditions()).get('ChartFetched') ?? '';
  assert.match(await fetched(), /^True ChartFetched/);
  world.chartError = new Error('the repository is down');
  await world.edit({ n: 2 });
  await world.turn();
  assert.match(await fetched(), /^False ChartFetchFailed: .*the repository is down/);
  world.chartError = undefined;
  await world.edit({ n: 1 });
  await world.turn();
  assert.match(await fetched(), /^True ChartFetched/);
});

test('B13: rollbacks are counted anew with a new spec, and forgotten with a success', async () => {
  const world = new ReconcileWorld({ spec: ROLLBACK });
  await world.start({ n: 1 });
  await world.turn();
  const count = async () => (await world.status())['rollbackCount'];
  const fail = async (n: number, times: number) => {
    await world.edit({ n });
    for (let i = 0; i < times; i++) {
      world.ends.push('bad-apply');
      await world.turn();
    }
  };
  await fail(2, 3);
  assert.equal(await count(), 3);
  await fail(3, 1);
  assert.equal(await count(), 1, 'another spec, another count');
  await world.edit({ n: 4 });
  await world.turn();
  assert.equal(await count(), undefined);
  assert.ok(!(await world.conditions()).has('RolledBack'));
});

for (const [what, spec, says] of [
  ['no source', { chart: {} }, /could not find valid chart source configuration/],
  ['Helm 2', { helmVersion: 'v2' }, /Helm 2|v2/],
] as const) {
  test(`B22: what cannot even begin is told in status and metric: ${what}`, async () => {
    const world = new ReconcileWorld({ spec });
    await world.start({ n: 1 });
    await world.turn();
    assert.match((await world.conditions()).get('Released') ?? '', /^False /);
    assert.match((await world.conditions()).get('Released') ?? '', says);
    assert.deepEqual(world.actions, []);
    const { text } = await metrics.page();
    assert.match(text, /condition_info\{.*release_name="web",condition="Released"\} -1/);
  });
}

test('B28: the message of a condition says why', async () => {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  world.ends.push('bad-apply');
  await world.turn();
  const conditions = await world.conditions();
  for (const type of ['Deployed', 'Released'])
    assert.match(
      conditions.get(type) ?? '',
      /^False DeployFailed: .*Helm release 'web' in 'default': .*ConfigMap "web" is invalid: data: no/,
    );
});

test('B31: tests that may fail make no failed sync', async () => {
  const world = new ReconcileWorld({ spec: { test: { enable: true, ignoreFailures: true } } });
  await world.start({ n: 1 });
  world.ends.push('bad-test');
  await world.turn();
  const conditions = await world.conditions();
  assert.match(conditions.get('Tested') ?? '', /^False TestFailed/);
  assert.match(conditions.get('Released') ?? '', /^True Succeeded/);
  const events = await world.events();
  assert.ok(events.some((event) => event.startsWith('ReleaseSynced')));
  assert.ok(!events.some((event) => event.startsWith('FailedReleaseSync')), events.join('\n'));
});

test('events: one for each sync that did something, in the words of the original, and none without', async () => {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  await world.turn();
  const good = "ReleaseSynced: managed release 'web' in namespace 'default' synchronized";
  assert.deepEqual(await world.events(), [good]);
  await world.turn();
  assert.deepEqual(await world.events(), [good]);
  await world.edit({ n: 2 });
  world.ends.push('bad-apply');
  await world.turn();
  const bad = (await world.events()).at(-1) ?? '';
  assert.match(
    bad,
    /^FailedReleaseSync: synchronization of release 'web' in namespace 'default' failed: .*data: no/,
  );
});

test('the status is written as a change: what others wrote meanwhile stays', async () => {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  await world.turn();
  const ref = { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', namespace: 'default' };
  const status = { revision: 'by-another' };
  await world.cluster.patch({ ...ref, name: 'web' }, 'merge', JSON.stringify({ status }), {
    subresource: 'status',
  });
  world.chartError = new Error('down');
  await world.turn();
  assert.equal((await world.status())['revision'], 'by-another');
  assert.equal((await world.status())['phase'], 'ChartFetchFailed');
});

test('the series of a condition go with its HelmRelease', async () => {
  const own = new Metrics();
  const release = { name: 'web', namespace: 'apps' };
  const times = { lastUpdateTime: '', lastTransitionTime: '' };
  const condition = {
    type: 'Released',
    status: 'True',
    reason: 'R',
    message: '',
    ...times,
  } as const;
  own.conditions(release, [condition]);
  assert.match((await own.page()).text, /condition_info\{.*release_name="web"/);
  own.forget(release);
  assert.doesNotMatch((await own.page()).text, /condition_info\{.*release_name="web"/);
});

test('a suspended HelmRelease says so, and says it no more when it goes on', async () => {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  await world.turn();
  const suspend = (value: string | null) =>
    world.patch('web', { metadata: { annotations: { 'helm-operator.dev/suspend': value } } });
  await suspend('true');
  await world.turn();
  const told = async () => (await world.conditions()).get('Released') ?? '';
  assert.match(await told(), /^True Succeeded: Nothing is done .*helm-operator\.dev\/suspend/);
  await suspend(null);
  await world.turn();
  assert.match(await told(), /^True Succeeded: Release was successful/);
});

test('work of somebody else that is waited for is told with its revision', async () => {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  await world.turn();
  const last = (await world.records()).at(-1);
  if (last === undefined) throw new Error('no record');
  await world.storage.update({ ...last, info: { ...last.info, status: 'pending-upgrade' } });
  await world.edit({ n: 2 });
  await world.turn();
  assert.match(
    (await world.conditions()).get('Released') ?? '',
    /^True Succeeded: Nothing is done .*revision 1 is pending-upgrade, somebody else works on it; taken over at \d{4}-/,
  );
});

test('a refused HelmRelease has its failure, and not that of an earlier attempt', async () => {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  await world.patch('web', { spec: { valuesFrom: [{ secretKeyRef: { name: 'absent' } }] } });
  await world.turn();
  const failure = async () => (await world.status())['failure'] as Record<string, unknown>;
  assert.equal((await failure())['link'], 'values');
  await world.patch('web', { spec: { helmVersion: 'v2' } });
  await world.turn();
  const { link, chain, waitsForChange } = await failure();
  assert.deepEqual([link, chain, waitsForChange], ['spec', 'spec failed', true]);
});
