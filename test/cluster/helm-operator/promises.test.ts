// SPDX-License-Identifier: Apache-2.0

/**
 * Everything Helm Operator promised, on the real control plane: its end-to-end cases by behaviour, and what it promised without keeping it.
 * All cases share one operator and a namespace; a sample of them in `npm test`, all of them in `npm run test:stories`.
 */

import assert from 'node:assert/strict';
import type { OperatorProcess } from '../../kit/operator-process.ts';
import { type Story, story } from '../operator/story.ts';
import { OPTION_CASES } from './option-cases.ts';
import { promiseChart } from './promise-chart.ts';
import { Promised, type PromisedCase } from './promised.ts';
import { ROLLBACK_CASES } from './rollback-cases.ts';
import { STORAGE_CASES } from './storage-cases.ts';
import { TEST_CASES } from './test-cases.ts';

const ALL: readonly PromisedCase[] = [
  ...STORAGE_CASES,
  ...ROLLBACK_CASES,
  ...TEST_CASES,
  ...OPTION_CASES,
];
const isLong = process.env['LONG'] === 'true';
const CHOSEN = isLong ? ALL : ALL.filter(({ isSample }) => isSample === true);
const AT_ONCE = 6;

story(`${CHOSEN.length} promises of ${isLong ? 'all' : 'a sample'} are kept`, async (told) => {
  told.repository.add(await promiseChart());
  const args = ['--charts-sync-interval=5s', '--workers=8'];
  const operator = await told.operator({ args });
  const world = new Promised(told, () => operator.log());
  const left = CHOSEN.map((one) => ({
    ...one,
    name: `p${ALL.findIndex((c) => c.title === one.title)}`,
  }));
  const broken: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { title, name, tell } = next;
      try {
        await tell(world, name);
      } catch (cause) {
        const log = world.logged(name).slice(-12).join('\n');
        broken.push(new Error(`${title} (${name}): ${String(cause)}\n${log}`, { cause }));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  assert.equal(broken.length, 0, broken.map(String).join('\n\n'));
  assert.equal(operator.exitCode(), null, 'the operator never ended');
  await awayAndBack(told, operator, world);
});

/** Deleted while nobody looks: gone as soon as somebody does. */
async function awayAndBack(told: Story, operator: OperatorProcess, world: Promised): Promise<void> {
  await world.apply('away');
  await world.released('away');
  await operator.stop();
  await world.remove('away');
  assert.ok((await world.view('away')) !== undefined, 'its finalizer holds it');
  await told.operator();
  await world.untilThat('away is gone', async () => (await world.view('away')) === undefined);
  assert.equal(await world.message('away'), undefined);
}
