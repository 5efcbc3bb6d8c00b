// SPDX-License-Identifier: Apache-2.0

/** Random histories of one HelmRelease end as they should. `HISTORIES` says how many, `SEED` which. */

import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

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
