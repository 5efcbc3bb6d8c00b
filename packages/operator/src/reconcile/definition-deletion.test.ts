// SPDX-License-Identifier: Apache-2.0

/** The definition of HelmRelease is deleted, and with it every HelmRelease. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@helm-operator/kube';
import { ReconcileWorld, type WorldOptions } from '../../../../test/kit/reconcile-world.ts';

const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name: 'helmreleases.helm.fluxcd.io',
};
const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'web' };

/** A release whose HelmRelease is being deleted, as the API server does it with the definition. */
async function withoutDefinition(options: WorldOptions = {}): Promise<ReconcileWorld> {
  const world = new ReconcileWorld(options);
  await world.start({ n: 1 });
  await world.turn();
  const crd = world.cluster.peek(CRD);
  if (crd === undefined) throw new Error('no definition');
  const metadata = crd['metadata'] as JsonObject;
  const finalizers = ['customresourcecleanup.apiextensions.k8s.io'];
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  world.cluster.seed({ ...crd, metadata: { ...metadata, finalizers, deletionTimestamp } });
  await world.remove('web');
  return world;
}

test('releases stay when the definition of their HelmReleases is deleted', async () => {
  const world = await withoutDefinition();
  await world.turn();
  assert.equal(world.exists('web'), false);
  assert.deepEqual(
    (await world.records()).map(({ info }) => info.status),
    ['deployed'],
  );
  assert.ok(world.cluster.peek(CONFIG) !== undefined);
  const [event] = (await world.events()).filter((text) => text.startsWith('DefinitionDeleted'));
  assert.match(event ?? '', /release 'web' .* was not uninstalled: the definition .* deleted/);
  assert.match(world.logText(), /"level":"warning".*"the release stays"/);
});

test('they are uninstalled with it when that was asked for', async () => {
  const world = await withoutDefinition({ onDefinitionDeletion: 'uninstall' });
  await world.turn();
  assert.equal(world.exists('web'), false);
  assert.deepEqual(await world.records(), []);
  assert.equal(world.cluster.peek(CONFIG), undefined);
});

test('an operator that may not read definitions uninstalls what is deleted', async () => {
  const world = await withoutDefinition();
  world.forbidden.add('get CustomResourceDefinition');
  await world.turn();
  assert.deepEqual(await world.records(), []);
});
