// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';

const MESSAGE = 'difference detected during release comparison';

/** Log lines with that message, parsed. */
function diffsOf(world: ReconcileWorld): readonly string[] {
  return world
    .logText()
    .split('\n')
    .filter((line) => line.includes(MESSAGE))
    .map((line) => (JSON.parse(line) as { diff: string }).diff);
}

async function upgraded(arePlansLogged: boolean): Promise<ReconcileWorld> {
  const spec = { valuesFrom: [{ secretKeyRef: { name: 'login', key: 'values.yaml' } }] };
  const world = new ReconcileWorld({ arePlansLogged, spec });
  const data = { 'values.yaml': Buffer.from('password: open-sesame\n').toString('base64') };
  const metadata = { name: 'login', namespace: 'default' };
  world.cluster.seed({ apiVersion: 'v1', kind: 'Secret', metadata, data });
  await world.start({ colour: 'blue' });
  await world.turn();
  await world.edit({ colour: 'green' });
  await world.turn();
  return world;
}

test('--log-release-diffs logs what each upgrade changes, without what came from Secrets', async () => {
  const [first = '', second = '', ...more] = diffsOf(await upgraded(true));
  assert.deepEqual(more, []);
  assert.match(first, /\+ create ConfigMap/);
  assert.match(second, /~ change ConfigMap/);
  assert.match(second, /blue/);
  assert.match(second, /green/);
  assert.doesNotMatch(first + second, /open-sesame/);
});

test('without it no difference is logged', async () => {
  assert.deepEqual(diffsOf(await upgraded(false)), []);
});
