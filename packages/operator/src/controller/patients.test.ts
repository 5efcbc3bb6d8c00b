// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthStatus, ReleaseHealth } from '@helm-operator/api';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';
import type { TurnResult } from '../reconcile/context.ts';
import { HealthKeeper, type Patient } from './health-keeper.ts';
import { Patients } from './patients.ts';

/** A keeper that only notes whom it is given. */
class Notebook extends HealthKeeper {
  readonly followed: Patient[] = [];
  readonly forgotten: string[] = [];

  override follow(_key: string, patient: Patient): void {
    this.followed.push(patient);
  }

  override forget(key: string): void {
    this.forgotten.push(key);
  }
}

async function setUp() {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  const { cluster, clock } = world;
  const onTrouble = (error: unknown): never => {
    throw error;
  };
  const sight = { watch: async () => undefined, verdictOf: () => undefined };
  const keeper = new Notebook({ sight, clock, random: Math.random, onTrouble });
  const told: (ReleaseHealth | undefined)[] = [];
  const tell = async (
    _source: unknown,
    before: HealthStatus | undefined,
    health: ReleaseHealth | undefined,
  ) => {
    told.push(health);
    return before;
  };
  const { signal } = new AbortController();
  const patients = new Patients({ keeper, cluster, signal, tell, onTrouble });
  const turn = async (): Promise<TurnResult> => {
    const result = await world.turn();
    assert.ok(result !== 'crashed');
    return result;
  };
  return { world, keeper, told, patients, turn };
}

test('each revision is taken once, with the objects of its manifest', async () => {
  const { world, keeper, patients, turn } = await setUp();
  const first = await turn();
  await patients.take('default/web', first);
  await patients.take('default/web', await turn());
  assert.equal(keeper.followed.length, 1);
  assert.deepEqual(
    keeper.followed[0]?.objects.map(({ kind, name }) => `${kind}/${name}`),
    ['ConfigMap/web'],
  );
  await world.edit({ n: 2 });
  await patients.take('default/web', await turn());
  assert.equal(keeper.followed.length, 2);
});

test('what a custom resource says of itself is told without the secrets of the values', async () => {
  const { keeper, told, patients, turn } = await setUp();
  const result = await turn();
  const redact = (text: string): string => text.replaceAll('hunter2', '***');
  const message = `${'x'.repeat(296)} hunter2 is no password`;
  const health: ReleaseHealth = {
    ...{ state: 'Unhealthy', ready: 0, total: 1 },
    notReady: [{ object: 'Thing default/web', message }],
  };
  await patients.take('default/web', { ...result, redact: undefined });
  await keeper.followed[0]?.tell(health);
  assert.equal(
    told.at(-1)?.notReady[0]?.message,
    'told when the values of the release have been read',
  );
  await patients.take('default/web', { ...result, redact });
  await keeper.followed[0]?.tell(health);
  assert.equal(told.at(-1)?.notReady[0]?.message, `${'x'.repeat(296)} ***`);
});

test('where no release is left its health is taken back', async () => {
  const { keeper, told, patients, turn } = await setUp();
  const result = await turn();
  const health: HealthStatus = { state: 'Healthy', ready: '1/1', since: '2026-01-01T00:00:00Z' };
  await patients.take('default/web', { ...result, health });
  await patients.take('default/web', { ...result, record: undefined });
  assert.deepEqual(told, [undefined]);
  assert.deepEqual(keeper.forgotten, ['default/web']);
  await patients.take('default/web', { ...result, record: undefined, health: undefined });
  assert.equal(told.length, 1, 'there is nothing to take back');
});

test('a HelmRelease whose release is another one’s tells no health', async () => {
  const { keeper, told, patients, turn } = await setUp();
  const result = await turn();
  const health: HealthStatus = { state: 'Healthy', ready: '1/1', since: '2026-01-01T00:00:00Z' };
  await patients.take('default/twin', { ...result, isForeign: true, health });
  assert.equal(keeper.followed.length, 0);
  assert.deepEqual(told, [undefined], 'what it told before is taken back');
  await patients.take('default/twin', result);
  assert.equal(keeper.followed.length, 1, 'it may become the owner');
});
