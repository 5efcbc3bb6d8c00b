// SPDX-License-Identifier: Apache-2.0

/** Random histories of one HelmRelease end as they should. `HISTORIES` says how many, `SEED` which. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type History, playHistory, withPolicies } from '../../../../test/kit/histories.ts';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';

const HISTORIES = Number(process.env['HISTORIES'] ?? 300);
const SEED = Number(process.env['SEED'] ?? 42);
const THREADS = Math.min(2, HISTORIES);
const WORKER = new URL('../../../../test/kit/histories-worker.ts', import.meta.url);

test(`${HISTORIES} random histories end as they should`, async (context) => {
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: THREADS }, async (_, i) => {
      const numRuns = Math.ceil(HISTORIES / THREADS);
      // What fails there fails here, with the seed that repeats it.
      const worker = new Worker(WORKER, { workerData: { numRuns, seed: SEED + i } });
      await once(worker, 'message');
      await worker.terminate();
    }),
  );
  const perMinute = (HISTORIES / (performance.now() - startedMs)) * 60_000;
  context.diagnostic(`${Math.round(perMinute)} histories a minute`);
});

test('new content of the same chart version is tried again after its tests were failed and it was rolled back', async () => {
  const history: History = {
    install: { remedy: 'none', retries: 0, mustRemedyLast: false, pace: { kind: 'at-once' } },
    upgrade: {
      remedy: 'rollback',
      retries: Infinity,
      mustRemedyLast: false,
      pace: { kind: 'at-once' },
    },
    hasTests: true,
    steps: [
      { event: { kind: 'resync' }, ends: [] },
      { event: { kind: 'chart' }, ends: ['bad-test'] },
    ],
  };
  const world = new ReconcileWorld({ intent: (intent) => withPolicies(history, intent) });
  const trace = await playHistory(history, world);
  assert.deepEqual(
    trace.filter((line) => line.includes('→')).map((line) => line.split(' →')[0]),
    ['install, test', 'upgrade, test, rollback', 'upgrade, test', 'upgrade, test'],
  );
});
