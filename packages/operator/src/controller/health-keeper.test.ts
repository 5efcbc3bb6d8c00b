// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReleaseHealth } from '@helm-operator/api';
import type { ObjectRef, Verdict } from '@helm-operator/kube';
import { FakeClock } from '../../../../test/kit/fake-clock.ts';
import { HealthKeeper } from './health-keeper.ts';
import { canBeUnready, healthOf } from './release-health.ts';

const refOf = (kind: string, apiVersion = 'apps/v1'): ObjectRef => ({
  ...{ apiVersion, kind, namespace: 'apps', name: 'web' },
});
const DEPLOYMENT = refOf('Deployment');
const STATEFUL_SET = refOf('StatefulSet');
const CONFIG_MAP = refOf('ConfigMap', 'v1');
const verdict = (status: Verdict['status'], message = ''): Verdict => ({
  ...{ status, message, reason: '' },
});
const READY = verdict('Current');
const STARTING = verdict('InProgress', 'Available: 0/1');

test('the worst object counts, and is told first', () => {
  const seen = (one: Verdict | undefined, two: Verdict | undefined) =>
    healthOf([
      { ref: DEPLOYMENT, verdict: one },
      { ref: STATEFUL_SET, verdict: two },
    ]);
  assert.deepEqual(seen(READY, READY), { state: 'Healthy', ready: 2, total: 2, notReady: [] });
  const cases: readonly (readonly [Verdict | undefined, string])[] = [
    [STARTING, 'Progressing'],
    [verdict('Terminating'), 'Progressing'],
    [verdict('Failed'), 'Unhealthy'],
    [verdict('NotFound'), 'Unhealthy'],
    [undefined, 'Unknown'],
  ];
  for (const [other, state] of cases) assert.equal(seen(READY, other).state, state);
  const both = seen(STARTING, verdict('Failed', 'no'));
  assert.deepEqual([both.state, both.ready, both.total], ['Unhealthy', 0, 2]);
  assert.deepEqual(
    both.notReady.map(({ object }) => object),
    ['StatefulSet apps/web', 'Deployment apps/web'],
  );
  assert.equal(healthOf([]).state, 'Healthy');
});

test('kinds that are ready when they exist are not watched', () => {
  const kinds: readonly (readonly [ObjectRef, boolean])[] = [
    [DEPLOYMENT, true],
    [refOf('Job', 'batch/v1'), true],
    [refOf('Service', 'v1'), true],
    [refOf('Certificate', 'cert-manager.io/v1'), true],
    [refOf('ConfigMap', 'example.org/v1'), true],
    [CONFIG_MAP, false],
    [refOf('CronJob', 'batch/v1'), false],
    [refOf('Role', 'rbac.authorization.k8s.io/v1'), false],
    [refOf('Ingress', 'networking.k8s.io/v1'), false],
  ];
  for (const [ref, expected] of kinds)
    assert.equal(canBeUnready(ref), expected, `${ref.apiVersion} ${ref.kind}`);
});

class Bed {
  readonly clock = new FakeClock();
  readonly told: ReleaseHealth[] = [];
  readonly examined: string[] = [];
  readonly troubles: unknown[] = [];
  verdict: Verdict | undefined = STARTING;
  isDown = false;
  readonly keeper: HealthKeeper;
  readonly patient = {
    objects: [DEPLOYMENT, CONFIG_MAP],
    tell: async (health: ReleaseHealth): Promise<void> => {
      if (this.isDown) throw new Error('down');
      this.told.push(health);
    },
    examine: async ({ name }: ObjectRef) => {
      this.examined.push(name);
      return { pod: 'web-1', reason: 'ImagePullBackOff' };
    },
  };

  constructor() {
    this.keeper = new HealthKeeper({
      ...{ clock: this.clock, random: () => 0 },
      sight: { watch: async () => undefined, verdictOf: () => this.verdict },
      onTrouble: (error) => this.troubles.push(error),
    });
    void this.keeper.run();
    this.keeper.follow('apps/web', this.patient);
  }

  states(): readonly string[] {
    return this.told.map(({ state, ready, total }) => `${state} ${ready}/${total}`);
  }
}

test('told at once; why, a little later; then nothing until something changes', async () => {
  const bed = new Bed();
  await bed.clock.advance(0);
  assert.deepEqual(bed.states(), ['Progressing 0/1'], 'the ConfigMap does not count');
  assert.deepEqual(bed.examined, []);
  await bed.clock.advance(2_000);
  const [entry] = bed.told.at(-1)?.notReady ?? [];
  assert.deepEqual(
    [entry?.pod, entry?.reason, entry?.message],
    ['web-1', 'ImagePullBackOff', 'Available: 0/1'],
  );
  await bed.clock.advance(3_600_000);
  assert.equal(bed.told.length, 2, 'the same is told once');
  assert.equal(bed.examined.length, 4, 'the closer looks end');

  bed.verdict = READY;
  bed.keeper.changed('apps/web');
  await bed.clock.advance(500);
  assert.deepEqual(bed.states().at(-1), 'Healthy 1/1');
  await bed.clock.advance(3_600_000);
  assert.equal(bed.examined.length, 4, 'what is healthy is not examined');
  await bed.keeper.stop();
});

test('what could not be told is told again; a new revision of the same objects asks nothing', async () => {
  const bed = new Bed();
  bed.isDown = true;
  bed.verdict = READY;
  await bed.clock.advance(0);
  assert.equal(bed.troubles.length, 1);
  bed.isDown = false;
  await bed.clock.advance(60_000);
  assert.deepEqual(bed.states(), ['Healthy 1/1']);
  bed.keeper.follow('apps/web', bed.patient);
  await bed.clock.advance(60_000);
  assert.equal(bed.told.length, 1);
  bed.keeper.forget('apps/web');
  bed.verdict = STARTING;
  bed.keeper.changed('apps/web');
  await bed.clock.advance(60_000);
  assert.equal(bed.told.length, 1, 'a forgotten release is not looked at');
  await bed.keeper.stop();
});
