// SPDX-License-Identifier: Apache-2.0

/** Rollbacks, and what follows a failure. Source: spec helm-operator.md §2.6, §3.1, §10.3 (6 to 10). */

import assert from 'node:assert/strict';
import type { PromisedCase } from './promised.ts';

const BAD = { message: 'bad', outcome: 'pull' };
const GOOD = { message: 'good' };
const rollback = (more: object = {}) => ({ enable: true, wait: true, timeout: 60, ...more });

export const ROLLBACK_CASES: readonly PromisedCase[] = [
  {
    title: 'rollback: a failed upgrade is rolled back, a good spec ends it',
    isSample: true,
    tell: async (world, name) => {
      await world.apply(name, { rollback: rollback() });
      await world.released(name);
      await world.apply(name, { rollback: rollback(), values: BAD });
      await world.condition(name, 'RolledBack', 'True');
      await world.released(name, 'False');
      assert.equal((await world.view(name))?.status['rollbackCount'], 1);
      assert.equal((await world.view(name))?.phase, 'RolledBack');
      assert.deepEqual(await world.history(name), ['superseded', 'failed', 'deployed']);
      assert.equal(await world.message(name), 'hello');
      const config = JSON.stringify(await world.object(`/api/v1/namespaces/NS/configmaps/${name}`));
      assert.ok(config.includes(`:helmrelease/${name}"`), 'it is still marked');
      await world.apply(name, { rollback: rollback(), values: GOOD });
      const view = await world.released(name);
      assert.equal(view.status['rollbackCount'], undefined);
      assert.ok(!view.conditions.some(({ type }) => type === 'RolledBack'));
      assert.equal(await world.message(name), 'good');
    },
  },
  {
    title: 'rollback: with retry as often as maxRetries says, and no more',
    tell: async (world, name) => {
      const again = rollback({ retry: true, maxRetries: 1 });
      await world.apply(name, { rollback: again });
      await world.released(name);
      await world.apply(name, { rollback: again, values: BAD });
      await world.until(name, 'rolled back twice', ({ status }) => status['rollbackCount'] === 2);
      await world.untilThat(`${name} rests`, async () =>
        world.logged(name).some((line) => line.includes('stalled')),
      );
      assert.deepEqual((await world.history(name)).slice(-4), [
        ...['failed', 'superseded', 'failed', 'deployed'],
      ]);
      await world.apply(name, { rollback: again, values: GOOD });
      assert.equal((await world.released(name)).status['rollbackCount'], undefined);
    },
  },
  {
    title: 'rollback: what left no revision is not rolled back',
    tell: async (world, name) => {
      await world.apply(name, { rollback: rollback() });
      await world.released(name);
      await world.apply(name, { rollback: rollback(), values: { replicas: 'faulty' } });
      const view = await world.released(name, 'False');
      assert.deepEqual(await world.history(name), ['deployed']);
      assert.equal(view.status['rollbackCount'], undefined);
      const released = view.conditions.find(({ type }) => type === 'Released');
      assert.match(released?.message ?? '', /replicas/);
    },
  },
  {
    title: 'rollback: off, the failed revision stays, and a good spec mends it',
    tell: async (world, name) => {
      await world.apply(name, { wait: true });
      await world.released(name);
      await world.apply(name, { wait: true, values: BAD });
      await world.released(name, 'False');
      await world.condition(name, 'Deployed', 'False');
      assert.ok(!(await world.history(name)).includes('pending-rollback'));
      assert.equal((await world.history(name)).at(-1), 'failed');
      await world.apply(name, { wait: true, values: GOOD });
      await world.released(name);
      assert.equal((await world.history(name)).at(-1), 'deployed');
    },
  },
  {
    title: 'rollback: one that fails says so, and disableHooks leaves its hook out',
    tell: async (world, name) => {
      const values = { rollbackOutcome: 'fail' };
      await world.apply(name, { rollback: rollback(), values });
      await world.released(name);
      await world.apply(name, { rollback: rollback(), values: { ...values, ...BAD } });
      await world.condition(name, 'RolledBack', 'False');
      const spec = { rollback: rollback({ disableHooks: true, force: true, recreate: true }) };
      await world.apply(name, { ...spec, values: { ...values, ...GOOD } });
      await world.released(name);
      await world.apply(name, { ...spec, values: { ...values, ...BAD } });
      await world.condition(name, 'RolledBack', 'True');
      assert.equal(await world.message(name), 'good');
    },
  },
  {
    title: 'install: a failed one is purged and tried again',
    tell: async (world, name) => {
      await world.apply(name, { wait: true, values: BAD });
      await world.released(name, 'False');
      await world.untilThat(`${name} is purged`, async () =>
        world.logged(name).some((line) => line.includes('running uninstall')),
      );
      await world.apply(name, { wait: true, values: GOOD });
      await world.released(name);
      assert.deepEqual(await world.history(name), ['deployed']);
    },
  },
];
