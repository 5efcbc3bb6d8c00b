// SPDX-License-Identifier: Apache-2.0

/**
 * Rolls a release back to an earlier revision, as a new revision with its content.
 *
 * Source: helm v3.22.0 pkg/action/rollback.go
 * Differs: a failed hook leaves the record `failed`, not pending.
 */

import { quote } from '@helm-operator/gocompat';
import { HelmError, textOf } from '../errors.ts';
import { deployedRecords, lastRecord, nextRevision } from '../release/history.ts';
import { releaseNameProblem } from '../release/names.ts';
import type { ReleaseRecord } from '../release/record.ts';
import { recordTime } from '../release/time.ts';
import { nothingApplied } from './apply-plan.ts';
import { cleanupCreated } from './cleanup.ts';
import type { ActionContext } from './context.ts';
import { fitNewRecord, OpenRecord, supersede } from './open-record.ts';
import type { RollbackOptions } from './options.ts';
import {
  applyMethodOf,
  prepare,
  type RevisionDraft,
  reportSurprises,
  storedMethod,
} from './prepare.ts';
import { type ReleaseStage, runReleaseStage, type StagePart } from './release-stage.ts';
import {
  ActionError,
  closingOf,
  openSession,
  reach,
  readHistory,
  type Session,
} from './session.ts';

/**
 * @returns the record as it was stored last
 * @throws {HelmError} before the record is written: nothing changed
 * @throws {ActionError} `helm/action-failed`: the record says `failed` and why
 * @throws {DOMException} `AbortError`: told to stop; a pending record may be left for `recover`
 */
export async function rollback(
  options: RollbackOptions,
  context: ActionContext,
): Promise<ReleaseRecord> {
  const session = openSession('rollback', options, context);
  const { record, previous, method, records } = await draftRollback(options, session);
  if (options.dryRun !== undefined) return record;
  const prepareOptions = { apply: options.apply, method, isRollback: true };
  const prepared = await prepare(record, previous, prepareOptions, session);
  reportSurprises(prepared.plan, options, session);
  const open = new OpenRecord(session, await fitNewRecord(record, session));
  await open.create(records, options.history.maxRevisions);
  reach(session, 'record-pending');
  const stage = rollbackStage(prepared, { ...options, previous, method }, session);
  return finishRollback(stage, open, { ...options, previous }, session);
}

/** The earlier revision as a new one that is not recorded yet. @throws as `rollback` */
export async function draftRollback(
  options: RollbackOptions,
  session: Session,
): Promise<RevisionDraft> {
  checkOptions(options);
  const history = await readHistory(session);
  const { records } = history;
  const { current, target } = findTarget(records, options);
  const method = applyMethodOf(options.apply, target, session);
  const record: ReleaseRecord = {
    ...target,
    namespace: current.namespace,
    revision: nextRevision(history),
    info: {
      firstDeployed: current.info.firstDeployed,
      lastDeployed: recordTime(session.context.clock.nowMs()),
      deleted: '',
      description: `Rollback to ${target.revision}`,
      status: 'pending-rollback',
      notes: target.info.notes,
    },
    applyMethod: storedMethod(method, session),
    mark: undefined,
    resourceVersion: undefined,
  };
  return { record, previous: current, method, records };
}

function checkOptions({ release, toRevision }: RollbackOptions): void {
  if (releaseNameProblem(release.name) !== undefined) {
    const text = `prepareRollback: Release name is invalid: ${release.name}`;
    throw new HelmError('helm/invalid-name', text);
  }
  if (toRevision < 0) throw new HelmError('helm/invalid-revision', 'invalid release revision');
}

function findTarget(
  records: readonly ReleaseRecord[],
  options: RollbackOptions,
): { readonly current: ReleaseRecord; readonly target: ReleaseRecord } {
  const current = lastRecord(records);
  if (current === undefined) throw new HelmError('helm/release-not-found', 'release: not found');
  const wanted = options.toRevision === 0 ? current.revision - 1 : options.toRevision;
  const target = records.find(({ revision }) => revision === wanted);
  if (target !== undefined) return { current, target };
  throw new HelmError('helm/invalid-revision', `release has no ${wanted} version`);
}

type StageOptions = Pick<RollbackOptions, 'apply' | 'mustRecreatePods'> & {
  readonly previous: ReleaseRecord;
  readonly method: ReleaseStage['method'];
};

/** The stage of a rollback, also of one that is resumed. */
export function rollbackStage(
  prepared: ReleaseStage['prepared'],
  options: StageOptions,
  session: Session,
): ReleaseStage {
  return {
    prepared,
    previous: options.previous,
    apply: options.apply,
    method: options.method,
    isRollback: true,
    events: ['pre-rollback', 'post-rollback'],
    wrapHook: (_event, error) => error,
    strategy: session.wait.strategy,
    mustRecreatePods: options.mustRecreatePods,
    applied: nothingApplied(),
  };
}

type FinishOptions = Pick<RollbackOptions, 'mustCleanupOnFail' | 'release'> & {
  readonly previous: ReleaseRecord;
};

/** Runs the stage and closes the bracket. */
export async function finishRollback(
  stage: ReleaseStage,
  open: OpenRecord,
  options: FinishOptions,
  session: Session,
): Promise<ReleaseRecord> {
  let part: StagePart = 'pre-hooks';
  try {
    await runReleaseStage(stage, open, session, (begun) => {
      part = begun;
    });
  } catch (error) {
    const closing = closingOf(session, error);
    if (closing === undefined) throw error;
    const run = { stage, open: open.under(closing.session), options, part };
    throw await failRollback(closing.error, run, closing.session);
  }
  // Others may have been deployed by colliding writers: all of them give way.
  const { records } = await readHistory(session);
  for (const record of deployedRecords(records)) {
    if (record.revision !== open.current.revision) await supersede(session, record);
  }
  reach(session, 'previous-superseded');
  open.setInfo({ status: 'deployed' });
  await open.save('record-final');
  reach(session, 'record-final');
  return open.current;
}

interface RollbackFailure {
  readonly stage: ReleaseStage;
  readonly open: OpenRecord;
  readonly options: FinishOptions;
  readonly part: StagePart;
}

async function failRollback(
  error: unknown,
  { stage, open, options, part }: RollbackFailure,
  session: Session,
): Promise<ActionError> {
  const { name } = options.release;
  const text = textOf(error);
  const isWait = part === 'wait';
  open.setStatus('failed', `${isWait ? 'Release' : 'Rollback'} ${quote(name)} failed: ${text}`);
  if (part === 'apply') await supersede(session, options.previous);
  await open.save('record-final');
  if (part === 'apply' && options.mustCleanupOnFail === true) {
    const problem = await cleanupCreated(stage.applied.created, session);
    if (problem !== undefined) {
      const prefix = `an error occurred while cleaning up resources. original rollback error: ${text}`;
      return new ActionError(`${prefix}: ${problem}`, open.current, error);
    }
  }
  return new ActionError(isWait ? `release ${name} failed: ${text}` : text, open.current, error);
}
