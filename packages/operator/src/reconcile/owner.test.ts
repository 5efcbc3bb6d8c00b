// SPDX-License-Identifier: Apache-2.0

/** Whose a release is: two HelmReleases with one release, releases made by hand, marks of owners that are gone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@helm-operator/kube';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';

const MARK = 'helm.fluxcd.io/antecedent';
const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'web' };

function marksOf(world: ReconcileWorld): unknown {
  const { metadata } = (world.cluster.peek(CONFIG) ?? { metadata: {} }) as {
    metadata: { annotations?: JsonObject };
  };
  return metadata.annotations?.[MARK];
}

/** Marks the live object as somebody else would have. */
function mark(world: ReconcileWorld, annotations: JsonObject): void {
  const object = world.cluster.peek(CONFIG);
  if (object === undefined) throw new Error('no ConfigMap');
  const metadata = object['metadata'] as JsonObject;
  world.cluster.seed({ ...object, metadata: { ...metadata, annotations } });
}

/** The release `web` of HelmRelease `default/web`. */
async function released(): Promise<ReconcileWorld> {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  await world.turn();
  return world;
}

test('every object of a release names its HelmRelease; hooks and the record do not', async () => {
  const world = new ReconcileWorld({ spec: { test: { enable: true } } });
  await world.start({ n: 1 });
  await world.turn();
  assert.equal(marksOf(world), 'default:helmrelease/web');
  const pod = world.cluster.objects().find(({ kind }) => kind === 'Pod');
  assert.ok(pod !== undefined && !JSON.stringify(pod).includes(MARK), 'a hook is not marked');
  const [record] = await world.records();
  assert.ok(!record?.manifest.includes(MARK));
});

test('B4: deleting a HelmRelease that shares the release of another one uninstalls nothing', async () => {
  const world = await released();
  world.add('twin', { values: { n: 2 } });
  const twin = await world.turn('twin');
  assert.ok(twin !== 'crashed' && twin.isForeign === true, 'its health is not told by this one');
  const conditions = await world.conditions('twin');
  assert.match(
    conditions.get('Released') ?? '',
    /^False Failed: .*release appears to be managed by 'default:helmrelease\/web'/,
  );
  assert.equal((await world.records()).length, 1, 'nothing was released');

  await world.remove('twin');
  await world.turn('twin');
  assert.ok(!world.exists('twin'));
  assert.ok(world.cluster.peek(CONFIG) !== undefined);
  assert.equal((await world.records()).length, 1);
  const events = (await world.events()).join('\n');
  assert.match(events, /ReleaseKept: release 'web' .* it is managed by 'default:helmrelease\/web'/);

  await world.remove('web');
  await world.turn();
  assert.ok(!world.exists('web'));
  assert.equal(world.cluster.peek(CONFIG), undefined, 'its own release goes with it');
});

test('B4: the purge of a failed install spares what another HelmRelease owns', async () => {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  world.ends.push({ crashAt: 11 });
  await world.turn();
  world.add('other');
  mark(world, { [MARK]: 'default:helmrelease/other' });
  await world.turn();
  assert.ok(!world.actions.includes('uninstall'));
  assert.match((await world.conditions()).get('Released') ?? '', /helmrelease\/other/);
});

test('B5: ownership is asked of all objects, and an object that cannot be read decides nothing', async () => {
  const world = await released();
  world.add('twin', { values: { n: 2 } });
  world.forbidden.add('get ConfigMap');
  await world.turn('twin');
  const first = (await world.conditions('twin')).get('Released') ?? '';
  assert.match(first, /^False/);
  assert.match(first, /could not get information about the resource/);
  assert.equal((await world.records()).length, 1, 'nothing was released');
});

test('a mark of a HelmRelease that is gone, or describes another release by now, binds nobody', async () => {
  for (const other of [undefined, { releaseName: 'elsewhere' }]) {
    const world = await released();
    mark(world, { [MARK]: 'default:helmrelease/other' });
    if (other !== undefined) world.add('other', other);
    await world.patch('web', { metadata: { finalizers: [] } });
    await world.remove('web');
    world.add('next', { values: { n: 3 } });
    await world.turn('next');
    assert.match((await world.conditions('next')).get('Released') ?? '', /^True/);
    assert.equal(marksOf(world), 'default:helmrelease/next');
  }
});

test('the mark of the legacy kind counts as long as its HelmRelease is there', async () => {
  const world = await released();
  await world.patch('web', { metadata: { finalizers: [] } });
  await world.remove('web');
  mark(world, { 'flux.weave.works/antecedent': 'default:helmrelease/old' });
  world.add('next', { values: { n: 3 } });
  await world.turn('next');
  assert.match((await world.conditions('next')).get('Released') ?? '', /^True/, 'old is gone');
});

test('a release that was made by hand is taken over; one that never was stays', async () => {
  const world = await released();
  await world.patch('web', { metadata: { finalizers: [] } });
  await world.remove('web');
  mark(world, {});
  const bad = new Error('the repository is down');
  world.chartError = bad;
  world.add('late');
  await world.turn('late');
  await world.remove('late');
  await world.turn('late');
  assert.ok(!world.exists('late'));
  assert.equal((await world.records()).length, 1, 'it was never its own');
  assert.match((await world.events()).join('\n'), /this HelmRelease never took it over/);

  world.chartError = undefined;
  world.add('late', { values: { n: 1 } });
  await world.turn('late');
  assert.equal(marksOf(world), 'default:helmrelease/late');
});

test('with the orphan annotation the release stays when its HelmRelease goes', async () => {
  const world = await released();
  await world.patch('web', { metadata: { annotations: { 'helm-operator.dev/orphan': 'true' } } });
  await world.remove('web');
  await world.turn();
  assert.ok(!world.exists('web'));
  assert.equal((await world.records()).length, 1);
  assert.match((await world.events()).join('\n'), /ReleaseKept: .*orphaned/);
});

test('a failed install is kept where the annotation says so, and upgraded next', async () => {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  const annotations = { 'helm-operator.dev/keep-failed-install': 'true' };
  await world.patch('web', { metadata: { annotations } });
  world.ends.push('bad-apply');
  await world.turn();
  assert.deepEqual(world.actions, ['install']);
  await world.turn();
  assert.deepEqual(world.actions, ['install', 'upgrade']);
  assert.deepEqual(
    (await world.records()).map(({ info }) => info.status),
    ['superseded', 'deployed'],
  );
});

test('a release under another name leaves the old one behind, and remembers nothing of it', async () => {
  const world = await released();
  await world.patch('web', { spec: { releaseName: 'new' } });
  await world.turn();
  assert.equal((await world.records()).length, 1, 'the old one is still there');
  const { attempt } = (await world.status()) as { attempt?: JsonObject };
  assert.equal(attempt?.['release'], 'default/new');
  assert.deepEqual(world.actions, ['install', 'install']);
});

test('a release that cannot be uninstalled is tried again, and the status says how to give it up', async () => {
  const world = await released();
  world.forbidden.add('delete ConfigMap');
  await world.remove('web');
  const result = await world.turn();
  assert.notEqual(result === 'crashed' ? '' : result.next.kind, 'rest');
  assert.match(
    (await world.conditions()).get('Released') ?? '',
    /cannot be uninstalled: .*web.*helm-operator\.dev\/orphan/,
  );
  world.forbidden.clear();
  await world.turn();
  assert.ok(!world.exists('web'));
});
