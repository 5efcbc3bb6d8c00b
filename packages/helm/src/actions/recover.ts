// SPDX-License-Identifier: Apache-2.0

/**
 * What to do with a record that says somebody is at work: wait, go on, or declare it failed.
 *
 * Nobody keeps a journal: the record holds manifest and hooks, and every step may be done twice.
 */

import { byRevision, deployedRecords, lastRecord } from '../release/history.ts';
import { isPending, type ReleaseRecord } from '../release/record.ts';
import { parseRecordTime } from '../release/time.ts';
import type { ActionContext } from './context.ts';
import { finishInstall, installStage } from './install.ts';
import { OpenRecord } from './open-record.ts';
import type { RollbackOptions, UpgradeOptions } from './options.ts';
import { type ApplyMethod, applyMethodOf, prepare } from './prepare.ts';
import { finishRollback, rollbackStage } from './rollback.ts';
import { openSession, readHistory, type Session, warn } from './session.ts';
import { uninstall } from './uninstall.ts';
import { finishUpgrade, upgradeStage } from './upgrade.ts';

/** How to go on with a release. */
export type Recovery =
  /** Nobody is at work. */
  | { readonly kind: 'none' }
  /** Somebody may be; look again then. Milliseconds since 1970. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  /** One of us was; `resume` finishes it. */
  | { readonly kind: 'resume' }
  /** Somebody else was, and is late; `unlock` marks the record failed. */
  | { readonly kind: 'unlock' };

export interface RecoveryFacts {
  readonly nowMs: number;
  /** What an operation may take when its record does not say, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether that holder is known to work no more: an earlier leader, this process before it began anew. */
  readonly isDead: (holder: string) => boolean;
  /** The toolkit dialect does not wait for others. */
  readonly mustUnlockAtOnce?: boolean | undefined;
}

/** Somebody who is late gets this much more, in milliseconds. */
const GRACE_MS = 60_000;

/** Pure. */
export function decideRecovery(record: ReleaseRecord | undefined, facts: RecoveryFacts): Recovery {
  if (record === undefined) return { kind: 'none' };
  const { status, lastDeployed, deleted } = record.info;
  const isUninstalling = status === 'uninstalling';
  if (!isPending(status) && !isUninstalling) return { kind: 'none' };
  const { mark } = record;
  if (mark !== undefined && facts.isDead(mark.holder)) return { kind: 'resume' };
  if (facts.mustUnlockAtOnce === true) return { kind: isUninstalling ? 'resume' : 'unlock' };

  const sinceMs = parseRecordTime(isUninstalling ? deleted : lastDeployed) ?? 0;
  const untilMs = sinceMs + (mark?.timeoutMs ?? facts.timeoutMs) + GRACE_MS;
  if (facts.nowMs < untilMs) return { kind: 'wait', untilMs };
  return { kind: mark === undefined && !isUninstalling ? 'unlock' : 'resume' };
}

/** What the finished action would have been given; chart and values are in the record. */
export type ResumeOptions = Omit<
  UpgradeOptions,
  'chart' | 'crds' | 'dryRun' | 'labels' | 'render' | 'values' | 'valuesPolicy'
>;

/**
 * Finishes what a record says was begun, from its bracket: hooks that have not finished run again, objects that are as wanted get
 * no request.
 *
 * @returns the record as it was stored last; `undefined` when the release is gone
 * @throws as the action that is finished
 */
export async function resume(
  options: ResumeOptions,
  context: ActionContext,
): Promise<ReleaseRecord | undefined> {
  const reading = openSession('unlock', options, context);
  const { records } = await readHistory(reading);
  const last = lastRecord(records);
  switch (last?.info.status) {
    case 'pending-install':
      return resumeInstall(last, options, context);
    case 'pending-upgrade':
      return resumeUpgrade(last, records, options, context);
    case 'pending-rollback':
      return resumeRollback(last, records, options, context);
    case 'uninstalling':
      return (await uninstall({ ...options, canBeAbsent: true }, context)).record;
    default:
      return last;
  }
}

async function resumeInstall(
  record: ReleaseRecord,
  options: ResumeOptions,
  context: ActionContext,
): Promise<ReleaseRecord> {
  const session = openSession('install', options, context);
  const method = methodOf(record, options, session);
  const prepared = await prepare(record, undefined, { apply: options.apply, method }, session);
  const stage = installStage(prepared, options, method, session);
  return finishInstall(stage, new OpenRecord(session, record), options, session);
}

/**
 * The revision that was in the cluster when the record was written.
 *
 * @returns `undefined` when it is gone or cannot be read: then nothing is known that would have to be removed
 */
function previousOf(
  record: ReleaseRecord,
  records: readonly ReleaseRecord[],
): ReleaseRecord | undefined {
  const earlier = byRevision(records).filter(({ revision }) => revision < record.revision);
  return deployedRecords(earlier).at(-1) ?? earlier.at(-1);
}

async function resumeUpgrade(
  record: ReleaseRecord,
  records: readonly ReleaseRecord[],
  options: ResumeOptions,
  context: ActionContext,
): Promise<ReleaseRecord> {
  const session = openSession('upgrade', options, context);
  const previous = previousOf(record, records);
  if (previous === undefined) {
    warn(session, 'the revision before the pending one is gone: what only it had stays behind');
    return resumeInstall(record, options, context);
  }
  const method = methodOf(record, options, session);
  const prepared = await prepare(record, previous, { apply: options.apply, method }, session);
  const stage = upgradeStage(prepared, { ...options, previous, method }, session);
  const open = new OpenRecord(session, record);
  return finishUpgrade(stage, open, { ...options, previous }, session);
}

async function resumeRollback(
  record: ReleaseRecord,
  records: readonly ReleaseRecord[],
  options: ResumeOptions,
  context: ActionContext,
): Promise<ReleaseRecord> {
  const session = openSession('rollback', options, context);
  const previous = byRevision(records).findLast(({ revision }) => revision < record.revision);
  if (previous === undefined) return resumeInstall(record, options, context);
  const method = methodOf(record, options, session);
  const prepareOptions = { apply: options.apply, method, isRollback: true };
  const prepared = await prepare(record, previous, prepareOptions, session);
  const stage = rollbackStage(prepared, { ...options, previous, method }, session);
  const finish: Pick<RollbackOptions, 'mustCleanupOnFail' | 'release'> = options;
  return finishRollback(stage, new OpenRecord(session, record), { ...finish, previous }, session);
}

/** As the record says it was begun. */
function methodOf(record: ReleaseRecord, options: ResumeOptions, session: Session): ApplyMethod {
  return options.apply.method === 'auto' && record.applyMethod !== ''
    ? record.applyMethod === 'ssa'
      ? 'server'
      : 'client'
    : applyMethodOf(options.apply, record, session);
}

/** Helm goes on from none of these. */
function mustUnlock(status: ReleaseRecord['info']['status']): boolean {
  return isPending(status) || status === 'unknown';
}

/**
 * Marks a pending record (or one of no known status) failed, so that the next action may begin.
 *
 * @returns the record as it was stored; `undefined` when nothing was pending
 * @throws {HelmError} `helm/record-conflict`: whoever was at work still is
 */
export async function unlock(
  options: Pick<ResumeOptions, 'hooks' | 'profile' | 'release' | 'timeoutMs' | 'wait'>,
  context: ActionContext,
): Promise<ReleaseRecord | undefined> {
  const session = openSession('unlock', options, context);
  const { records } = await readHistory(session);
  const last = lastRecord(records);
  if (last === undefined || !mustUnlock(last.info.status)) return undefined;
  const open = new OpenRecord(session, last);
  open.setStatus('failed', `Release unlocked from stale '${last.info.status}' state`);
  await open.save('record-final');
  return open.current;
}
