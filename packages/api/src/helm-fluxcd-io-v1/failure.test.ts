// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../evidence.ts';
import { NO_MEMORY } from '../release-memory.ts';
import type { ReleaseOutcome } from '../release-outcome.ts';
import { type HelmReleaseStatus, withOutcome } from './status.ts';

const FIRST = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:10:00Z';
const EVIDENCE: Evidence = {
  broken: 'ready',
  reason: 'wait-timeout',
  message: 'timed out',
  retry: 'transient',
  mend: undefined,
  culprits: [{ object: 'Deployment apps/web', pod: 'web-1', reason: 'OOMKilled', mend: undefined }],
};

function outcome(change: Partial<ReleaseOutcome>): ReleaseOutcome {
  return {
    ...{ phase: 'deploy-failed', generation: 1, releaseName: 'web', namespace: 'apps' },
    memory: NO_MEMORY,
    ...change,
  };
}

const failed = (status: HelmReleaseStatus, nowIso: string, change: Partial<ReleaseOutcome> = {}) =>
  withOutcome(status, outcome({ evidence: EVIDENCE, reason: 'timed out', ...change }), nowIso);

test('a failure says which link broke, who is to blame and when it is tried again', () => {
  const next = { kind: 'at', timeMs: Date.parse('2026-01-01T00:00:30.400Z') } as const;
  assert.deepEqual(failed({}, FIRST, { next }).failure, {
    link: 'ready',
    chain: 'source ok, chart ok, values ok, render ok, apply ok, ready failed',
    reason: 'wait-timeout',
    message: 'timed out',
    retry: 'transient',
    culprits: [{ object: 'Deployment apps/web', pod: 'web-1', reason: 'OOMKilled' }],
    since: FIRST,
    nextAttempt: '2026-01-01T00:00:30Z',
  });
});

test('what comes next may be told later, and changes', () => {
  const first = failed({}, FIRST);
  assert.equal(first.failure?.nextAttempt, undefined);
  const told = withOutcome(
    first,
    outcome({ phase: 'stalled', next: { kind: 'at', timeMs: Date.parse(LATER) } }),
    FIRST,
  );
  assert.equal(told.failure?.nextAttempt, LATER);
  const stalled = withOutcome(
    told,
    outcome({ phase: 'stalled', next: { kind: 'on-change' } }),
    LATER,
  );
  assert.equal(stalled.failure?.nextAttempt, undefined);
  assert.equal(stalled.failure?.waitsForChange, true);
});

test('the same failure again changes nothing, in whatever order the fields come back', () => {
  const next = { kind: 'on-change' } as const;
  const first = failed({}, FIRST, { next });
  const sorted = JSON.parse(JSON.stringify(first, sortedKeys)) as HelmReleaseStatus;
  assert.deepEqual(failed(sorted, LATER, { next }), sorted);
  const other = failed(sorted, LATER, { evidence: { ...EVIDENCE, broken: 'apply' }, next });
  assert.equal(other.failure?.since, LATER);
});

/** As the API server gives objects back. */
function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('it stays while another attempt runs, and goes when one succeeds', () => {
  const first = failed({}, FIRST);
  const running = withOutcome(first, outcome({ phase: 'upgrading' }), LATER);
  assert.equal(running.failure?.link, 'ready');
  const good = withOutcome(running, outcome({ phase: 'succeeded' }), LATER);
  assert.equal('failure' in good, false);
});

test('nothing is told of a next attempt where nothing failed', () => {
  const status = withOutcome({}, outcome({ phase: 'succeeded' }), FIRST);
  const next = { kind: 'on-change' } as const;
  assert.deepEqual(withOutcome(status, outcome({ phase: 'stalled', next }), LATER), status);
});

test('a release that somebody else changed when no attempt is left is no success', () => {
  const status = withOutcome({}, outcome({ phase: 'succeeded' }), FIRST);
  const reason = 'Failed to upgrade after 1 attempt(s)';
  const stalled = withOutcome(status, outcome({ phase: 'stalled', reason }), LATER);
  assert.equal(stalled.phase, 'Failed');
  const released = stalled.conditions?.find(({ type }) => type === 'Released');
  assert.equal(released?.status, 'False');
  assert.ok(released?.message?.endsWith(reason));
});

test('the same objects fail since the first time, whatever their pods are called by now', () => {
  const again = {
    ...EVIDENCE,
    message: 'timed out: web-2',
    culprits: [{ object: 'Deployment apps/web', pod: 'web-2' }],
  };
  const second = failed(failed({}, FIRST), LATER, { evidence: again });
  assert.equal(second.failure?.since, FIRST);
  assert.equal(second.failure?.culprits?.[0]?.pod, 'web-2');
  const other = { ...again, culprits: [{ object: 'Deployment apps/db' }] };
  assert.equal(failed(second, LATER, { evidence: other }).failure?.since, LATER);
});

test('what was done about a failure is told until the next attempt', () => {
  const next = { kind: 'on-change' } as const;
  const undone = withOutcome(
    failed({}, FIRST),
    outcome({ phase: 'stalled', next, remedy: 'rolled back to revision 1' }),
    FIRST,
  );
  assert.equal(undone.failure?.remedy, 'rolled back to revision 1');
  assert.equal(failed(undone, LATER).failure?.remedy, undefined);
});

test('who is held keeps what is known, and hears why', () => {
  const released = withOutcome({}, outcome({ phase: 'succeeded' }), FIRST);
  const held = withOutcome(released, outcome({ phase: 'held', reason: 'suspended' }), LATER);
  const [condition] = held.conditions ?? [];
  assert.equal(condition?.status, 'True');
  assert.equal(condition.lastTransitionTime, FIRST);
  assert.equal(condition.message, "Nothing is done for Helm release 'web' in 'apps': suspended");
  assert.equal(held.observedGeneration, released.observedGeneration);
  const fresh = withOutcome({}, outcome({ phase: 'held', reason: 'suspended' }), FIRST);
  assert.equal(fresh.conditions?.[0]?.status, 'Unknown');
  assert.deepEqual(
    withOutcome(held, outcome({ phase: 'succeeded' }), LATER).conditions?.[0]?.message,
    "Release was successful for Helm release 'web' in 'apps'.",
  );
});
