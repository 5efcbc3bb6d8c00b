// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { type Automation, isAboutAutomation } from './automation.ts';
import { decodeHelmRelease } from './dialects.ts';

function decode(annotations: object, values: object): Automation | undefined {
  const object = {
    apiVersion: 'helm.fluxcd.io/v1',
    metadata: { name: 'web', namespace: 'apps', annotations },
    spec: { chart: { repository: 'http://c.test', name: 'web', version: '1' }, values },
  };
  return decodeHelmRelease(decodeJson(JSON.stringify(object)) as ValueMap).automation;
}

const AUTOMATED = { 'fluxcd.io/automated': 'true' };

/** Values → containers that are found in them. Source: spec helm-operator.md §6 */
const FOUND: readonly (readonly [values: object, containers: readonly string[]])[] = [
  [{ image: 'repo/img:1' }, ['chart-image repo/img:1']],
  [{ image: 'repo/img', tag: '1' }, ['chart-image repo/img:1']],
  [{ registry: 'r.test', image: 'img', tag: '1' }, ['chart-image r.test/img:1']],
  [{ image: { repository: 'img', registry: 'r.test', tag: '2' } }, ['chart-image r.test/img:2']],
  [{ image: { repository: 'img', tag: 3 } }, ['chart-image img']],
  [
    { b: { image: 'b:1' }, a: { image: 'a:1' }, image: 'z:1' },
    ['chart-image z:1', 'a a:1', 'b b:1'],
  ],
  [{ a: { deep: { image: 'no:1' } } }, []],
];

for (const [values, containers] of FOUND)
  test(`images in ${JSON.stringify(values)}`, () => {
    const found = decode(AUTOMATED, values)?.containers ?? [];
    assert.deepEqual(
      found.map(({ name, image }) => `${name} ${image}`),
      containers,
    );
  });

test('annotations say which tags, who locked it, and where parts of an image stand', () => {
  const automation = decode(
    {
      'flux.weave.works/automated': 'true',
      'fluxcd.io/locked': 'true',
      'fluxcd.io/locked_user': 'ann',
      'fluxcd.io/locked_msg': 'not today',
      'fluxcd.io/tag.chart-image': 'semver:~1.0',
      'filter.fluxcd.io/side': 'v*',
      'repository.fluxcd.io/side': 'sidecar.from.name',
      'tag.fluxcd.io/side': 'sidecar.version',
    },
    { image: 'main:1.0.0', sidecar: { from: { name: 'r.test/side' }, version: 'v2' } },
  );
  assert.deepEqual(automation, {
    isAutomated: true,
    isLocked: true,
    lockedBy: 'ann',
    lockedWhy: 'not today',
    containers: [
      { name: 'chart-image', image: 'main:1.0.0', filter: 'semver:~1.0' },
      { name: 'side', image: 'r.test/side:v2', filter: 'glob:v*' },
    ],
  });
});

test('nothing is asked for without such annotations', () => {
  assert.equal(decode({}, { image: 'a:1' }), undefined);
  assert.equal(decode({ 'helm.fluxcd.io/migrate': 'true' }, { image: 'a:1' }), undefined);
  assert.equal(decode({ 'fluxcd.io/automated': 'yes' }, {})?.isAutomated, false);
  assert.equal(isAboutAutomation('fluxcd.io/ignore'), false);
});
