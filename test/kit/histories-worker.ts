// SPDX-License-Identifier: Apache-2.0

/** Plays random histories on fake clusters, on a thread of its own: there nobody tracks promises. */

import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { histories, playHistory, VALUES_FROM_INPUTS, withPolicies } from './histories.ts';
import { ReconcileWorld } from './reconcile-world.ts';

const { numRuns, seed } = workerData as { readonly numRuns: number; readonly seed: number };
await fc.assert(
  fc.asyncProperty(histories, async (history) => {
    const world = new ReconcileWorld({
      spec: VALUES_FROM_INPUTS,
      intent: (intent) => withPolicies(history, intent),
    });
    await playHistory(history, world);
  }),
  { numRuns, seed },
);
parentPort?.postMessage('done');
