// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHelmRelease, helmReleaseCrd } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { JsonObject } from '@helm-operator/kube';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { unreadyDependency } from './dependencies.ts';
import { gate } from './gate.ts';

const KIND = { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' };
const CHART = { repository: 'http://charts.test', name: 'web', version: '1.0.0' };
const RELEASED = { observedGeneration: 1, conditions: [{ type: 'Released', status: 'True' }] };

function release(name: string, dependsOn: string, status: JsonObject = {}): JsonObject {
  const annotations = { 'helm-operator.dev/depends-on': dependsOn };
  const metadata = { name, namespace: 'default', generation: 1, annotations };
  return { ...KIND, metadata, spec: { chart: CHART }, status };
}

interface Row {
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
        conditions: [{ type: 'Released', status: 'False' }],
      }),
    ],
    dependsOn: 'db',
    why: "dependency 'default/db' is not ready",
  },
  {
    what: 'one whose newest edit is not released',
    others: [release('db', '', { ...RELEASED, observedGeneration: 0 })],
    dependsOn: 'db',
    why: "dependency 'default/db' is not ready",
  },
  {
    what: 'the second of two',
    others: [release('db', '', RELEASED), release('cache', '')],
    dependsOn: 'db, default/cache',
    why: "dependency 'default/cache' is not ready",
  },
  {
    what: 'a circle',
    others: [release('db', 'cache'), release('cache', 'more,web'), release('more', '')],
    dependsOn: 'db',
    why: "dependency 'default/db' is not ready: the releases wait for each other in a circle (default/web → default/db → default/cache → default/web); take one dependency out",
  },
];

for (const { what, others, dependsOn, why } of ROWS) {
  test(`waits for ${what}: ${why === undefined ? 'no' : 'yes'}`, async () => {
    const cluster = new FakeCluster();
    await cluster.create(decodeJson(JSON.stringify(helmReleaseCrd)) as ValueMap);
    for (const other of [...others, release('web', dependsOn)]) cluster.seed(other);
    const own = await cluster.get({ ...KIND, namespace: 'default', name: 'web' });
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
