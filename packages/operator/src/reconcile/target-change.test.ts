// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printTarget, readTarget } from '@helm-operator/api';
import type { JsonObject } from '@helm-operator/kube';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';
import { formerTarget } from './target-change.ts';

const web = { release: { namespace: 'apps', name: 'web' }, storageNamespace: 'apps' };
const stored = { ...web, storageNamespace: 'flux-system' };

test('a target is remembered with its storage, and read again', () => {
  for (const [target, text] of [
    [web, 'apps/web'],
    [stored, 'apps/web in flux-system'],
  ] as const) {
    assert.equal(printTarget(target), text);
    assert.deepEqual(readTarget(text), target);
  }
  for (const text of ['', 'web', 'a/b/c', 'apps/web in '])
    assert.equal(readTarget(text), undefined);
});

test('only what was made is a former release', () => {
  const made = { release: 'apps/web', action: 'upgrade' } as const;
  assert.equal(formerTarget(made, web), undefined);
  assert.equal(formerTarget({ ...made, action: undefined }, stored), undefined);
  assert.equal(formerTarget({ release: undefined, action: 'upgrade' }, web), undefined);
  assert.deepEqual(formerTarget(made, stored), web);
  const renamed = { ...web, release: { namespace: 'apps', name: 'fresh' } };
  assert.deepEqual(formerTarget(made, renamed), web);
});

/** The release `web` of a HelmRelease that says what becomes of it. */
async function released(onTargetChange: string): Promise<ReconcileWorld> {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  const annotations = { 'helm-operator.dev/on-target-change': onTargetChange };
  await world.patch('web', { metadata: { annotations } });
  await world.turn();
  return world;
}

const rename = (world: ReconcileWorld) => world.patch('web', { spec: { releaseName: 'fresh' } });
const recordNames = (world: ReconcileWorld): readonly string[] =>
  world.cluster
    .objects()
    .filter(({ kind }) => kind === 'Secret')
    .map(({ metadata }) => String((metadata as JsonObject)['name']));

test('a renamed release: the old one is uninstalled first, nothing is left of it', async () => {
  const world = await released('uninstall');
  await rename(world);
  await world.turn();
  assert.deepEqual(world.actions, ['install', 'uninstall', 'install']);
  assert.deepEqual(recordNames(world), ['sh.helm.release.v1.fresh.v1']);
  assert.match((await world.conditions('web')).get('Released') ?? '', /^True/);
});

test('an uninstall that fails is tried again before anything new is made', async () => {
  const world = await released('uninstall');
  await rename(world);
  world.forbidden.add('delete ConfigMap');
  const result = await world.turn();
  assert.ok(result !== 'crashed' && result.next.kind !== 'rest', 'it comes again');
  assert.ok(!recordNames(world).includes('sh.helm.release.v1.fresh.v1'), 'nothing new was made');
  world.forbidden.clear();
  await world.turn();
  assert.deepEqual(recordNames(world), ['sh.helm.release.v1.fresh.v1']);
});

test('deleted before the new name was released: the old release goes, too', async () => {
  const world = await released('uninstall');
  await rename(world);
  await world.remove('web');
  await world.turn();
  assert.ok(!world.exists('web'));
  assert.deepEqual(recordNames(world), []);
});

test('as the original did: the old release stays, and an event says so', async () => {
  const world = await released('keep');
  await rename(world);
  await world.turn();
  assert.ok(recordNames(world).includes('sh.helm.release.v1.web.v1'));
  const events = (await world.events()).filter((event) => event.startsWith('ReleaseKept'));
  assert.equal(events.length, 1);
  assert.match(
    events[0] ?? '',
    /release 'web' in namespace 'default' was not uninstalled: the HelmRelease describes another/,
  );
});

test('a release that another HelmRelease took over is not uninstalled', async () => {
  const world = await released('uninstall');
  await rename(world);
  world.add('heir', { values: { n: 2 } });
  await world.turn('heir');
  await world.turn();
  assert.ok(recordNames(world).includes('sh.helm.release.v1.web.v2'), 'the heir keeps its release');
});
