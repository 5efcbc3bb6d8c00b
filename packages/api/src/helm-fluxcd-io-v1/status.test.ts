// SPDX-License-Identifier: Apache-2.0

/** Conditions, counters and generations as the original's status has them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_MEMORY } from '../release-memory.ts';
import type { ReleaseOutcome } from '../release-outcome.ts';
import { type HelmReleaseStatus, withOutcome } from './status.ts';

const FIRST = '2026-01-01T00:00:00Z';
const LATER = '2026-01-02T00:00:00Z';

function told(
  status: HelmReleaseStatus,
  outcome: Partial<ReleaseOutcome>,
  nowIso = FIRST,
): HelmReleaseStatus {
  const whole: ReleaseOutcome = {
    ...{ phase: 'succeeded', generation: 1, releaseName: 'web', namespace: 'apps' },
    memory: NO_MEMORY,
    ...outcome,
  };
  return withOutcome(status, whole, nowIso);
}

const shown = ({ conditions = [] }: HelmReleaseStatus) =>
  conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

test('phases: each has its conditions, with the phase as reason and the words of the original', () => {
  const rows: readonly (readonly [ReleaseOutcome['phase'], string, readonly string[], string])[] = [
    ['chart-fetched', 'ChartFetched', ['ChartFetched=True'], 'Chart fetch was successful for'],
    [
      'chart-fetch-failed',
      'ChartFetchFailed',
      ['ChartFetched=False', 'Released=False'],
      'Chart fetch failed for',
    ],
    ['installing', 'Installing', ['Deployed=Unknown'], 'Running installation for'],
    ['upgrading', 'Upgrading', ['Deployed=Unknown'], 'Running upgrade for'],
    ['deployed', 'Deployed', ['Deployed=True'], 'Installation or upgrade succeeded for'],
    [
      'deploy-failed',
      'DeployFailed',
      ['Deployed=False', 'Released=False'],
      'Installation or upgrade failed for',
    ],
    ['testing', 'Testing', ['Tested=Unknown'], 'Testing'],
    ['tested', 'Tested', ['Tested=True'], 'Tested'],
    ['test-failed', 'TestFailed', ['Tested=False', 'Released=False'], 'Test failed for'],
    ['succeeded', 'Succeeded', ['Released=True'], 'Release was successful for'],
    ['failed', 'Failed', ['Released=False'], 'Release failed for'],
    ['rolling-back', 'RollingBack', ['RolledBack=Unknown'], 'Rolling back'],
    ['rolled-back', 'RolledBack', ['RolledBack=True'], 'Rolled back'],
    ['rollback-failed', 'RollbackFailed', ['RolledBack=False'], 'Rollback failed for'],
  ];
  for (const [phase, name, conditions, words] of rows) {
    const status = told({}, { phase });
    assert.equal(status.phase, name);
    assert.deepEqual(
      shown(status),
      conditions.map((condition) => `${condition} ${name}`),
    );
    for (const { message } of status.conditions ?? [])
      assert.equal(message, `${words} Helm release 'web' in 'apps'.`);
  }
});

test('conditions: the newest is last; a transition has its time, what says the same is not written', () => {
  let status = told({}, { phase: 'chart-fetched' });
  status = told(status, { phase: 'failed', reason: 'one' });
  status = told(status, { phase: 'failed', reason: 'two' }, LATER);
  const [, released] = status.conditions ?? [];
  assert.equal(released?.lastTransitionTime, FIRST);
  assert.equal(released?.lastUpdateTime, LATER);
  assert.deepEqual(
    told(status, { phase: 'failed', reason: 'two' }, '2026-02-01T00:00:00Z'),
    status,
  );
  status = told(status, { phase: 'succeeded' }, LATER);
  assert.equal(status.conditions?.at(-1)?.lastTransitionTime, LATER);
  status = told(status, { phase: 'chart-fetch-failed' }, LATER);
  assert.deepEqual(shown(status), [
    ...['ChartFetched=False ChartFetchFailed', 'Released=False ChartFetchFailed'],
  ]);
});

test('conditions: a success takes RolledBack and the count away; ignored tests leave Released alone', () => {
  const memory = { ...NO_MEMORY, failures: { install: 0, upgrade: 1 } };
  let status = told({}, { phase: 'rolled-back', memory });
  assert.equal(status.rollbackCount, 1);
  status = told(status, { phase: 'succeeded' });
  assert.equal(status.rollbackCount, undefined);
  assert.deepEqual(shown(status), ['Released=True Succeeded']);
  status = told(status, { phase: 'test-failed', canTestFail: true });
  assert.deepEqual(shown(status), ['Released=True Succeeded', 'Tested=False TestFailed']);
});

test('revisions: what was tried is told with the attempt, what is deployed with the success', () => {
  let status = told({}, { phase: 'installing', attempted: '1.0.0' });
  assert.equal(status.observedGeneration, undefined);
  status = told(status, { deployed: '1.0.0', attempted: '1.0.0', releaseStatus: 'deployed' });
  assert.deepEqual(
    [status.revision, status.releaseName, status.releaseStatus, status.observedGeneration],
    ['1.0.0', 'web', 'deployed', 1],
  );
  status = told(status, { phase: 'upgrading', attempted: '2.0.0', generation: 2 });
  status = told(status, { phase: 'deploy-failed', generation: 2 });
  assert.deepEqual(
    [status.revision, status.lastAttemptedRevision, status.observedGeneration],
    ['1.0.0', '2.0.0', 2],
  );
});
