// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settle } from '../../../../test/kit/fake-clock.ts';
import type { JsonObject, ResourceTable } from '../cluster.ts';
import { errorOfAnswer } from '../errors.ts';
import { discover } from './discover.ts';
import { DiscoveryCache } from './discovery-cache.ts';
import { resourceTable } from './resource-table.ts';

function aggregated(group: string, versions: JsonObject[]): JsonObject {
  const metadata: JsonObject = group === '' ? {} : { name: group };
  return { kind: 'APIGroupDiscoveryList', items: [{ metadata, versions }] };
}

const APPS_V1: JsonObject = {
  version: 'v1',
  freshness: 'Current',
  resources: [
    {
      resource: 'deployments',
      responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      scope: 'Namespaced',
      verbs: ['get'],
      shortNames: ['deploy'],
      subresources: [
        {
          subresource: 'scale',
          responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
        },
        {
          subresource: 'status',
          responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
        },
      ],
    },
  ],
};

const NEW: ReadonlyMap<string, JsonObject> = new Map([
  ['/api', aggregated('', [{ version: 'v1', freshness: 'Current', resources: [] }])],
  ['/apis', aggregated('apps', [APPS_V1, { version: 'v2', freshness: 'Stale', resources: [] }])],
]);

const OLD: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['/api', { kind: 'APIVersions', versions: ['v1'] }],
  ['/api/v1', { kind: 'APIResourceList', resources: [] }],
  [
    '/apis',
    {
      kind: 'APIGroupList',
      groups: [
        { name: 'apps', versions: [{ version: 'v1' }] },
        { name: 'broken.example', versions: [{ version: 'v1' }] },
      ],
    },
  ],
  [
    '/apis/apps/v1',
    {
      kind: 'APIResourceList',
      resources: [
        {
          name: 'deployments',
          kind: 'Deployment',
          namespaced: true,
          verbs: ['get'],
          shortNames: ['deploy'],
        },
        { name: 'deployments/scale', kind: 'Scale', namespaced: true, verbs: ['get'] },
        { name: 'deployments/status', kind: 'Deployment', namespaced: true, verbs: ['get'] },
      ],
    },
  ],
]);

async function tableOf(
  documents: ReadonlyMap<string, JsonObject>,
): Promise<[ResourceTable, string[]]> {
  const paths: string[] = [];
  const rows = await discover(async (path) => {
    paths.push(path);
    const document = documents.get(path);
    if (document === undefined) throw errorOfAnswer(path, 503, '');
    return document;
  }, {});
  return [resourceTable(rows), paths];
}

const DEPLOYMENT = {
  ...{ group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments' },
  ...{
    isNamespaced: true,
    verbs: ['get'],
    shortNames: ['deploy'],
    subresources: ['scale', 'status'],
  },
};

test('two requests where the server aggregates; a stale version keeps its name', async () => {
  const [table, paths] = await tableOf(NEW);
  assert.deepEqual(paths, ['/api', '/apis']);
  assert.deepEqual(table.find('apps/v1', 'Deployment'), DEPLOYMENT);
  assert.equal(table.find('v1', 'Deployment'), undefined);
  assert.deepEqual(table.apiVersions(), [
    ...['v1', 'apps/v1', 'apps/v2'],
    ...['apps/v1/Deployment', 'apps/v1/Scale'],
  ]);
});

test('else one more for each group version; one that fails does not spoil the others', async () => {
  const [table, paths] = await tableOf(OLD);
  assert.equal(paths.length, 5);
  assert.deepEqual(table.find('apps/v1', 'Deployment'), DEPLOYMENT);
  assert.deepEqual(table.apiVersions(), [
    ...['v1', 'apps/v1', 'broken.example/v1'],
    ...['apps/v1/Deployment', 'apps/v1/Scale'],
  ]);
});

interface Fetches {
  readonly clock: FakeClock;
  readonly cache: DiscoveryCache;
  readonly running: ((error?: Error) => void)[];
  count(): number;
}

function setUp(): Fetches {
  const clock = new FakeClock();
  const running: ((error?: Error) => void)[] = [];
  let count = 0;
  const cache = new DiscoveryCache(() => {
    count += 1;
    return new Promise((resolve, reject) => {
      running.push((error) => (error === undefined ? resolve(resourceTable([])) : reject(error)));
    });
  }, clock);
  return { clock, cache, running, count: () => count };
}

test('callers that ask together share one fetch, and its table for ten minutes', async () => {
  const { clock, cache, running, count } = setUp();
  const both = Promise.all([cache.table(false, undefined), cache.table(false, undefined)]);
  running[0]?.();
  const [one, two] = await both;
  assert.equal(one, two);
  await clock.advance(599_999);
  assert.equal(await cache.table(false, undefined), one);
  assert.equal(count(), 1);
  await clock.advance(1);
  void cache.table(false, undefined);
  assert.equal(count(), 2);
});

test('who must refresh gets a table whose fetch began later', async () => {
  const { cache, running, count } = setUp();
  const early = cache.table(false, undefined);
  const fresh = Promise.all([cache.table(true, undefined), cache.table(true, undefined)]);
  running[0]?.();
  await early;
  await settle();
  assert.equal(count(), 2);
  running[1]?.();
  const [one, two] = await fresh;
  assert.equal(one, two);
  assert.notEqual(one, await early);
});

test('an unknown kind refreshes, but not a brand-new table', async () => {
  const { clock, cache, running, count } = setUp();
  const first = cache.table(false, undefined);
  running[0]?.();
  await first;
  await clock.advance(999);
  assert.equal(await cache.tableAfterMiss(undefined), await first);
  await clock.advance(1);
  void cache.tableAfterMiss(undefined);
  assert.equal(count(), 2);
});

test('a failed fetch is not kept; a waiting caller can leave', async () => {
  const { cache, running, count } = setUp();
  const abort = new AbortController();
  const leaving = assert.rejects(cache.table(false, abort.signal), { name: 'AbortError' });
  const failing = assert.rejects(cache.table(false, undefined), /down/);
  abort.abort();
  await leaving;
  running[0]?.(new Error('down'));
  await failing;
  void cache.table(false, undefined);
  assert.equal(count(), 2);
});
