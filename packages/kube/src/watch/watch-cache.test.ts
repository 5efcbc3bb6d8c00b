// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../../../../test/kit/fake-clock.ts';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import type { JsonObject } from '../cluster.ts';
import { WatchCache } from './watch-cache.ts';

function configMap(name: string, owner: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', labels: { owner } },
    data: { secret: 'x' },
  };
}

function ownerOf(object: JsonObject): string[] {
  const { labels } = object['metadata'] as JsonObject;
  return [String((labels as JsonObject)['owner'])];
}

function namesOf(objects: readonly JsonObject[]): string[] {
  return objects.map((object) => String((object['metadata'] as JsonObject)['name'])).toSorted();
}

test('objects, indexes and listeners follow the cluster', async () => {
  const cluster = new FakeCluster();
  cluster.seed(configMap('a', 'x'));
  const cache = new WatchCache({
    cluster,
    query: { apiVersion: 'v1', kind: 'ConfigMap' },
    isMetadataOnly: true,
    indexes: new Map([['owner', ownerOf]]),
  });
  const abort = new AbortController();
  const running = cache.run(abort.signal);
  assert.equal(cache.isSynced, false);
  await cache.whenSynced(abort.signal);
  assert.deepEqual(namesOf(cache.find('owner', 'x')), ['a']);
  assert.equal(cache.get('a', 'default')?.['data'], undefined);

  const log: string[] = [];
  const stopListening = cache.listen(({ type, object, before }) => {
    log.push(`${type} ${namesOf([object])[0]} ${before === undefined ? '-' : ownerOf(before)[0]}`);
  });
  cluster.seed(configMap('b', 'x'));
  cluster.seed(configMap('a', 'y'));
  await settle();
  assert.deepEqual(namesOf(cache.find('owner', 'x')), ['b']);
  assert.deepEqual(namesOf(cache.find('owner', 'y')), ['a']);
  cluster.unseed({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a' });
  await settle();
  assert.deepEqual(cache.find('owner', 'y'), []);
  assert.equal(cache.size, 1);
  assert.deepEqual(log, ['added a -', 'added b -', 'modified a x', 'deleted a y']);
  stopListening();
  cluster.seed(configMap('c', 'x'));
  await settle();
  assert.equal(log.length, 4);
  assert.throws(() => cache.find('other', 'x'), RangeError);
  abort.abort();
  await running;
  assert.equal(cluster.openWatches, 0);
});

test('waiting for the first list ends with the signal', async () => {
  const cluster = new FakeCluster();
  const cache = new WatchCache({ cluster, query: { apiVersion: 'v1', kind: 'ConfigMap' } });
  const abort = new AbortController();
  const waiting = assert.rejects(cache.whenSynced(abort.signal), { name: 'AbortError' });
  abort.abort();
  await waiting;
});
