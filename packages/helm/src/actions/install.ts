// SPDX-License-Identifier: Apache-2.0

/**
 * Installs a release.
 *
 * Source: helm v3.22.0 pkg/action/install.go RunWithContext; helm v4.2.1 pkg/action/install.go
 * Differs: told to stop, it leaves the pending record to whoever comes next instead of writing that it failed.
 */

import { quote, type Value } from '@helm-operator/gocompat';
import { applyObject, createObject, isKubeError } from '@helm-operator/kube';
import { HelmError, textOf } from '../errors.ts';
import { lastRecord, nextRevision } from '../release/history.ts';
import { checkUserLabels, releaseNameProblem } from '../release/names.ts';
import type { ReleaseRecord } from '../release/record.ts';
import type { ReleaseHistory } from '../release/storage.ts';
import { recordTime } from '../release/time.ts';
import type { CrdFile, RenderedRelease } from '../render-host/port.ts';
import { nothingApplied } from './apply-plan.ts';
import type { ActionContext } from './context.ts';
import { applyCrds } from './crds.ts';
import { fitNewRecord, OpenRecord, supersede } from './open-record.ts';
import type { InstallOptions } from './options.ts';
import { applyMethodOf, prepare, reportSurprises, storedMethod } from './prepare.ts';
import { type ReleaseStage, runReleaseStage } from './release-stage.ts';
import { isOffline, renderRelease } from './render.ts';
import {
  ActionError,
  checkHiding,
  closingOf,
  mustHandOver,
  openSession,
  reach,
  readHistory,
  type Session,
  warn,
  wrapFailure,
} from './session.ts';
import { textsFor } from './texts.ts';
import { uninstall } from './uninstall.ts';
import { atomicStrategy } from './wait.ts';

/**
 * @returns the record as it was stored last
 * @throws {HelmError} before the record is written: nothing of the release exists
 * @throws {ActionError} `helm/action-failed`: the record says `failed` and why
 * @throws {DOMException} `AbortError`: told to stop; a pending record may be left for `recover`
 */
export async function install(
  options: InstallOptions,
  context: ActionContext,
): Promise<ReleaseRecord> {
  const session = openSession('install', options, context);
  const draft = await draftInstall(options, options.dryRun === undefined, session);
  const { record, method } = draft;
  if (isOffline(options, session)) return dryRunRecord(record);
  const prepared = await prepare(record, undefined, { apply: applyOf(options), method }, session);
  if (options.dryRun !== undefined) return dryRunRecord(record);
  reportSurprises(prepared.plan, options, session);
  const fitted = await fitNewRecord(record, session);
  await createNamespace(options, method, session);
  await supersedeReplaced(draft.replaced, session);
  const open = new OpenRecord(session, fitted);
  await open.create(draft.records, options.history.maxRevisions);
  reach(session, 'record-pending');

  const stage = installStage(prepared, options, method, session);
  return finishInstall(stage, open, options, session);
}

function isShownAsUpgrade({ mustRenderAsUpgrade, dryRun }: InstallOptions): boolean {
  return mustRenderAsUpgrade === true && dryRun !== undefined;
}

function applyOf(options: InstallOptions): InstallOptions['apply'] {
  return isShownAsUpgrade(options) ? { ...options.apply, mustTakeOwnership: true } : options.apply;
}

/** A rendered release that is not recorded yet. */
export interface InstallDraft {
  readonly record: ReleaseRecord;
  readonly method: ReleaseStage['method'];
  /** Whose name the release takes. */
  readonly replaced: ReleaseRecord | undefined;
  readonly records: readonly ReleaseRecord[];
  /** The files of `crds/`. */
  readonly crds: readonly CrdFile[];
}

/** Renders; writes CRDs unless it is a dry run. @throws as `install` */
export async function draftInstall(
  options: InstallOptions,
  mustCheckName: boolean,
  session: Session,
): Promise<InstallDraft> {
  checkHiding(options, session);
  checkName(options);
  const history = mustCheckName ? await readHistory(session) : NO_HISTORY;
  const replaced = checkNameIsFree(history, options, session);
  checkUserLabels(options.labels ?? new Map());
  const { rendered, crds } = await renderForInstall(options, session);
  const method = applyMethodOf(options.apply, undefined, session);
  const record = newRecord(rendered, options, session, {
    revision: nextRevision(history),
    applyMethod: storedMethod(method, session),
  });
  return { record, method, replaced, records: history.records, crds };
}

function dryRunRecord(record: ReleaseRecord): ReleaseRecord {
  return { ...record, info: { ...record.info, description: 'Dry run complete' } };
}

const NO_HISTORY: ReleaseHistory = { records: [], corrupted: [] };

function checkName({ release, profile }: InstallOptions): void {
  const problem = releaseNameProblem(release.name);
  if (problem === undefined) return;
  throw new HelmError('helm/invalid-name', textsFor(profile).wrongName(release.name, problem));
}

/** @returns the record whose place the new release takes */
function checkNameIsFree(
  history: ReleaseHistory,
  options: InstallOptions,
  session: Session,
): ReleaseRecord | undefined {
  const last = lastRecord(history.records);
  if (last === undefined && history.corrupted.length === 0) return undefined;
  const status = last?.info.status;
  if (options.canReplace === true && last === undefined) return undefined;
  if (options.canReplace === true && (status === 'uninstalled' || status === 'failed')) return last;
  throw new HelmError('helm/name-in-use', session.texts.nameInUse);
}

const CRDS_IN_DRY_RUN =
  'This chart or one of its subcharts contains CRDs. Rendering may fail or contain inaccuracies.';

async function renderForInstall(
  options: InstallOptions,
  session: Session,
): Promise<{ readonly rendered: RenderedRelease; readonly crds: readonly CrdFile[] }> {
  const { chart, values, apply, dryRun } = options;
  const { render, signal } = session.context;
  let files: readonly CrdFile[] = [];
  if (options.crds.mode !== 'skip' && !isOffline(options, session)) {
    files = await render.crds({ profile: session.profile, chart, values }, { signal });
    if (dryRun === undefined) await applyCrds(files, options.crds, apply, session);
    else if (files.length > 0) warn(session, CRDS_IN_DRY_RUN);
  }
  const isUpgrade = isShownAsUpgrade(options);
  const request = {
    chart,
    values,
    policy: options.render,
    release: { ...options.release, revision: 1, isInstall: !isUpgrade, isUpgrade },
  };
  return { rendered: await renderRelease(request, options, session), crds: files };
}

function newRecord(
  rendered: RenderedRelease,
  options: InstallOptions,
  session: Session,
  fields: Pick<ReleaseRecord, 'revision' | 'applyMethod'>,
): ReleaseRecord {
  const now = recordTime(session.context.clock.nowMs());
  return {
    ...options.release,
    ...fields,
    info: {
      firstDeployed: now,
      lastDeployed: now,
      deleted: '',
      description: 'Initial install underway',
      status: 'pending-install',
      notes: rendered.notes,
    },
    chart: rendered.chart,
    config: options.values,
    manifest: rendered.manifest,
    hooks: rendered.hooks,
    labels: options.labels ?? new Map(),
    mark: undefined,
    resourceVersion: undefined,
  };
}

async function createNamespace(
  options: InstallOptions,
  method: ReleaseStage['method'],
  session: Session,
): Promise<void> {
  if (options.mustCreateNamespace !== true) return;
  const { namespace } = options.release;
  const object = new Map<string, Value>([
    ['apiVersion', 'v1'],
    ['kind', 'Namespace'],
    [
      'metadata',
      new Map<string, Value>([
        ['name', namespace],
        ['labels', new Map([['name', namespace]])],
      ]),
    ],
  ]);
  const { fieldManager } = options.apply;
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  try {
    await (method === 'client'
      ? createObject(object, { fieldManager }, session.context)
      : applyObject(ref, object, { fieldManager, isForced: false }, session.context));
  } catch (error) {
    if (!isKubeError(error, 'kube/already-exists')) throw error;
  }
  reach(session, 'namespace-created', namespace);
}

async function supersedeReplaced(
  replaced: ReleaseRecord | undefined,
  session: Session,
): Promise<void> {
  if (replaced === undefined || replaced.info.status === 'failed') return;
  const info = { ...replaced.info, description: 'superseded by new release' };
  await supersede(session, { ...replaced, info });
}

/** The stage of an install, also of one that is resumed. */
export function installStage(
  prepared: ReleaseStage['prepared'],
  options: Pick<InstallOptions, 'apply' | 'isAtomic'>,
  method: ReleaseStage['method'],
  session: Session,
): ReleaseStage {
  return {
    prepared,
    previous: undefined,
    apply: options.apply,
    method,
    events: ['pre-install', 'post-install'],
    wrapHook: (event, error) => wrapFailure(`failed ${event}`, error),
    strategy: options.isAtomic === true ? atomicStrategy(session) : session.wait.strategy,
    applied: nothingApplied(),
  };
}

type FinishOptions = Pick<
  InstallOptions,
  'isAtomic' | 'description' | 'profile' | 'release' | 'hooks' | 'wait' | 'timeoutMs'
>;

/** Runs the stage and closes the bracket. */
export async function finishInstall(
  stage: ReleaseStage,
  open: OpenRecord,
  options: FinishOptions,
  session: Session,
): Promise<ReleaseRecord> {
  try {
    await runReleaseStage(stage, open, session);
    open.setStatus('deployed', options.description || 'Install complete');
    await open.save('record-final');
  } catch (error) {
    const closing = closingOf(session, error);
    if (closing === undefined) throw error;
    throw await failInstall(closing.error, open.under(closing.session), options, closing.session);
  }
  reach(session, 'record-final');
  return open.current;
}

async function failInstall(
  error: unknown,
  open: OpenRecord,
  options: FinishOptions,
  session: Session,
): Promise<ActionError> {
  const { name } = options.release;
  const text = textOf(error);
  open.setStatus('failed', `Release ${quote(name)} failed: ${text}`);
  await open.save('record-final');
  if (options.isAtomic !== true) return new ActionError(text, open.current, error);
  try {
    // Helm 4 waits for what it deletes, since it waits for what it installs.
    const mustWaitForDeletion = session.profile === 'helm4';
    await uninstall(
      { ...options, description: undefined, mustKeepHistory: false, mustWaitForDeletion },
      session.context,
    );
  } catch (undoError) {
    if (mustHandOver(session, undoError)) throw undoError;
    const prefix = `an error occurred while uninstalling the release. original install error: ${text}`;
    return new ActionError(`${prefix}: ${textOf(undoError)}`, open.current, undoError);
  }
  const prefix = `release ${name} failed, and has been uninstalled due to ${session.texts.atomic} being set`;
  return new ActionError(`${prefix}: ${text}`, open.current, error);
}
