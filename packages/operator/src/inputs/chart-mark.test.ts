// SPDX-License-Identifier: Apache-2.0

/** What of a chart makes a new release, trigger by trigger. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChartTrigger, ReleaseIntent } from '@helm-operator/api';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';

/** Trigger → whether another content, and a commit elsewhere, are released. */
const ROWS: readonly [ChartTrigger | undefined, boolean, boolean][] = [
  [undefined, true, false],
  ['content', true, false],
  ['version', false, false],
  ['revision', true, true],
];

async function actionsOf(world: ReconcileWorld): Promise<readonly string[]> {
  const before = world.actions.length;
  await world.turn();
  return world.actions.slice(before);
}

for (const [trigger, ofContent, ofCommit] of ROWS) {
  test(`trigger ${trigger ?? 'as it is'}`, async () => {
    let current = trigger;
    const world = new ReconcileWorld({
      intent: (intent: ReleaseIntent) => ({
        ...intent,
        chart: { ...intent.chart, trigger: current },
      }),
    });
    await world.start({ n: 1 });
    assert.deepEqual(await actionsOf(world), ['install']);
    assert.deepEqual(await actionsOf(world), []);
    world.commitElsewhere();
    assert.deepEqual(await actionsOf(world), ofCommit ? ['upgrade'] : []);
    world.changeChart();
    world.commitElsewhere();
    assert.deepEqual(await actionsOf(world), ofContent ? ['upgrade'] : []);
    // Another trigger alone is no other chart.
    current = trigger === 'revision' ? 'content' : 'revision';
    if (ofContent) assert.deepEqual(await actionsOf(world), []);
  });
}
