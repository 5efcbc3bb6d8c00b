// SPDX-License-Identifier: Apache-2.0

/** Does what was decided, and tells how it went. */

import type { BegunAttempt, ReleaseOutcome } from '@helm-operator/api';
import {
  diagnose,
  isPending,
  type ReleaseRecord,
  type ReleaseStatus,
  WaitError,
} from '@helm-operator/helm';
import { chartMark } from '../inputs/chart-mark.ts';
import { revisionOf } from '../inputs/revision.ts';
import { act, removeRelease, rollBack, testRelease } from './act.ts';
import type { TurnResult } from './context.ts';
import type { Doing } from './decide.ts';
import { explain } from './explain.ts';
import { canTestsFail, type Inputs, isRolledBack } from './observe.ts';
import { type Happening, isForced } from './remember.ts';
import { type Next, nextAfter, nextAtPace } from './retry.ts';
import type { Turn } from './turn.ts';
import { whyItStays } from './why-it-stays.ts';

/** @returns how the turn ends, or `undefined` to observe and decide anew */
export async function perform(
  action: Doing,
  inputs: Inputs,
  turn: Turn,
): Promise<TurnResult | undefined> {
  switch (action.kind) {
    case 'install':
    case 'upgrade':
      return deploy(action, inputs, turn);
    case 'resume':
    case 'resume-rollback':
    case 'unlock':
      return recover(action, inputs, turn);
    case 'test':
      return runTests(turn);
    case 'rollback':
      return goBack(action.toRevision, turn);
    case 'uninstall':
    case 'make-room':
      return purge(action, turn);
    case 'correct-drift':
      return correct(action.objects, turn);
  }
}

async function deploy(
  action: Extract<Doing, { kind: 'install' | 'upgrade' }>,
  inputs: Inputs,
  turn: Turn,
): Promise<TurnResult | undefined> {
  const isInstall = action.kind === 'install';
  const { name, version } = inputs.chart.metadata;
  const before = turn.record?.revision ?? 0;
  turn.log.info(isInstall ? 'running installation' : 'running upgrade', {
    action: action.kind,
    chart: `${name}-${version}`,
    why: isInstall ? undefined : action.why,
  });
  const what = { revision: before + 1, ...releasable(inputs, turn) };
  turn.remember({ kind: 'begun', action: action.kind, what });
  if (isForced(turn.intent, turn.memory)) turn.remember({ kind: 'forced' });
  await turn.report(
    { phase: 'chart-fetched' },
    {
      phase: isInstall ? 'installing' : 'upgrading',
      attempted: revisionOf(turn.intent, inputs.chart),
    },
  );
  try {
    turn.record = await turn.timed(action.kind, (context) =>
      act(action, turn.intent, { inputs, status: undefined }, context),
    );
  } catch (error) {
    return failed(error, turn, (revision) => revision > before);
  }
  released(inputs, turn);
  turn.log.info(isInstall ? 'installation succeeded' : 'upgrade succeeded');
  return undefined;
}

/** What left a failed revision is decided upon; what left none is tried again as its error says. */
async function failed(
  error: unknown,
  turn: Turn,
  isNew: (revision: number) => boolean,
): Promise<TurnResult | undefined> {
  if (turn.context.signal.aborted) throw error;
  await turn.readRecords();
  const { record } = turn;
  const leaves = isNew(record?.revision ?? 0) ? leftBy(record) : 'nothing';
  turn.remember({ kind: 'failed', leaves, record });
  if (leaves !== 'failed') return turn.fail('deploy-failed', error, { next: paceOf(turn) });
  await turn.tellFailure('deploy-failed', error);
  return undefined;
}

function leftBy(
  record: ReleaseRecord | undefined,
): Extract<Happening, { kind: 'failed' }>['leaves'] {
  const status = record?.info.status ?? 'unknown';
  if (status === 'failed') return 'failed';
  return isPending(status) ? 'pending' : 'nothing';
}

/** Retries at an interval do not ask what went wrong. Source: spec helm-controller.md §2.4 (loop rules) */
function paceOf({ intent, memory }: Turn): Next | undefined {
  const pace = memory.action === undefined ? undefined : intent.onFailure[memory.action].pace;
  return pace?.kind === 'every' ? nextAtPace(pace) : undefined;
}

/** What is remembered of inputs that are released. */
function releasable(
  { chart }: Inputs,
  { intent }: Turn,
): Pick<BegunAttempt, 'chartDigest' | 'generation'> {
  const { generation } = intent.source;
  return { chartDigest: chartMark(intent.chart, chart), generation };
}

function released(inputs: Inputs, turn: Turn): void {
  const { record } = turn;
  turn.remember({ kind: 'released', record, ...releasable(inputs, turn) });
}

/** What a pending record says is going on. */
const PHASES: ReadonlyMap<ReleaseStatus, ReleaseOutcome['phase']> = new Map([
  ['pending-install', 'installing'],
  ['pending-upgrade', 'upgrading'],
  ['pending-rollback', 'rolling-back'],
]);

async function recover(
  action: Extract<Doing, { kind: 'resume' | 'resume-rollback' | 'unlock' }>,
  inputs: Inputs,
  turn: Turn,
): Promise<TurnResult | undefined> {
  const isResume = action.kind !== 'unlock';
  turn.log.info(isResume ? 'finishing what was begun' : 'unlocking a stale release');
  const status = turn.record?.info.status;
  const phase = PHASES.get(status ?? 'unknown');
  if (isResume && phase !== undefined) await turn.report({ phase });
  try {
    turn.record = await turn.timed(action.kind, (context) =>
      act(action, turn.intent, { inputs, status }, context),
    );
  } catch (error) {
    // No attempt of the release: what was to be undone still is.
    if (status === 'pending-rollback') return turn.fail('rollback-failed', error);
    return failed(error, turn, () => true);
  }
  if (action.kind === 'resume-rollback') turn.remedy = 'the rollback that was begun is finished';
  if (action.kind === 'resume' && turn.record?.info.status === 'deployed') released(inputs, turn);
  return undefined;
}

async function goBack(toRevision: number, turn: Turn): Promise<TurnResult | undefined> {
  turn.log.info('running rollback', { revision: toRevision });
  await turn.report({ phase: 'rolling-back' });
  try {
    turn.record = await turn.timed('rollback', (context) =>
      rollBack(turn.intent, toRevision, context),
    );
  } catch (error) {
    return turn.fail('rollback-failed', error);
  }
  await tellRollback(turn);
  turn.remedy = `rolled back to revision ${toRevision}`;
  return undefined;
}

/** Tells of a rollback that has ended, also of one whose operator did not live to tell. */
export async function tellRollback(turn: Turn): Promise<void> {
  const { record, memory } = turn;
  if (!turn.isRollingBack || record === undefined || !isRolledBack(record, memory)) return;
  turn.remember({ kind: 'rolled-back' });
  turn.log.info('rollback succeeded');
  await turn.report({ phase: 'rolled-back', releaseStatus: record.info.status });
}

/** Removes what a failed attempt left, or what cannot be upgraded. */
async function purge(
  { kind, why }: Extract<Doing, { kind: 'uninstall' | 'make-room' }>,
  turn: Turn,
): Promise<TurnResult | undefined> {
  const isRemedy = kind === 'uninstall';
  turn.log.info('running uninstall', { why: isRemedy ? 'the release failed' : why });
  try {
    const stays = isRemedy ? undefined : await whyItStays(turn);
    if (stays !== undefined)
      return await turn.refuse({ phase: 'failed', reason: `${why}; but ${stays}` });
    await turn.timed('uninstall', (context) => removeRelease(turn.intent, context));
  } catch (error) {
    if (turn.context.signal.aborted) throw error;
    if (!isRemedy) return turn.fail('failed', error);
    turn.log.warning('the failed release could not be removed', {
      err: explain(error, turn.redact),
    });
    await turn.readWritten();
    return turn.end(nextAfter(error));
  }
  turn.record = undefined;
  turn.remedy =
    'what had been installed was uninstalled; helm-operator.dev/keep-failed-install: "true" keeps it';
  return undefined;
}

/** Mends live objects; the release stays as it is. */
async function correct(objects: readonly string[], turn: Turn): Promise<TurnResult | undefined> {
  const { drift } = turn;
  if (drift === undefined) return undefined;
  const text = turn.redact(objects.join('; '));
  turn.log.info('correcting drift', { drift: text });
  try {
    await turn.correctDrift(drift);
  } catch (error) {
    return turn.fail('failed', error);
  }
  turn.context.reporter.drifted(turn.intent, text, true);
  return undefined;
}

/** The test itself ended, or its time is over. */
function hasVerdict(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof WaitError) return true;
  return false;
}

async function runTests(turn: Turn): Promise<TurnResult | undefined> {
  const { record } = turn;
  const canFail = canTestsFail(turn.intent, turn.memory);
  turn.log.info('running test');
  await turn.report({ phase: 'deployed' }, { phase: 'testing' });
  try {
    await turn.timed('test', (context) => testRelease(turn.intent, context));
  } catch (error) {
    if (turn.context.signal.aborted) throw error;
    // The API server failed, not the test.
    if (!hasVerdict(error) && diagnose(error).retry === 'transient')
      return turn.fail('test-failed', error);
    turn.remember({ kind: 'tested', record, isGood: false, counts: !canFail });
    if (canFail) {
      const reason = explain(error, turn.redact);
      turn.log.warning('test failed - ignoring failures', { err: reason });
      await turn.report({ phase: 'test-failed', reason, canTestFail: true });
    } else await turn.tellFailure('test-failed', error);
    return undefined;
  }
  turn.log.info('test succeeded');
  turn.remember({ kind: 'tested', record, isGood: true, counts: false });
  await turn.report({ phase: 'tested' });
  return undefined;
}
