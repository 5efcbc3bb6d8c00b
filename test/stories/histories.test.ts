// SPDX-License-Identifier: Apache-2.0

/**
 * Twenty random histories are the same on a real control plane and on the fake cluster: every turn does the same actions, ends the same way
 * and leaves the same revisions, phase and counters. `HISTORIES` says how many, `SEED` which.
 *
 * This proves the fake cluster, which plays thousands a minute (`packages/operator/src/reconcile/histories.test.ts`), as much as the operator.
 */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { installCrd } from '../kit/helm-release.ts';
import {
  type History,
  histories,
  playHistory,
  VALUES_FROM_INPUTS,
  withPolicies,
} from '../kit/histories.ts';
import { inParallel } from '../kit/in-parallel.ts';
import { ReconcileWorld } from '../kit/reconcile-world.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';
import { round, tellFigures } from './figures.ts';
import { parameter } from './fleet.ts';
import { openRealPorts, RealWorld } from './real-world.ts';

const HISTORIES = parameter('HISTORIES', 20, 3);
const SEED = Number(process.env['SEED'] ?? 42);
const AT_ONCE = 4;

clusterTest(`${HISTORIES} random histories go as on the fake cluster`, async (plane) => {
  await installCrd(plane);
  const real = await openRealPorts(plane);
  const sample = fc.sample(histories, { numRuns: HISTORIES, seed: SEED });
  const startedMs = performance.now();
  let turns = 0;
  try {
    await inParallel(sample, AT_ONCE, async (history: History) => {
      const intent = withPolicies.bind(undefined, history);
      const expected = await playHistory(
        history,
        new ReconcileWorld({ intent, spec: VALUES_FROM_INPUTS }),
      );
      const namespace = await makeNamespace(plane, 'history');
      const world = new RealWorld({ plane, namespace, real, intent });
      assert.deepEqual(await playHistory(history, world), expected, JSON.stringify(history));
      turns += expected.length;
    });
  } finally {
    await real.close();
  }
  tellFigures('histories', {
    histories: HISTORIES,
    turns,
    seconds: round((performance.now() - startedMs) / 1000),
  });
});
