// SPDX-License-Identifier: Apache-2.0

/**
 * (helm 3.22, helm 4.2, our engine as either) × (install, upgrade, rollback, test, uninstall): one makes, the other continues, in every
 * pair. Each pair with us in it is compared, step by step, with the same pair of real Helms: outcome, decoded records, live objects,
 * which objects and pods were replaced. `MATRIX_REFERENCE='helm3 then helm4'` runs only the pairs that must be like that one.
 */

import assert from 'node:assert/strict';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import { until } from '../../kit/helm-release.ts';
import { clusterTest } from '../../kit/shared-plane.ts';
import { compareSights, inParallel, runChain, type Sight, withStage } from './chain.ts';
import { SCENARIOS, type Scenario } from './matrix-scenarios.ts';
import { ACTORS, type Actor } from './moves.ts';
import { WEB_PATHS, WIDGET_CRD, webChart } from './web-chart.ts';

const CHAINS_AT_ONCE = 6;

type Pair = readonly [Actor, Actor];

const PAIRS: readonly Pair[] = ACTORS.flatMap((first) =>
  ACTORS.map((second): Pair => [first, second]),
);

const REFERENCE = process.env['MATRIX_REFERENCE'];

const nameOf = (pair: Pair): string => pair.map(({ name }) => name).join(' then ');
/** The pair of real Helms that a pair must be like. */
const referenceOf = (pair: Pair): string => pair.map(({ profile }) => profile).join(' then ');

const CHOSEN = PAIRS.filter((pair) => REFERENCE === undefined || referenceOf(pair) === REFERENCE);

async function serveWidgets(plane: ControlPlane): Promise<void> {
  await plane.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', WIDGET_CRD);
  await until(
    'widgets are served',
    async () => (await plane.call('GET', '/apis/pets.test/v1/widgets')).status === 200,
  );
}

async function compareAll(plane: ControlPlane, scenario: Scenario): Promise<readonly string[]> {
  const archives = new Map([
    ['web', webChart('1.0.0')],
    ['web2', webChart('2.0.0')],
  ]);
  const sights = new Map<string, readonly Sight[]>();
  await withStage(plane, archives, async (stage) => {
    const options = { paths: WEB_PATHS, hasManagedFields: scenario.hasManagedFields };
    await inParallel(CHAINS_AT_ONCE, CHOSEN, async (pair) => {
      sights.set(
        nameOf(pair),
        await runChain(stage, pair, scenario.steps, {
          ...options,
          isMixed: pair[0].profile !== pair[1].profile,
        }),
      );
    });
  });
  return CHOSEN.filter((pair) => nameOf(pair) !== referenceOf(pair)).flatMap((pair) => {
    const [ours, theirs] = [sights.get(nameOf(pair)), sights.get(referenceOf(pair))];
    return compareSights(scenario.steps, ours ?? [], theirs ?? []).map(
      (line) => `${nameOf(pair)}: ${line}`,
    );
  });
}

for (const scenario of SCENARIOS) {
  if (scenario.isLong && process.env['LONG'] !== 'true') continue;
  clusterTest(`interoperation: ${scenario.name}, every pair of engines`, async (plane) => {
    await serveWidgets(plane);
    const differences = await compareAll(plane, scenario);
    assert.ok(
      differences.length === 0,
      `${differences.length} differences:\n${differences.join('\n')}`,
    );
  });
}
