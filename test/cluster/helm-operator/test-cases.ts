// SPDX-License-Identifier: Apache-2.0

/** `helm test` after installs and upgrades. Source: spec helm-operator.md §3.2, §10.3 (18 to 23). */

import assert from 'node:assert/strict';
import type { PromisedCase } from './promised.ts';

const tests = (more: object = {}) => ({ enable: true, timeout: 30, ...more });
const FAILS = { testOutcome: 'fail' };
const has = (conditions: readonly string[], wanted: string) =>
  assert.ok(conditions.includes(wanted), `${wanted}: ${conditions.join(', ')}`);

export const TEST_CASES: readonly PromisedCase[] = [
  {
    title: 'tests: run after each install and upgrade, and at no other time',
    tell: async (world, name) => {
      await world.apply(name, { test: tests() });
      await world.released(name);
      has(await world.conditions(name), 'Tested=True');
      const pod = async () => {
        const object = await world.object(`/api/v1/namespaces/NS/pods/${name}-test`);
        return (object?.['metadata'] as { uid?: string } | undefined)?.uid;
      };
      const first = await pod();
      assert.ok(first !== undefined);
      assert.match(await world.helm('status', name), /TEST SUITE: +.*-test/);
      await world.apply(name, { test: tests(), values: { message: 'two' } });
      await world.released(name);
      has(await world.conditions(name), 'Tested=True');
      assert.notEqual(await pod(), first);
    },
  },
  {
    title: 'tests: one that fails after an install uninstalls it',
    tell: async (world, name) => {
      await world.apply(name, { test: tests(), values: FAILS });
      await world.released(name, 'False');
      has(await world.conditions(name), 'Tested=False');
      await world.untilThat(`${name} is purged`, async () =>
        world.logged(name).some((line) => line.includes('running uninstall')),
      );
      await world.apply(name, { test: tests() });
      await world.released(name);
      has(await world.conditions(name), 'Tested=True');
    },
  },
  {
    title: 'tests: one that fails after an upgrade keeps the release, and says so',
    tell: async (world, name) => {
      await world.apply(name, { test: tests() });
      await world.released(name);
      await world.apply(name, { test: tests(), values: { message: 'two', ...FAILS } });
      await world.released(name, 'False');
      has(await world.conditions(name), 'Tested=False');
      assert.equal(await world.message(name), 'two');
    },
  },
  {
    title: 'tests: with ignoreFailures the release counts',
    isSample: true,
    tell: async (world, name) => {
      const spec = { test: tests({ ignoreFailures: true }) };
      await world.apply(name, { ...spec, values: FAILS });
      const view = await world.released(name);
      has(await world.conditions(name), 'Tested=False');
      assert.equal(view.status['revision'], '1.0.0');
      await world.apply(name, { ...spec, values: { ...FAILS, replicas: 2 } });
      await world.released(name);
      has(await world.conditions(name), 'Tested=False');
      assert.equal(await world.replicas(name), 2);
    },
  },
  ...(['fail', 'hang'] as const).map(
    (testOutcome): PromisedCase => ({
      title: `tests: after an upgrade ${testOutcome} is rolled back`,
      tell: async (world, name) => {
        const spec = {
          test: tests(testOutcome === 'hang' ? { timeout: 2 } : {}),
          rollback: { enable: true, wait: true, timeout: 60 },
        };
        await world.apply(name, spec);
        await world.released(name);
        await world.apply(name, { ...spec, values: { message: 'two', testOutcome } });
        await world.condition(name, 'RolledBack', 'True');
        await world.released(name, 'False');
        assert.equal(await world.message(name), 'hello');
        await world.apply(name, { ...spec, values: { message: 'three' } });
        await world.released(name);
      },
    }),
  ),
];
