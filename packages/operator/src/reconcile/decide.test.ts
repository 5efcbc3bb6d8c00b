// SPDX-License-Identifier: Apache-2.0
// Table: every decision of both original operators, with the line of the specification it comes from.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FailurePolicy, NO_MEMORY, type ReleaseMemory } from '@helm-operator/api';
import { type Doing, decide, type Situation } from './decide.ts';
import type { ReleaseState } from './state.ts';

const BACK_OFF = { kind: 'back-off' } as const;
const AT_ONCE = { kind: 'at-once' } as const;
const EVERY = { kind: 'every', afterMs: 300_000 } as const;

function policy(change: Partial<FailurePolicy>): FailurePolicy {
  return { remedy: 'none', retries: Infinity, mustRemedyLast: false, pace: BACK_OFF, ...change };
}

/** Helm Operator: a failed install is purged, a failed upgrade stays or is rolled back. */
const PURGE = policy({ remedy: 'uninstall', mustRemedyLast: true });
const KEEP = policy({});
const ROLLBACK = policy({ remedy: 'rollback', retries: 0, mustRemedyLast: true });
const ROLLBACK_RETRY = policy({ remedy: 'rollback', retries: 1, mustRemedyLast: true });
const ROLLBACK_ENDLESS = policy({ remedy: 'rollback', mustRemedyLast: true });
/** helm-controller: remediation with a budget, or retries at an interval. */
const REMEDIATE = policy({ remedy: 'rollback', retries: 0, pace: AT_ONCE });
const REMEDIATE_2 = policy({ remedy: 'rollback', retries: 2, mustRemedyLast: true, pace: AT_ONCE });
const UNINSTALL_1 = policy({ remedy: 'uninstall', retries: 1, pace: AT_ONCE });
const UNINSTALL_LAST = policy({
  remedy: 'uninstall',
  retries: 0,
  mustRemedyLast: true,
  pace: AT_ONCE,
});
const RETRY = policy({ pace: EVERY });

const ABSENT: ReleaseState = { kind: 'absent', why: 'none', hasHistory: false };
const GONE: ReleaseState = { kind: 'absent', why: 'uninstalled', hasHistory: true };
const UNMANAGED: ReleaseState = { kind: 'unmanaged', why: 'superseded' };
const CHANGED: ReleaseState = { kind: 'out-of-sync', why: 'changed' };
const IN_SYNC: ReleaseState = { kind: 'in-sync' };
const UNTESTED: ReleaseState = { kind: 'untested' };
const FAILED: ReleaseState = { kind: 'failed', why: 'failed', rollbackTo: 3, isOurs: true };
const FAILED_FIRST: ReleaseState = { ...FAILED, rollbackTo: undefined };
const FAILED_OF_OTHERS: ReleaseState = { ...FAILED, isOurs: false };
const DRIFTED: ReleaseState = { kind: 'drifted', objects: ['ConfigMap/a'] };
const locked = (
  recovery: 'wait' | 'resume' | 'unlock',
  change: Partial<Pick<Locked, 'isWanted' | 'begun'>> = {},
): ReleaseState => ({
  kind: 'locked',
  recovery: recovery === 'wait' ? { kind: 'wait', untilMs: 7 } : { kind: recovery },
  isWanted: true,
  begun: 'release',
  ...change,
});
type Locked = Extract<ReleaseState, { kind: 'locked' }>;

interface Row {
  readonly is: ReleaseState;
  readonly install?: FailurePolicy;
  readonly upgrade?: FailurePolicy;
  /** `install 2`: the last action and its failures. */
  readonly after?: string;
  readonly done?: readonly Doing['kind'][];
  readonly isForced?: boolean;
  readonly drift?: 'off' | 'warn' | 'correct';
  /** The action in a few words. */
  readonly gives: string;
  readonly by: string;
}

const ROWS: readonly Row[] = [
  // Helm Operator: which action (spec helm-operator.md §2.5).
  { by: 'ho §2.5.2', is: ABSENT, gives: 'install' },
  {
    by: 'ho §2.5.4, defect: of no known status; unlocked',
    is: locked('unlock', { isWanted: false }),
    gives: 'unlock',
  },
  {
    by: 'ho §2.5.6 rolled back, nothing changed, no retry: rests',
    is: CHANGED,
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'ho §2.5.6 rolled back, another chart or other values',
    is: CHANGED,
    upgrade: ROLLBACK,
    after: 'upgrade 0',
    gives: 'upgrade',
  },
  { by: 'ho §2.5.3', is: { kind: 'foreign', owner: 'a:helmrelease/b' }, gives: 'stalled NotOwned' },
  {
    by: 'ho §2.5.4, defect: kept history blocked for ever; we install',
    is: GONE,
    gives: 'install replace',
  },
  { by: 'ho §2.5.4, defect: failed blocked for ever; we upgrade', is: FAILED, gives: 'upgrade' },
  {
    by: 'ho §2.5.4, §2.6 a failed install is purged; what somebody else left failed is not',
    is: FAILED_OF_OTHERS,
    after: 'install 1',
    gives: 'upgrade',
  },
  { by: 'ho §2.5.4, defect: superseded blocked; we upgrade', is: UNMANAGED, gives: 'upgrade' },
  {
    by: 'ho §2.5.4, defect: pending blocked; ours is finished',
    is: locked('resume'),
    gives: 'resume',
  },
  {
    by: 'ho §2.5.4, defect: pending, no longer wanted',
    is: locked('resume', { isWanted: false }),
    gives: 'unlock',
  },
  {
    by: 'ho §2.5.4, defect: a foreign pending record is waited for',
    is: locked('wait'),
    gives: 'wait 7',
  },
  { by: 'ho §2.5.4, defect: and unlocked when it is late', is: locked('unlock'), gives: 'unlock' },
  {
    by: 'ours: an uninstall that was begun is finished',
    is: locked('resume', { begun: 'uninstall', isWanted: false }),
    gives: 'resume',
  },
  {
    by: 'ours: a rollback that was begun and still is due is finished, though nobody wants what it brings',
    is: locked('resume', { begun: 'rollback', isWanted: false }),
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    gives: 'resume-rollback',
  },
  {
    by: 'ours: and not where inputs are new, or a person asked',
    is: locked('resume', { begun: 'rollback' }),
    upgrade: ROLLBACK,
    after: 'upgrade 0',
    gives: 'unlock',
  },
  {
    by: 'ours: a rollback that was begun, then a forced upgrade',
    is: locked('resume', { begun: 'rollback' }),
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    isForced: true,
    gives: 'unlock',
  },
  {
    by: 'ours: the rollback was finished; it ends the turn as one that was not interrupted',
    is: CHANGED,
    upgrade: ROLLBACK_RETRY,
    after: 'upgrade 1',
    done: ['resume-rollback'],
    gives: 'retry back-off',
  },
  { by: 'ho §2.5.5, §2.5.7', is: CHANGED, gives: 'upgrade' },
  { by: 'ho §2.5.8', is: IN_SYNC, gives: 'done' },
  // Helm Operator: what follows (§2.6).
  { by: 'ho §2.6 install ok', is: IN_SYNC, after: 'install 0', done: ['install'], gives: 'done' },
  {
    by: 'ho §2.6 install ok, tests',
    is: UNTESTED,
    after: 'install 0',
    done: ['install'],
    gives: 'test',
  },
  {
    by: 'ho §2.6 install failed: purged',
    is: FAILED_FIRST,
    install: PURGE,
    after: 'install 1',
    done: ['install'],
    gives: 'uninstall',
  },
  {
    by: 'ho §2.6 purged: again later',
    is: ABSENT,
    install: PURGE,
    after: 'install 1',
    done: ['install', 'uninstall'],
    gives: 'retry back-off',
  },
  {
    by: 'ho §2.6 and again, without end',
    is: ABSENT,
    install: PURGE,
    after: 'install 9',
    gives: 'install',
  },
  {
    by: 'ours: a failed install may be kept',
    is: FAILED_FIRST,
    install: KEEP,
    after: 'install 1',
    done: ['install'],
    gives: 'retry back-off',
  },
  {
    by: 'ours: a kept one is upgraded',
    is: FAILED_FIRST,
    install: KEEP,
    after: 'install 1',
    gives: 'upgrade',
  },
  {
    by: 'ho §2.6 upgrade failed, no rollback: stays',
    is: FAILED,
    upgrade: KEEP,
    after: 'upgrade 1',
    done: ['upgrade'],
    gives: 'retry back-off',
  },
  {
    by: 'ho §2.6, defect: stuck after that; we try again',
    is: FAILED,
    upgrade: KEEP,
    after: 'upgrade 4',
    gives: 'upgrade',
  },
  {
    by: 'ho §3.1 upgrade failed: rolled back',
    is: FAILED,
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    done: ['upgrade'],
    gives: 'rollback 3',
  },
  {
    by: 'ho §3.1 no retry: rests',
    is: CHANGED,
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    done: ['upgrade', 'rollback'],
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'ho §3.1 no retry: rests at the next resync, too',
    is: CHANGED,
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'ho §3.1 a new generation is tried',
    is: CHANGED,
    upgrade: ROLLBACK,
    after: 'upgrade 0',
    gives: 'upgrade',
  },
  {
    by: 'ho §3.1 retry: one attempt a turn',
    is: CHANGED,
    upgrade: ROLLBACK_RETRY,
    after: 'upgrade 1',
    done: ['upgrade', 'rollback'],
    gives: 'retry back-off',
  },
  {
    by: 'ho §3.1 maxRetries 1: the second attempt',
    is: CHANGED,
    upgrade: ROLLBACK_RETRY,
    after: 'upgrade 1',
    gives: 'upgrade',
  },
  {
    by: 'ho §3.1 maxRetries 1: the second rollback',
    is: FAILED,
    upgrade: ROLLBACK_RETRY,
    after: 'upgrade 2',
    done: ['upgrade'],
    gives: 'rollback 3',
  },
  {
    by: 'ho §3.1 maxRetries 1: then none',
    is: CHANGED,
    upgrade: ROLLBACK_RETRY,
    after: 'upgrade 2',
    done: ['upgrade', 'rollback'],
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'ho §3.1 maxRetries 0: without end',
    is: CHANGED,
    upgrade: ROLLBACK_ENDLESS,
    after: 'upgrade 99',
    gives: 'upgrade',
  },
  {
    by: 'ho §2.6 tests failed after an install: purged',
    is: FAILED_FIRST,
    install: PURGE,
    after: 'install 1',
    done: ['install', 'test'],
    gives: 'uninstall',
  },
  {
    by: 'ho §2.6 tests failed after an upgrade: rolled back',
    is: FAILED,
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    done: ['upgrade', 'test'],
    gives: 'rollback 3',
  },
  {
    by: 'ho §2.6, defect: tests failed, no rollback, Released turned True; we try again',
    is: FAILED,
    upgrade: KEEP,
    after: 'upgrade 1',
    gives: 'upgrade',
  },
  {
    by: 'ours: a rollback is left half-done',
    is: FAILED,
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    gives: 'rollback 3',
  },
  {
    by: 'ho §2.6 upgrade ok, tests',
    is: UNTESTED,
    after: 'upgrade 0',
    done: ['upgrade'],
    gives: 'test',
  },
  {
    by: 'ho §2.6 tested',
    is: IN_SYNC,
    after: 'upgrade 0',
    done: ['upgrade', 'test'],
    gives: 'done',
  },
  {
    by: 'ho §3.2 ignoreFailures: kept',
    is: IN_SYNC,
    after: 'install 0',
    done: ['install', 'test'],
    gives: 'done',
  },
  {
    by: 'ho §3.2, defect: after a migration there is nothing to go back to; we stall instead of crashing',
    is: FAILED_FIRST,
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    done: ['upgrade', 'test'],
    gives: 'stalled MissingRollbackTarget',
  },
  {
    by: 'ho §3.1 the rollback failed, defect: blocked for ever; we roll back again',
    is: FAILED,
    upgrade: ROLLBACK,
    after: 'upgrade 1',
    done: [],
    gives: 'rollback 3',
  },
  {
    by: 'ho §3.1, defect: a second bad generation began with the old count; we count anew',
    is: FAILED,
    upgrade: ROLLBACK_RETRY,
    after: 'upgrade 1',
    done: ['upgrade'],
    gives: 'rollback 3',
  },
  // helm-controller: next action (spec helm-controller.md §2.4).
  { by: 'hc §2.4 InSync', is: IN_SYNC, gives: 'done' },
  { by: 'hc §2.4 InSync, forced', is: IN_SYNC, isForced: true, gives: 'upgrade' },
  { by: 'hc §2.4 Locked', is: locked('unlock'), gives: 'unlock' },
  { by: 'hc §2.4 Absent', is: ABSENT, install: UNINSTALL_1, gives: 'install' },
  {
    by: 'hc §2.4 Absent, retries left',
    is: ABSENT,
    install: UNINSTALL_1,
    after: 'install 1',
    gives: 'install',
  },
  {
    by: 'hc §2.4 Absent, exhausted',
    is: ABSENT,
    install: UNINSTALL_1,
    after: 'install 2',
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'hc §2.4 Absent, exhausted, forced',
    is: ABSENT,
    install: UNINSTALL_1,
    after: 'install 2',
    isForced: true,
    gives: 'install',
  },
  {
    by: 'hc §2.4 Unmanaged, no retry check',
    is: UNMANAGED,
    upgrade: REMEDIATE,
    after: 'upgrade 5',
    gives: 'upgrade',
  },
  { by: 'hc §2.4 OutOfSync', is: CHANGED, upgrade: REMEDIATE, gives: 'upgrade' },
  {
    by: 'hc §2.4 OutOfSync, exhausted',
    is: CHANGED,
    upgrade: REMEDIATE,
    after: 'upgrade 1',
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'hc §2.4 OutOfSync, exhausted, forced',
    is: CHANGED,
    upgrade: REMEDIATE,
    after: 'upgrade 1',
    isForced: true,
    gives: 'upgrade',
  },
  { by: 'hc §2.4 Drifted, warn', is: DRIFTED, drift: 'warn', gives: 'done with drift' },
  { by: 'hc §2.4 Drifted, enabled', is: DRIFTED, drift: 'correct', gives: 'correct-drift' },
  { by: 'hc §2.4 Untested', is: UNTESTED, after: 'upgrade 0', gives: 'test' },
  { by: 'hc §2.4 Failed, no recorded action', is: FAILED, upgrade: REMEDIATE, gives: 'upgrade' },
  {
    by: 'hc §2.4 Failed, nothing counted',
    is: FAILED,
    upgrade: REMEDIATE,
    after: 'upgrade 0',
    gives: 'upgrade',
  },
  {
    by: 'hc §2.4 Failed, forced',
    is: FAILED,
    upgrade: REMEDIATE_2,
    after: 'upgrade 1',
    isForced: true,
    gives: 'upgrade',
  },
  {
    by: 'hc §2.4 Failed, exhausted, last not remediated',
    is: FAILED,
    upgrade: REMEDIATE,
    after: 'upgrade 1',
    done: ['upgrade'],
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'hc §2.4 Failed, rollback',
    is: FAILED,
    upgrade: REMEDIATE_2,
    after: 'upgrade 1',
    done: ['upgrade'],
    gives: 'rollback 3',
  },
  {
    by: 'hc §2.4 Failed, last one remediated',
    is: FAILED,
    upgrade: REMEDIATE_2,
    after: 'upgrade 3',
    done: ['upgrade'],
    gives: 'rollback 3',
  },
  {
    by: 'hc §2.4 Failed, no target',
    is: FAILED_FIRST,
    upgrade: REMEDIATE_2,
    after: 'upgrade 1',
    done: ['upgrade'],
    gives: 'stalled MissingRollbackTarget',
  },
  {
    by: 'hc §2.4 Failed install, uninstalled',
    is: FAILED_FIRST,
    install: UNINSTALL_1,
    after: 'install 1',
    done: ['install'],
    gives: 'uninstall',
  },
  {
    by: 'hc §2.4 Failed install, default: stalled at once',
    is: FAILED_FIRST,
    install: policy({ remedy: 'uninstall', retries: 0, pace: AT_ONCE }),
    after: 'install 1',
    done: ['install'],
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'hc §2.4 Failed install, last one remediated',
    is: FAILED_FIRST,
    install: UNINSTALL_LAST,
    after: 'install 1',
    done: ['install'],
    gives: 'uninstall',
  },
  {
    by: 'hc §2.4 RetryOnFailure upgrades',
    is: FAILED,
    upgrade: RETRY,
    after: 'upgrade 8',
    gives: 'upgrade',
  },
  {
    by: 'hc §2.4 RetryOnFailure after a failed install upgrades',
    is: FAILED_FIRST,
    install: RETRY,
    after: 'install 1',
    gives: 'upgrade',
  },
  {
    by: 'hc §2.4 RetryOnFailure, out of sync: never stalled (theirs is, by mistake)',
    is: CHANGED,
    upgrade: RETRY,
    after: 'upgrade 8',
    gives: 'upgrade',
  },
  {
    by: 'hc §2.4 Absent, history left',
    is: GONE,
    install: UNINSTALL_1,
    gives: 'install replace',
  },
  {
    by: 'hc §2.4 Absent, retries −1: never exhausted',
    is: ABSENT,
    install: policy({ remedy: 'uninstall', pace: AT_ONCE }),
    after: 'install 99',
    gives: 'install',
  },
  {
    by: 'hc §2.4 Unmanaged, forced',
    is: UNMANAGED,
    upgrade: REMEDIATE,
    isForced: true,
    gives: 'upgrade',
  },
  {
    by: 'hc §2.4 Failed, exhausted, forced',
    is: FAILED,
    upgrade: REMEDIATE,
    after: 'upgrade 1',
    isForced: true,
    gives: 'upgrade',
  },
  {
    by: 'hc §2.4 Failed upgrade, strategy uninstall',
    is: FAILED,
    upgrade: UNINSTALL_1,
    after: 'upgrade 1',
    done: ['upgrade'],
    gives: 'uninstall',
  },
  {
    by: 'hc §2.4 Failed tests of an upgrade, rollback',
    is: FAILED,
    upgrade: REMEDIATE_2,
    after: 'upgrade 1',
    done: ['upgrade', 'test'],
    gives: 'rollback 3',
  },
  {
    by: 'hc §2.4 Failed tests of an install, uninstalled',
    is: FAILED_FIRST,
    install: UNINSTALL_1,
    after: 'install 1',
    done: ['install', 'test'],
    gives: 'uninstall',
  },
  {
    by: 'ours: forced while drifted or untested: upgraded, which mends both',
    is: DRIFTED,
    drift: 'correct',
    isForced: true,
    gives: 'upgrade',
  },
  { by: 'ours: forced while untested', is: UNTESTED, isForced: true, gives: 'upgrade' },
  {
    by: 'hc §2.12 chart name, Reinstall',
    is: { kind: 'out-of-sync', why: 'another chart', mustReinstall: true },
    upgrade: REMEDIATE,
    after: 'upgrade 0',
    gives: 'make-room',
  },
  {
    by: 'hc §2.12 chart name, uninstalled: installed in the same turn',
    is: ABSENT,
    upgrade: REMEDIATE,
    after: 'upgrade 0',
    done: ['make-room'],
    gives: 'install',
  },
  {
    by: 'hc §2.12 chart name, out of sync again: not twice in a turn',
    is: { kind: 'out-of-sync', why: 'another chart', mustReinstall: true },
    upgrade: REMEDIATE,
    after: 'upgrade 0',
    done: ['make-room', 'install'],
    gives: 'retry back-off',
  },
  // helm-controller: loop rules.
  {
    by: 'hc loop: install remediated, retries left',
    is: ABSENT,
    install: UNINSTALL_1,
    after: 'install 1',
    done: ['install', 'uninstall'],
    gives: 'retry at-once',
  },
  {
    by: 'hc loop: uninstalled after an upgrade, retries left',
    is: ABSENT,
    upgrade: UNINSTALL_1,
    after: 'upgrade 1',
    done: ['upgrade', 'uninstall'],
    gives: 'retry at-once',
  },
  {
    by: 'hc loop: install failed, retry strategy',
    is: FAILED_FIRST,
    install: RETRY,
    after: 'install 1',
    done: ['install'],
    gives: 'retry every 300000',
  },
  {
    by: 'hc loop: unlocked, then locked again',
    is: locked('unlock'),
    upgrade: REMEDIATE,
    after: 'upgrade 0',
    done: ['unlock'],
    gives: 'retry back-off',
  },
  {
    by: 'hc loop: tested, and untested still',
    is: UNTESTED,
    upgrade: REMEDIATE,
    after: 'upgrade 0',
    done: ['upgrade', 'test'],
    gives: 'retry back-off',
  },
  {
    by: 'hc loop: type ran, retry strategy',
    is: FAILED,
    upgrade: RETRY,
    after: 'upgrade 1',
    done: ['upgrade'],
    gives: 'retry every 300000',
  },
  {
    by: 'hc loop: after remediate, retries left',
    is: CHANGED,
    upgrade: REMEDIATE_2,
    after: 'upgrade 2',
    done: ['upgrade', 'rollback'],
    gives: 'retry at-once',
  },
  {
    by: 'hc loop: after remediate, exhausted',
    is: CHANGED,
    upgrade: REMEDIATE_2,
    after: 'upgrade 3',
    done: ['upgrade', 'rollback'],
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'hc loop: uninstalled after an upgrade, exhausted: installed anew',
    is: ABSENT,
    upgrade: UNINSTALL_LAST,
    after: 'upgrade 1',
    done: ['upgrade', 'uninstall'],
    gives: 'retry at-once',
  },
  {
    by: 'hc loop: install uninstalled, exhausted',
    is: ABSENT,
    install: UNINSTALL_LAST,
    after: 'install 1',
    done: ['install', 'uninstall'],
    gives: 'stalled RetriesExceeded',
  },
  {
    by: 'hc loop: still drifted after a correction',
    is: DRIFTED,
    drift: 'correct',
    done: ['correct-drift'],
    gives: 'retry back-off',
  },
  {
    by: 'hc loop: unlocked, then as failed',
    is: FAILED,
    upgrade: REMEDIATE_2,
    after: 'upgrade 0',
    done: ['unlock'],
    gives: 'upgrade',
  },
  {
    by: 'hc loop: upgraded and out of sync again (somebody else writes)',
    is: CHANGED,
    upgrade: REMEDIATE_2,
    after: 'upgrade 0',
    done: ['upgrade'],
    gives: 'retry back-off',
  },
  {
    by: 'hc loop: exhausted, out of sync again',
    is: CHANGED,
    upgrade: REMEDIATE,
    after: 'upgrade 1',
    done: ['upgrade'],
    gives: 'stalled RetriesExceeded',
  },
];

test('each row says where it comes from, and stands once', () => {
  for (const { by } of ROWS) assert.match(by, /^(ho §|hc §|hc loop|ours: )/);
  const names = ROWS.map(({ by }) => by);
  assert.deepEqual(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  );
});

function memoryAfter(text: string | undefined): ReleaseMemory {
  if (text === undefined) return NO_MEMORY;
  const [action, count] = text.split(' ') as ['install' | 'upgrade', string];
  return { ...NO_MEMORY, action, failures: { install: 0, upgrade: 0, [action]: Number(count) } };
}

function printed(action: ReturnType<typeof decide>): string {
  switch (action.kind) {
    case 'install':
      return action.canReplace ? 'install replace' : 'install';
    case 'rollback':
      return `rollback ${action.toRevision}`;
    case 'wait':
      return `wait ${action.untilMs}`;
    case 'retry':
      return `retry ${action.pace.kind}${action.pace.kind === 'every' ? ` ${action.pace.afterMs}` : ''}`;
    case 'stalled':
      return `stalled ${action.reason}`;
    case 'done':
      return action.drift.length > 0 ? 'done with drift' : 'done';
    default:
      return action.kind;
  }
}

for (const row of ROWS) {
  const { by, is, after, done = [], isForced = false, drift = 'off', gives } = row;
  test(`${by}: ${is.kind}${after === undefined ? '' : ` after ${after}`} → ${gives}`, () => {
    const situation: Situation = {
      intent: {
        onFailure: { install: row.install ?? PURGE, upgrade: row.upgrade ?? KEEP },
        drift: { mode: drift, ignore: [] },
      },
      state: is,
      memory: memoryAfter(after),
      done,
      isForced,
    };
    assert.equal(printed(decide(situation)), gives);
  });
}

test('what stalled says how many attempts there were', () => {
  const action = decide({
    intent: {
      onFailure: { install: PURGE, upgrade: REMEDIATE_2 },
      drift: { mode: 'off', ignore: [] },
    },
    state: CHANGED,
    memory: memoryAfter('upgrade 3'),
    done: [],
    isForced: false,
  });
  assert.equal(action.kind === 'stalled' && action.message, 'Failed to upgrade after 3 attempt(s)');
});
