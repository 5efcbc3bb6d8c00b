// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHelmRelease } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { type KnownRelease, KnownReleases } from './known-releases.ts';

function known(name: string, spec: object, change: Partial<KnownRelease> = {}): KnownRelease {
  const chart = { repository: 'http://charts.test', name: 'web', version: '1' };
  const object = {
    ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
    metadata: { name, namespace: 'apps', uid: name },
    spec: { chart, releaseName: name, ...spec },
  };
  return {
    intent: decodeHelmRelease(decodeJson(JSON.stringify(object)) as ValueMap),
    settled: { object: '', referred: '', record: '', live: '' },
    dueMs: Infinity,
    objects: [],
    chart: undefined,
    unready: undefined,
    ...change,
  };
}

const SECRET = { kind: 'Secret', namespace: 'apps', name: 'conf' } as const;
const FROM_SECRET = { valuesFrom: [{ secretKeyRef: { name: 'conf' } }] };

function filled(): KnownReleases {
  const releases = new KnownReleases();
  releases.set('apps/a', known('a', FROM_SECRET));
  releases.set('apps/b', known('b', { targetNamespace: 'prod', ...FROM_SECRET }));
  releases.set('apps/c', known('c', { chart: { git: 'http://git.test/c', path: 'charts/c' } }));
  releases.set('apps/d', known('d', {}, { unready: { namespace: 'apps', name: 'a' } }));
  return releases;
}

test('what changes wakes those whom it concerns', () => {
  const releases = filled();
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['a Secret of values', releases.referringTo(SECRET), ['apps/a', 'apps/b']],
    ['a ConfigMap of that name', releases.referringTo({ ...SECRET, kind: 'ConfigMap' }), []],
    ['a record', releases.recordedAs({ namespace: 'prod', name: 'b' }), ['apps/b']],
    ['a record elsewhere', releases.recordedAs({ namespace: 'apps', name: 'b' }), []],
    ['a live object', releases.releasing({ namespace: 'prod', name: 'b' }), ['apps/b']],
    ['a dependency', releases.waitingFor({ namespace: 'apps', name: 'a' }), ['apps/d']],
    ['another HelmRelease', releases.waitingFor({ namespace: 'apps', name: 'b' }), []],
    ['Git', releases.fromGit(), ['apps/c']],
  ];
  for (const [what, woken, expected] of cases) assert.deepEqual(woken, expected, what);
});

test('what is known anew or forgotten wakes nobody for what it was', () => {
  const releases = filled();
  releases.set('apps/a', known('a', {}));
  assert.deepEqual(releases.referringTo(SECRET), ['apps/b']);
  releases.delete('apps/b');
  assert.deepEqual(releases.referringTo(SECRET), []);
  assert.deepEqual(releases.recordedAs({ namespace: 'prod', name: 'b' }), []);
  assert.deepEqual(releases.recordedAs({ namespace: 'apps', name: 'a' }), ['apps/a']);
});

test('an unsettled release keeps who wakes it', () => {
  const releases = filled();
  releases.unsettle('apps/a');
  assert.equal(releases.get('apps/a')?.settled, undefined);
  assert.deepEqual(releases.referringTo(SECRET), ['apps/a', 'apps/b']);
});
