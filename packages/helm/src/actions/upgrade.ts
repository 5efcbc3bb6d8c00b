// SPDX-License-Identifier: Apache-2.0

/**
 * Upgrades a release.
 *
 * Source: helm v3.22.0 pkg/action/upgrade.go RunWithContext; helm v4.2.1 pkg/action/upgrade.go
 * Differs: told to stop, it leaves the pending record to whoever comes next instead of writing that it failed.
 */

import { coalesceTables } from '@helm-operator/chart';
import { quote, type ValueMap } from '@helm-operator/gocompat';
import { HelmError, textOf } from '../errors.ts';
import { deployedRecords, lastRecord, nextRevision } from '../release/history.ts';
import { checkUserLabels, mergeUserLabels, releaseNameProblem } from '../release/names.ts';
import { isPending, type ReleaseRecord } from '../release/record.ts';
import { recordTime } from '../release/time.ts';
import type { CrdFile, RenderedRelease } from '../render-host/port.ts';
import { nothingApplied } from './apply-plan.ts';
import { cleanupCreated } from './cleanup.ts';
import type { ActionContext } from './context.ts';
import { applyCrds } from './crds.ts';
import { fitNewRecord, OpenRecord, supersede } from './open-record.ts';
import type { UpgradeOptions } from './options.ts';
import {
  applyMethodOf,
  prepare,
  type RevisionDraft,
  reportSurprises,
  storedMethod,
} from './prepare.ts';
import { type ReleaseStage, runReleaseStage } from './release-stage.ts';
import { renderRelease } from './render.ts';
import { rollback } from './rollback.ts';
import {
  ActionError,
  checkHiding,
  closingOf,
  mustHandOver,
  openSession,
  reach,
  readHistory,
  type Session,
  wrapFailure,
} from './session.ts';
import { atomicStrategy } from './wait.ts';

/**
 * @returns the record as it was stored last
 * @throws {HelmError} before the record is written: nothing changed
 * @throws {ActionError} `helm/action-failed`: the record says `failed` and why
 * @throws {DOMException} `AbortError`: told to stop; a pending record may be left for `recover`
 */
export async function upgrade(
  options: UpgradeOptions,
  context: ActionContext,
): Promise<ReleaseRecord> {
  const session = openSession('upgrade', options, context);
  const { record, previous, method, records } = await draftUpgrade(options, session);
  const prepared = await prepare(record, previous, { apply: options.apply, method }, session);
  if (options.dryRun !== undefined) {
    const description = options.description || 'Dry run complete';
    return { ...record, info: { ...record.info, description } };
  }
  reportSurprises(prepared.plan, options, session);
  const open = new OpenRecord(session, await fitNewRecord(record, session));
  await open.create(records, options.history.maxRevisions);
  reach(session, 'record-pending');
  const stage = upgradeStage(prepared, { ...options, previous, method }, session);
  return finishUpgrade(stage, open, { ...options, previous }, session);
}

/** A rendered upgrade that is not recorded yet. */
export interface UpgradeDraft extends RevisionDraft {
  /** The files of `crds/`. */
  readonly crds: readonly CrdFile[];
}

/** Renders; writes CRDs if told to and it is no dry run. @throws as `upgrade` */
export async function draftUpgrade(
  options: UpgradeOptions,
  session: Session,
): Promise<UpgradeDraft> {
  const { name } = options.release;
  if (releaseNameProblem(name) !== undefined) {
    throw new HelmError('helm/invalid-name', `release name is invalid: ${name}`);
  }
  checkHiding(options, session);
  const history = await readHistory(session);
  const { records } = history;
  const found = { ...findCurrent(records, name), revision: nextRevision(history) };
  const { last, current } = found;
  const { rendered, values, crds } = await renderForUpgrade(options, found, session);
  checkUserLabels(options.labels ?? new Map());

  const method = applyMethodOf(options.apply, last, session);
  const record = newRecord(rendered, options, session, {
    ...found,
    values,
    applyMethod: storedMethod(method, session),
  });
  return { record, previous: current, method, records, crds };
}

interface Found {
  /** The highest revision. */
  readonly last: ReleaseRecord;
  /** The revision whose objects are in the cluster. */
  readonly current: ReleaseRecord;
}

function findCurrent(records: readonly ReleaseRecord[], name: string): Found {
  const last = lastRecord(records);
  const none = (): HelmError =>
    new HelmError('helm/no-deployed-releases', `${quote(name)} has no deployed releases`);
  if (last === undefined) throw none();
  const { status } = last.info;
  if (isPending(status)) {
    const text = 'another operation (install/upgrade/rollback) is in progress';
    throw new HelmError('helm/operation-pending', text);
  }
  const deployed = deployedRecords(records).at(-1);
  if (deployed !== undefined) return { last, current: status === 'deployed' ? last : deployed };
  if (status === 'failed' || status === 'superseded') return { last, current: last };
  throw none();
}

async function renderForUpgrade(
  options: UpgradeOptions,
  { revision, current }: Found & Pick<ReleaseRecord, 'revision'>,
  session: Session,
): Promise<{
  readonly rendered: RenderedRelease;
  readonly values: ValueMap;
  readonly crds: readonly CrdFile[];
}> {
  const { chart, apply, dryRun } = options;
  const { render, signal } = session.context;
  const { values, chartValues } = await composeValues(options, current, session);
  let files: readonly CrdFile[] = [];
  if (options.crds.mode !== 'skip') {
    files = await render.crds({ profile: session.profile, chart, values }, { signal });
    if (dryRun === undefined) await applyCrds(files, options.crds, apply, session);
  }
  const request = {
    chart,
    values,
    chartValues,
    policy: options.render,
    release: {
      ...options.release,
      revision,
      isInstall: false,
      isUpgrade: true,
    },
  };
  return { rendered: await renderRelease(request, options, session), values, crds: files };
}

/** Source: helm v3.22.0 pkg/action/upgrade.go reuseValues */
async function composeValues(
  { values, valuesPolicy }: UpgradeOptions,
  current: ReleaseRecord,
  session: Session,
): Promise<{ readonly values: ValueMap; readonly chartValues?: ValueMap | undefined }> {
  const old: ValueMap = current.config ?? new Map();
  switch (valuesPolicy ?? 'default') {
    case 'reset':
      return { values };
    case 'reuse': {
      if (current.chart === undefined) return { values: coalesceTables(values, old) };
      const { render, signal } = session.context;
      const chartValues = await render.coalesceStored(current.chart, current.config, { signal });
      return { values: coalesceTables(values, old), chartValues };
    }
    case 'reset-then-reuse':
      return { values: coalesceTables(values, old) };
    default:
      return { values: values.size === 0 && old.size > 0 ? old : values };
  }
}

function newRecord(
  rendered: RenderedRelease,
  options: UpgradeOptions,
  session: Session,
  fields: Found & Pick<ReleaseRecord, 'applyMethod' | 'revision'> & { readonly values: ValueMap },
): ReleaseRecord {
  const { last, current, values, applyMethod, revision } = fields;
  return {
    name: options.release.name,
    namespace: current.namespace,
    revision,
    info: {
      firstDeployed: current.info.firstDeployed,
      lastDeployed: recordTime(session.context.clock.nowMs()),
      deleted: '',
      description: 'Preparing upgrade',
      status: 'pending-upgrade',
      notes: rendered.notes,
    },
    chart: rendered.chart,
    config: values,
    manifest: rendered.manifest,
    hooks: rendered.hooks,
    labels: mergeUserLabels(last.labels, options.labels ?? new Map()),
    applyMethod,
    mark: undefined,
    resourceVersion: undefined,
  };
}

type StageOptions = Pick<UpgradeOptions, 'apply' | 'isAtomic' | 'mustRecreatePods'> & {
  readonly previous: ReleaseRecord;
  readonly method: ReleaseStage['method'];
};

/** The stage of an upgrade, also of one that is resumed. */
export function upgradeStage(
  prepared: ReleaseStage['prepared'],
  options: StageOptions,
  session: Session,
): ReleaseStage {
  return {
    prepared,
    previous: options.previous,
    apply: options.apply,
    method: options.method,
    events: ['pre-upgrade', 'post-upgrade'],
    wrapHook: (event, error) => wrapFailure(`${event} hooks failed`, error),
    strategy: options.isAtomic === true ? atomicStrategy(session) : session.wait.strategy,
    mustRecreatePods: options.mustRecreatePods,
    applied: nothingApplied(),
  };
}

type FinishOptions = Pick<
  UpgradeOptions,
  | 'apply'
  | 'description'
  | 'history'
  | 'hooks'
  | 'isAtomic'
  | 'mustCleanupOnFail'
  | 'mustRecreatePods'
  | 'profile'
  | 'release'
  | 'timeoutMs'
  | 'wait'
> & { readonly previous: ReleaseRecord };

/** Runs the stage and closes the bracket. */
export async function finishUpgrade(
  stage: ReleaseStage,
  open: OpenRecord,
  options: FinishOptions,
  session: Session,
): Promise<ReleaseRecord> {
  try {
    await runReleaseStage(stage, open, session);
    await supersede(session, options.previous);
    reach(session, 'previous-superseded');
    open.setStatus('deployed', options.description || 'Upgrade complete');
    await open.save('record-final');
  } catch (error) {
    const closing = closingOf(session, error);
    if (closing === undefined) throw error;
    const run = { stage, open: open.under(closing.session), options };
    throw await failUpgrade(closing.error, run, closing.session);
  }
  reach(session, 'record-final');
  return open.current;
}

async function failUpgrade(
  error: unknown,
  run: { readonly stage: ReleaseStage; readonly open: OpenRecord; readonly options: FinishOptions },
  session: Session,
): Promise<ActionError> {
  const { stage, open, options } = run;
  const text = textOf(error);
  open.setStatus('failed', `Upgrade ${quote(options.release.name)} failed: ${text}`);
  await open.save('record-final');
  if (options.mustCleanupOnFail === true) {
    const problem = await cleanupCreated(stage.applied.created, session);
    if (problem !== undefined) {
      const prefix = `an error occurred while cleaning up resources. original upgrade error: ${text}`;
      return new ActionError(`${prefix}: ${problem}`, open.current, error);
    }
  }
  return options.isAtomic === true
    ? undoUpgrade(error, open, options, session)
    : new ActionError(text, open.current, error);
}

async function undoUpgrade(
  error: unknown,
  open: OpenRecord,
  options: FinishOptions,
  session: Session,
): Promise<ActionError> {
  const text = textOf(error);
  const { name } = options.release;
  const { records } = await readHistory(session);
  const good = records
    .filter(({ info }) => info.status === 'superseded' || info.status === 'deployed')
    .at(-1);
  if (good === undefined) {
    const prefix =
      'unable to find a previously successful release when attempting to rollback. original upgrade error';
    return new ActionError(`${prefix}: ${text}`, open.current, error);
  }
  const wait = { ...options.wait, strategy: atomicStrategy(session) };
  // Helm does not limit the history here; the limit that was asked for holds for every record.
  const undo = { ...options, wait, toRevision: good.revision, description: undefined };
  try {
    await rollback({ ...undo, mustCleanupOnFail: false }, session.context);
  } catch (undoError) {
    if (mustHandOver(session, undoError)) throw undoError;
    const prefix = `an error occurred while rolling back the release. original upgrade error: ${text}`;
    return new ActionError(`${prefix}: ${textOf(undoError)}`, open.current, undoError);
  }
  const prefix = `release ${name} failed, and has been rolled back due to ${session.texts.atomic} being set`;
  return new ActionError(`${prefix}: ${text}`, open.current, error);
}
