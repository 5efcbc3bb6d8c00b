// SPDX-License-Identifier: Apache-2.0

/** States of a release in which the original was stuck, or went on for ever. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReleaseStatus } from '@helm-operator/helm';
import type { JsonObject } from '@helm-operator/kube';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';

async function released(spec: JsonObject = {}): Promise<ReconcileWorld> {
  const world = new ReconcileWorld({ spec });
  await world.start({ n: 1 });
  await world.turn();
  return world;
}

async function statuses(world: ReconcileWorld): Promise<readonly string[]> {
  return (await world.records()).map(({ info }) => info.status);
}

/** Puts the newest record into a state as somebody else left it. */
async function leave(world: ReconcileWorld, status: ReleaseStatus): Promise<void> {
  const last = (await world.records()).at(-1);
  if (last === undefined) throw new Error('no record');
  await world.storage.update({ ...last, info: { ...last.info, status } });
}

const LEFT: readonly ReleaseStatus[] = [
  'failed',
  'superseded',
  'unknown',
  'uninstalled',
  'uninstalling',
  'pending-install',
  'pending-upgrade',
  'pending-rollback',
];
for (const status of LEFT) {
  test(`B2: a release that was left ${status} is as wanted again without a person`, async () => {
    const world = await released();
    await leave(world, status);
    // Whoever left it pending had its time.
    world.clock.skip(3_600_000);
    let turns = 0;
    do await world.turn();
    while ((await statuses(world)).at(-1) !== 'deployed' && turns++ < 4);
    assert.equal((await statuses(world)).at(-1), 'deployed');
    assert.match((await world.conditions()).get('Released') ?? '', /^True/);
    const config = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'web' };
    assert.ok(world.cluster.peek(config) !== undefined);
  });
}

test('a release whose only record cannot be read is taken over with the next number', async () => {
  const world = await released();
  const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'default' };
  const name = 'sh.helm.release.v1.web.v1';
  await world.cluster.patch({ ...ref, name }, 'merge', '{"data":{"release":"eA=="}}');
  await world.turn();
  assert.deepEqual(await statuses(world), ['deployed']);
  assert.equal((await world.records()).at(-1)?.revision, 2);
  assert.match((await world.conditions()).get('Released') ?? '', /^True/);
});

test('a release whose record is deleted, or whose newest revision was rolled back by hand, comes back', async () => {
  const world = await released();
  await world.edit({ n: 2 });
  await world.turn();
  const [first, second] = await world.records();
  if (first === undefined || second === undefined) throw new Error('two revisions');
  await world.storage.update({ ...second, info: { ...second.info, status: 'superseded' } });
  await world.storage.create({
    ...first,
    ...{ revision: 3, resourceVersion: undefined },
    info: { ...first.info, status: 'deployed', description: 'Rollback to 1' },
  });
  await world.turn();
  const last = (await world.records()).at(-1);
  assert.deepEqual([last?.revision, last?.config?.get('n')], [4, 2]);

  for (const { name, revision } of await world.records())
    await world.storage.delete(name, revision);
  await world.turn();
  assert.deepEqual(await statuses(world), ['deployed'], 'its objects are taken over');
});

test('B12: without a limit of revisions, what was rolled back is left alone until an input changes', async () => {
  const world = await released({ maxHistory: 0, rollback: { enable: true } });
  await world.edit({ n: 2 });
  world.ends.push('bad-apply');
  await world.turn();
  assert.deepEqual(await statuses(world), ['superseded', 'failed', 'deployed']);
  for (let resync = 0; resync < 4; resync++) await world.turn();
  assert.equal((await statuses(world)).length, 3, 'no upgrade at any resync');
  assert.match((await world.conditions()).get('Released') ?? '', /^False/);
  await world.edit({ n: 3 });
  await world.turn();
  assert.equal((await statuses(world)).at(-1), 'deployed');
});

test('B14: a failed test does not turn into a success by itself', async () => {
  const world = await released({ test: { enable: true } });
  await world.edit({ n: 2 });
  world.ends.push('bad-test', 'bad-test', 'bad-test');
  for (let resync = 0; resync < 3; resync++) {
    await world.turn();
    const conditions = await world.conditions();
    assert.match(conditions.get('Released') ?? '', /^False/, `resync ${resync}`);
    assert.match(conditions.get('Tested') ?? '', /^False/, `resync ${resync}`);
  }
  await world.turn();
  const conditions = await world.conditions();
  assert.match(conditions.get('Tested') ?? '', /^True/, 'it ran again');
  assert.match(conditions.get('Released') ?? '', /^True/);
  assert.equal((await world.status())['revision'], '1.0.0');
});

for (const wish of ['true', 'dry-run', '']) {
  test(`B15: the annotation migrate="${wish}" changes nothing of Helm 2 and promises nothing`, async () => {
    const world = new ReconcileWorld({ spec: { helmVersion: 'v2' } });
    const labels = { OWNER: 'TILLER', NAME: 'web', STATUS: 'DEPLOYED', VERSION: '1' };
    const tiller = { apiVersion: 'v1', kind: 'ConfigMap' };
    world.cluster.seed({
      ...{ ...tiller, metadata: { namespace: 'kube-system', name: 'web.v1', labels } },
      data: { release: 'H4sI' },
    });
    const annotations = { 'helm.fluxcd.io/migrate': wish };
    await world.start({ n: 1 });
    await world.patch('web', { metadata: { annotations } });
    await world.turn();
    assert.deepEqual(world.actions, []);
    assert.match((await world.conditions()).get('Released') ?? '', /^False .*helm 2to3/);
    const left = world.cluster.peek({ ...tiller, namespace: 'kube-system', name: 'web.v1' });
    assert.deepEqual(((left?.['metadata'] ?? {}) as JsonObject)['labels'], labels);
  });
}

test('B25: a chart whose content changes without its version is rolled out', async () => {
  const world = await released();
  world.changeChart();
  await world.turn();
  assert.equal((await statuses(world)).length, 2);
  await world.turn();
  assert.equal((await statuses(world)).length, 2, 'once');
});

test('what somebody rolled back to another content of the same chart version is upgraded again', async () => {
  const world = await released();
  world.changeChart();
  await world.turn();
  const [first, second] = await world.records();
  if (first === undefined || second === undefined) throw new Error('two revisions');
  await world.storage.update({ ...second, info: { ...second.info, status: 'superseded' } });
  const lastDeployed = new Date(world.clock.nowMs() + 1_000).toISOString();
  const description = 'Rollback to 1';
  await world.storage.create({
    ...{ ...first, revision: 3, resourceVersion: undefined },
    info: { ...first.info, status: 'deployed', lastDeployed, description },
  });
  await world.turn();
  assert.deepEqual(await statuses(world), ['superseded', 'superseded', 'superseded', 'deployed']);
  await world.turn();
  assert.equal((await statuses(world)).length, 4, 'once');
});

test('B33: records are Secrets in the namespace of the release, whatever the environment says', async () => {
  const before = process.env['HELM_DRIVER'];
  process.env['HELM_DRIVER'] = 'configmap';
  try {
    const world = await released({ targetNamespace: 'kube-system' });
    const held = world.cluster
      .objects()
      .filter(({ metadata }) => JSON.stringify(metadata).includes('"owner":"helm"'))
      .map(({ kind, metadata }) => [kind, (metadata as JsonObject)['namespace']]);
    assert.deepEqual(held, [['Secret', 'kube-system']]);
  } finally {
    if (before === undefined) delete process.env['HELM_DRIVER'];
    else process.env['HELM_DRIVER'] = before;
  }
});

test('values that differ in the type of a number alone are the same', async () => {
  const world = await released();
  const last = (await world.records()).at(-1);
  if (last === undefined) throw new Error('no record');
  await world.storage.update({ ...last, config: new Map([['n', 1.0]]) });
  await world.turn();
  assert.equal((await statuses(world)).length, 1);
});

test('a test that runs out of time counts as one that failed', async () => {
  const world = await released({
    test: { enable: true, timeout: 1 },
    rollback: { enable: true },
  });
  await world.edit({ n: 2 });
  world.ends.push('hanging-test');
  await world.turn();
  const conditions = await world.conditions();
  assert.match(conditions.get('Tested') ?? '', /^False .*timed out/);
  assert.match(conditions.get('RolledBack') ?? '', /^True/);
});

test('a rollback whose operator died before it told of it is told at the next turn', async () => {
  const world = await released({ rollback: { enable: true } });
  await world.edit({ n: 2 });
  world.ends.push('bad-apply');
  await world.turn();
  const told = await world.status();
  assert.match((await world.conditions()).get('RolledBack') ?? '', /^True RolledBack/);

  const { conditions, rollbackCount } = told as {
    conditions: { type: string }[];
    rollbackCount: number;
  };
  const before = conditions.map((condition) =>
    condition.type === 'RolledBack'
      ? { ...condition, status: 'Unknown', reason: 'RollingBack' }
      : condition,
  );
  const body = { status: { conditions: before, rollbackCount: rollbackCount - 1 } };
  await world.patchStatus(body);
  await world.turn();
  assert.match((await world.conditions()).get('RolledBack') ?? '', /^True RolledBack/);
  assert.equal((await world.status())['rollbackCount'], rollbackCount);
  assert.deepEqual(await statuses(world), ['superseded', 'failed', 'deployed']);
});
