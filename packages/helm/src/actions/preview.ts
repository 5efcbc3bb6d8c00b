// SPDX-License-Identifier: Apache-2.0

/**
 * What an action would do, stage by stage, without doing it. Goes the way of the action itself up to its first write.
 */

import { HelmError } from '../errors.ts';
import {
  describePlan,
  fingerprintOf,
  objectStages,
  type PlannedStage,
  type ReleasePlan,
} from '../plan/release-plan.ts';
import { lastRecord, recordsToPrune } from '../release/history.ts';
import type { HookEvent, HookRecord, ReleaseRecord } from '../release/record.ts';
import type { CrdFile } from '../render-host/port.ts';
import { askServer } from './ask-server.ts';
import type { ActionContext } from './context.ts';
import { planDeletion } from './delete-objects.ts';
import { hooksOf } from './hooks.ts';
import { draftInstall } from './install.ts';
import type {
  InstallOptions,
  InstallOrUpgradeOptions,
  RollbackOptions,
  UninstallOptions,
  UpgradeOptions,
} from './options.ts';
import { planCrds, withKindsOf } from './plan-crds.ts';
import { type PrepareOptions, prepare } from './prepare.ts';
import { draftRollback } from './rollback.ts';
import { openSession, readHistory, type Session } from './session.ts';
import { draftUpgrade } from './upgrade.ts';

export interface PreviewOptions {
  /** Sends every write as a dry run: the API server's defaults, webhooks and refusals are seen. */
  readonly mustAskServer?: boolean | undefined;
}

export interface Preview {
  readonly plan: ReleasePlan;
  /** The record that would be written; of an uninstall the one that goes. */
  readonly record: ReleaseRecord;
  /** The record whose objects the cluster has. */
  readonly previous: ReleaseRecord | undefined;
}

/** @throws as `install` before its first write */
export async function previewInstall(
  options: InstallOptions,
  context: ActionContext,
  how: PreviewOptions = {},
): Promise<Preview> {
  const session = openSession('install', options, context);
  const dryOptions = { ...options, dryRun: 'server' } as const;
  const { record, method, records, crds } = await draftInstall(dryOptions, true, session);
  const prepareOptions = { apply: options.apply, method };
  const subject = { record, previous: undefined, records, crds };
  return previewRelease(subject, { ...options, prepareOptions, how }, session);
}

/** @throws as `upgrade` before its first write */
export async function previewUpgrade(
  options: UpgradeOptions,
  context: ActionContext,
  how: PreviewOptions = {},
): Promise<Preview> {
  const session = openSession('upgrade', options, context);
  const draft = await draftUpgrade({ ...options, dryRun: 'server' }, session);
  const prepareOptions = { apply: options.apply, method: draft.method };
  return previewRelease(draft, { ...options, prepareOptions, how }, session);
}

/** @throws as `installOrUpgrade` before its first write */
export async function previewInstallOrUpgrade(
  options: InstallOrUpgradeOptions,
  context: ActionContext,
  how: PreviewOptions = {},
): Promise<Preview> {
  const { records } = await readHistory(openSession('upgrade', options, context));
  const status = lastRecord(records)?.info.status;
  if (status !== undefined && status !== 'uninstalled') {
    return previewUpgrade(options, context, how);
  }
  const crds = options.installCrds ?? options.crds;
  return previewInstall({ ...options, crds, canReplace: status === 'uninstalled' }, context, how);
}

/** @throws as `rollback` before its first write */
export async function previewRollback(
  options: RollbackOptions,
  context: ActionContext,
  how: PreviewOptions = {},
): Promise<Preview> {
  const session = openSession('rollback', options, context);
  const draft = await draftRollback(options, session);
  const prepareOptions = { apply: options.apply, method: draft.method, isRollback: true };
  const crds = { mode: 'skip' } as const;
  return previewRelease({ ...draft, crds: [] }, { ...options, crds, prepareOptions, how }, session);
}

/** @throws {HelmError} `helm/release-not-found`, `helm/build` */
export async function previewUninstall(
  options: UninstallOptions,
  context: ActionContext,
): Promise<Preview> {
  const session = openSession('uninstall', options, context);
  const { records } = await readHistory(session);
  const record = lastRecord(records);
  if (record === undefined) {
    throw new HelmError('helm/release-not-found', 'release: not found');
  }
  const { kept, batches } = await planDeletion(record, session);
  const reason = 'the release is uninstalled';
  const items = [
    ...batches.flat().map(({ ref }) => ({ ref, reason, verb: 'delete' as const })),
    ...kept.map(({ ref }) => ({ ref, reason: 'its resource policy', verb: 'keep' as const })),
  ].map((item) => ({ ...item, changes: [], isExact: true }));
  const stages: readonly PlannedStage[] = [
    hookStage(record.hooks, 'pre-delete', session),
    { name: 'prune', items },
    hookStage(record.hooks, 'post-delete', session),
  ];
  const forgotten = options.mustKeepHistory === true ? [] : records;
  return {
    record,
    previous: record,
    plan: {
      action: 'uninstall',
      release: session.release,
      revision: record.revision,
      previousRevision: record.revision,
      stages: stages.filter((stage) => stage.items.length > 0),
      prunedRevisions: forgotten.map(({ revision }) => revision),
      notes: [],
      fingerprint: new Map(),
    },
  };
}

interface Subject {
  readonly record: ReleaseRecord;
  readonly previous: ReleaseRecord | undefined;
  readonly records: readonly ReleaseRecord[];
  readonly crds: readonly CrdFile[];
}

type ReleaseOptions = Pick<InstallOptions, 'crds' | 'history' | 'mustCreateNamespace'> & {
  readonly prepareOptions: PrepareOptions;
  readonly how: PreviewOptions;
};

async function previewRelease(
  subject: Subject,
  options: ReleaseOptions,
  session: Session,
): Promise<Preview> {
  const { record, previous, records } = subject;
  const planning = await withKindsOf(subject.crds, session);
  const crds: PlannedStage = {
    name: 'crds',
    items: await planCrds(subject.crds, options.crds, planning),
  };
  const namespace = await namespaceStage(options, planning);
  const prepared = await prepare(record, previous, options.prepareOptions, planning);
  const described = describePlan(prepared);
  const items =
    options.how.mustAskServer === true
      ? await askServer(prepared, described, options.prepareOptions, planning)
      : described;

  const [before, after] = EVENTS[session.action] ?? [];
  const first = hookStage(record.hooks, before, session);
  const provisional = provisionalAfter([crds, namespace, first]);
  const stages = [
    crds,
    namespace,
    first,
    ...objectStages(items).map((stage) => ({ ...stage, after: provisional })),
    hookStage(record.hooks, after, session),
  ];
  const pruned = recordsToPrune(records, options.history.maxRevisions);
  const plan: ReleasePlan = {
    action:
      session.action === 'upgrade' || session.action === 'rollback' ? session.action : 'install',
    release: session.release,
    revision: record.revision,
    previousRevision: previous?.revision,
    stages: stages.filter((stage) => stage.items.length > 0),
    prunedRevisions: pruned.map(({ revision }) => revision),
    notes: notesOn(session),
    fingerprint: fingerprintOf(prepared.plan),
  };
  return { plan, record, previous };
}

const EVENTS: Partial<Record<Session['action'], readonly [HookEvent, HookEvent]>> = {
  install: ['pre-install', 'post-install'],
  upgrade: ['pre-upgrade', 'post-upgrade'],
  rollback: ['pre-rollback', 'post-rollback'],
};

/** The last step that may change what the stages behind it find. */
function provisionalAfter(stages: readonly PlannedStage[]): string | undefined {
  const last = stages.findLast(({ items }) => items.some(({ verb }) => verb !== 'keep'));
  if (last === undefined) return undefined;
  if (last.name === 'hooks') return 'pre-hooks-done';
  return last.name === 'crds' ? 'crds-established' : 'namespace-created';
}

function hookStage(
  hooks: readonly HookRecord[],
  event: HookEvent | undefined,
  session: Session,
): PlannedStage {
  const isQuiet = event === undefined || session.hooks.isDisabled === true;
  const places = isQuiet ? [] : hooksOf(hooks, event);
  return {
    name: 'hooks',
    event,
    items: places.map(({ hook }) => ({
      verb: 'run',
      ref: {
        apiVersion: '',
        kind: hook.kind,
        namespace: session.release.namespace,
        name: hook.name,
      },
      reason: `weight ${hook.weight}, deleted ${hook.deletePolicies.join(', ') || 'before-hook-creation'}`,
      changes: [],
      isExact: true,
    })),
  };
}

async function namespaceStage(
  { mustCreateNamespace }: ReleaseOptions,
  { context, release }: Session,
): Promise<PlannedStage> {
  if (mustCreateNamespace !== true) return { name: 'namespace', items: [] };
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: release.namespace };
  const live = await context.cluster.getJson(ref, { signal: context.signal });
  const [verb, reason] =
    live === undefined
      ? (['create', 'the cluster does not have it'] as const)
      : (['keep', 'it is there already'] as const);
  return { name: 'namespace', items: [{ verb, ref, reason, changes: [], isExact: true }] };
}

function notesOn({ wait, timeoutMs }: Session): readonly string[] {
  if (wait.strategy === 'none') return [];
  const jobs = wait.mustWaitForJobs === true ? ', Jobs included' : '';
  return [
    `waits up to ${timeoutMs / 1000} s until the objects are ready (${wait.strategy}${jobs})`,
  ];
}
