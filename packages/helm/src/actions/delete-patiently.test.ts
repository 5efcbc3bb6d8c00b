// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeError } from '@helm-operator/kube';
import { configMap, Harness } from '../../../../test/kit/release-harness.ts';
import { install } from './install.ts';
import { upgrade } from './upgrade.ts';

const TWO = { documents: [configMap('a'), configMap('b')] };
const ONE = { documents: [configMap('a')] };

/** @returns a harness whose API server refuses that many deletions of `b` */
function troubled(code: KubeError['code']): { harness: Harness; left: number } {
  const world = {
    left: 0,
    harness: new Harness('helm3', {
      onCall: ({ verb, name }) => {
        if (verb !== 'delete' || name !== 'b' || world.left <= 0) return;
        world.left -= 1;
        throw new KubeError({ code, message: 'not now' });
      },
    }),
  };
  return world;
}

test('what is no longer wanted is deleted through short troubles of the API server', async () => {
  const world = troubled('kube/internal');
  const { harness } = world;
  await install(harness.options(TWO), harness.context());
  world.left = 4;
  await upgrade(harness.options(ONE), harness.context());
  assert.deepEqual(harness.objects(), ['ConfigMap/a']);
  assert.equal(world.left, 0);
});

test('long troubles fail the upgrade: the next one still knows the object', async () => {
  const world = troubled('kube/unreachable');
  const { harness } = world;
  await install(harness.options(TWO), harness.context());
  world.left = Infinity;
  await assert.rejects(upgrade(harness.options(ONE), harness.context()), {
    code: 'helm/action-failed',
    retry: 'transient',
    message: 'failed to delete resource ConfigMap b: not now',
  });
  assert.deepEqual(await harness.statuses(), ['1 deployed', '2 failed']);
  world.left = 0;
  await upgrade(harness.options(ONE), harness.context());
  assert.deepEqual(harness.objects(), ['ConfigMap/a']);
});

test('what may not be deleted stays, and the upgrade goes well, as with Helm 3', async () => {
  const world = troubled('kube/forbidden');
  const { harness } = world;
  await install(harness.options(TWO), harness.context());
  world.left = Infinity;
  await upgrade(harness.options(ONE), harness.context());
  assert.deepEqual(harness.objects(), ['ConfigMap/a', 'ConfigMap/b']);
  assert.deepEqual(await harness.statuses(), ['1 superseded', '2 deployed']);
});
