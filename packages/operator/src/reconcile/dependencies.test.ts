// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIALECTS, decodeHelmRelease } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { JsonObject } from '@helm-operator/kube';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';
import { unreadyDependency } from './dependencies.ts';
import { gate } from './gate.ts';

const KIND = { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' };
const OLDER = { apiVersion: 'flux.weave.works/v1beta1', kind: 'HelmRelease' };
const CHART = { repository: 'http://charts.test', name: 'web', version: '1.0.0' };
const RELEASED = { observedGeneration: 1, conditions: [{ type: 'Released', status: 'True' }] };

function release(name: string, dependsOn: string, status: JsonObject = {}): JsonObject {
  const annotations = { 'helm-operator.dev/depends-on': dependsOn };
  const metadata = { name, namespace: 'default', generation: 1, annotations };
  return { ...KIND, metadata, spec: { chart: CHART }, status };
}

const OTHER_RELEASE = { chart: CHART, releaseName: 'other' };
const IN_KUBE_SYSTEM = { name: 'db', namespace: 'kube-system', generation: 1 };
const older = (one: JsonObject): JsonObject => ({ ...one, ...OLDER });
const NEW_TO_OLD = ' (flux.weave.works/v1beta1)';
const OLD_TO_NEW = ' (helm.fluxcd.io/v1)';

interface Row {
  /** The one that waits is of the older kind. */
  readonly isOlder?: boolean;
  readonly what: string;
  readonly others: readonly JsonObject[];
  readonly dependsOn: string;
  readonly why: string | undefined;
}

const ROWS: readonly Row[] = [
  { what: 'no dependency', others: [], dependsOn: '', why: undefined },
  { what: 'a ready one', others: [release('db', '', RELEASED)], dependsOn: 'db', why: undefined },
  {
    what: 'one that is absent',
    others: [],
    dependsOn: 'other/db',
    why: "dependency 'other/db' does not exist: create it",
  },
  {
    what: 'one that failed',
    others: [
      release('db', '', {
        observedGeneration: 1,
        conditions: [{ type: 'Released', status: 'False', message: 'Chart fetch failed: 404' }],
      }),
    ],
    dependsOn: 'db',
    why: "dependency 'default/db' is not ready: Chart fetch failed: 404",
  },
  {
    what: 'one of another namespace that failed: what it says stays there',
    others: [
      {
        ...release('db', '', {
          conditions: [{ type: 'Released', status: 'False', message: 'Chart fetch failed: 404' }],
        }),
        metadata: IN_KUBE_SYSTEM,
      },
    ],
    dependsOn: 'kube-system/db',
    why: "dependency 'kube-system/db' is not ready",
  },
  {
    what: 'one whose newest edit is not released',
    others: [release('db', '', { ...RELEASED, observedGeneration: 0 })],
    dependsOn: 'db',
    why: "dependency 'default/db' is not ready: its newest edit is not released yet",
  },
  {
    what: 'the second of two',
    others: [release('db', '', RELEASED), release('cache', '')],
    dependsOn: 'db, default/cache',
    why: "dependency 'default/cache' is not ready: it has no status yet",
  },
  {
    what: 'a circle',
    others: [release('db', 'cache'), release('cache', 'more,web'), release('more', '')],
    dependsOn: 'db',
    why: "dependency 'default/db' is not ready: the releases wait for each other in a circle (default/web → default/db → default/cache → default/web); take one dependency out",
  },
  {
    what: 'a ready one of the older kind',
    others: [older(release('db', '', RELEASED))],
    dependsOn: 'db',
    why: undefined,
  },
  {
    what: 'one of the older kind that is not ready',
    others: [older(release('db', ''))],
    dependsOn: 'db',
    why: `dependency 'default/db${NEW_TO_OLD}' is not ready: it has no status yet`,
  },
  {
    what: 'a ready one of the newer kind',
    isOlder: true,
    others: [release('db', '', RELEASED)],
    dependsOn: 'db',
    why: undefined,
  },
  {
    what: 'one of the newer kind that is not ready',
    isOlder: true,
    others: [release('db', '')],
    dependsOn: 'db',
    why: `dependency 'default/db${OLD_TO_NEW}' is not ready: it has no status yet`,
  },
  {
    what: 'one of its own kind before the other',
    others: [release('db', ''), older({ ...release('db', '', RELEASED), spec: OTHER_RELEASE })],
    dependsOn: 'db',
    why: "dependency 'default/db' is not ready: it has no status yet",
  },
  {
    what: 'one that another has taken over: that one counts',
    isOlder: true,
    others: [release('db', '', RELEASED), older(release('db', ''))],
    dependsOn: 'db',
    why: undefined,
  },
  {
    what: 'another namespace: of its own kind alone',
    others: [older({ ...release('db', '', RELEASED), metadata: IN_KUBE_SYSTEM })],
    dependsOn: 'kube-system/db',
    why: "dependency 'kube-system/db' does not exist: create it",
  },
  {
    what: 'a circle over two kinds',
    others: [older(release('db', 'cache')), release('cache', 'web')],
    dependsOn: 'db',
    why: `dependency 'default/db${NEW_TO_OLD}' is not ready: the releases wait for each other in a circle (default/web → default/db${NEW_TO_OLD} → default/cache → default/web); take one dependency out`,
  },
];

for (const { what, others, dependsOn, why, isOlder = false } of ROWS) {
  test(`${isOlder ? 'an older kind ' : ''}waits for ${what}: ${why === undefined ? 'no' : 'yes'}`, async () => {
    const cluster = new FakeCluster();
    for (const { crd } of DIALECTS)
      await cluster.create(decodeJson(JSON.stringify(crd)) as ValueMap);
    const kind = isOlder ? OLDER : KIND;
    for (const other of [...others, { ...release('web', dependsOn), ...kind }]) cluster.seed(other);
    const own = await cluster.get({ ...kind, namespace: 'default', name: 'web' });
    assert.ok(own);
    const { signal } = new AbortController();
    const found = await unreadyDependency(decodeHelmRelease(own), cluster, signal);
    assert.equal(found?.why, why);
  });
}

const GATES: readonly (readonly [change: JsonObject, gives: string])[] = [
  [{}, 'add-finalizer'],
  [{ finalizers: ['helm.fluxcd.io/release'] }, 'open'],
  [{ annotations: { 'helm-operator.dev/suspend': 'true' } }, 'suspended'],
  [{ deletionTimestamp: '2026-01-01T00:00:00Z' }, 'gone'],
  [
    { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['helm.fluxcd.io/release'] },
    'remove-release',
  ],
  [
    {
      deletionTimestamp: '2026-01-01T00:00:00Z',
      finalizers: ['helm.fluxcd.io/release'],
      annotations: { 'helm-operator.dev/suspend': 'true' },
    },
    'let-go',
  ],
];

for (const [change, gives] of GATES) {
  test(`${JSON.stringify(change)} → ${gives}`, () => {
    const metadata = { name: 'web', namespace: 'default', ...change };
    const object = decodeJson(JSON.stringify({ ...KIND, metadata, spec: { chart: CHART } }));
    assert.equal(gate(decodeHelmRelease(object as ValueMap)).kind, gives);
  });
}

for (const [name, text] of [
  ['suspend', 'yes'],
  ['depends-on', 'a/b/c'],
  ['depends-on', 'a/'],
]) {
  test(`${name}: ${text} is refused by name`, () => {
    const annotations = { [`helm-operator.dev/${name}`]: text };
    const metadata = { name: 'web', namespace: 'default', annotations };
    const object = decodeJson(JSON.stringify({ ...KIND, metadata, spec: { chart: CHART } }));
    assert.throws(
      () => decodeHelmRelease(object as ValueMap),
      new RegExp(`HelmRelease default/web.*helm-operator.dev/${name}`),
    );
  });
}

test('what is waited for is told once in an event, and again when it says something else', async () => {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  const annotations = { 'helm-operator.dev/depends-on': 'db' };
  world.add('app', { releaseName: 'app' }, { annotations });
  const told = async () => (await world.events()).filter((event) => event.includes('waits: '));
  await world.turn('app');
  await world.turn('app');
  assert.deepEqual(await told(), [
    "DependencyNotReady: release 'app' in namespace 'default' waits: dependency 'default/db' does not exist: create it",
  ]);
  world.add('db', { releaseName: 'db' });
  await world.turn('app');
  assert.match((await told()).at(-1) ?? '', /'default\/db' is not ready: it has no status yet/);
  assert.match((await world.conditions('app')).get('Released') ?? '', /^False DependencyNotReady/);
});
