// SPDX-License-Identifier: Apache-2.0

/**
 * Uninstalls a release.
 *
 * Source: helm v3.22.0 pkg/action/uninstall.go Run
 * Differs: kinds that the cluster no longer serves do not stop it.
 */

import { quote } from '@helm-operator/gocompat';
import { HelmError, isHelmError, textOf, wrap } from '../errors.ts';
import { byRevision, deployedRecords } from '../release/history.ts';
import { releaseNameProblem } from '../release/names.ts';
import type { HookEvent, ReleaseRecord } from '../release/record.ts';
import { recordTime } from '../release/time.ts';
import { waitForDeletion } from '../wait/deletion.ts';
import type { ActionContext } from './context.ts';
import { deleteReleaseObjects } from './delete-objects.ts';
import { runHooks } from './hooks.ts';
import { OpenRecord, supersede } from './open-record.ts';
import type { UninstallOptions } from './options.ts';
import { getRelease } from './read.ts';
import {
  ActionError,
  mustHandOver,
  openSession,
  reach,
  readHistory,
  type Session,
  warn,
} from './session.ts';

/** What an uninstall did. */
export interface UninstallResult {
  /** The last record; `undefined` when the release did not exist and that was allowed. */
  readonly record: ReleaseRecord | undefined;
  /** Objects kept by resource policy: `[Kind] name`. */
  readonly kept: readonly string[];
}

/**
 * @throws {HelmError} `helm/release-not-found`, `helm/invalid-name`
 * @throws {ActionError} `helm/action-failed`: the record stays `uninstalling`; the next uninstall goes on
 * @throws {DOMException} `AbortError`: told to stop; the next uninstall goes on
 */
export async function uninstall(
  options: UninstallOptions,
  context: ActionContext,
): Promise<UninstallResult> {
  const session = openSession('uninstall', options, context);
  const { name } = options.release;
  if (options.dryRun !== undefined) return showLast(options, context);
  if (releaseNameProblem(name) !== undefined) {
    throw new HelmError('helm/invalid-name', `uninstall: Release name is invalid: ${name}`);
  }
  const { records, corrupted } = await readHistory(session);
  const last = byRevision(records).at(-1);
  if (last === undefined && corrupted.length === 0) {
    if (options.canBeAbsent === true) return { record: undefined, kept: [] };
    const text = `uninstall: Release not loaded: ${name}: release: not found`;
    throw new HelmError('helm/release-not-found', text);
  }
  if (last === undefined) {
    const text = `uninstall: Release not loaded: ${name}: no stored revision can be read`;
    throw new HelmError('helm/record-decode', text);
  }
  if (last.info.status === 'uninstalled') return endAgain(last, records, options, session);
  return remove(last, records, options, session);
}

/** A dry run only looks whether the release is there; Helm 3 does so even if it may be absent. */
async function showLast(
  options: UninstallOptions,
  context: ActionContext,
): Promise<UninstallResult> {
  const { profile, release } = options;
  try {
    return { record: await getRelease({ profile, release }, context), kept: [] };
  } catch (error) {
    const canBeAbsent = options.canBeAbsent === true && profile === 'helm4';
    if (!canBeAbsent || !isHelmError(error, 'helm/release-not-found')) throw error;
    return { record: undefined, kept: [] };
  }
}

/** A release that is uninstalled already can only be forgotten. */
async function endAgain(
  last: ReleaseRecord,
  records: readonly ReleaseRecord[],
  options: UninstallOptions,
  session: Session,
): Promise<UninstallResult> {
  if (options.mustKeepHistory === true) {
    const text = `the release named ${quote(last.name)} is already deleted`;
    throw new HelmError('helm/release-not-found', text);
  }
  await purge(records, session);
  return { record: last, kept: [] };
}

async function remove(
  last: ReleaseRecord,
  records: readonly ReleaseRecord[],
  options: UninstallOptions,
  session: Session,
): Promise<UninstallResult> {
  const open = new OpenRecord(session, last);
  open.setInfo({
    status: 'uninstalling',
    deleted: recordTime(session.context.clock.nowMs()),
    description: 'Deletion in progress (or silently failed)',
  });
  await hooks(open, 'pre-delete', options, session);
  reach(session, 'pre-hooks-done');
  await open.save('record-pending');
  reach(session, 'record-pending');

  const { deleted, kept } = await deleteObjects(open, options, session);
  const errors = await afterDeletion(open, deleted, options, session);
  open.setStatus('uninstalled', options.description || 'Uninstallation complete');
  await close(open, records, { ...options, errors }, session);
  if (errors.length > 0) {
    const list = errors.map(textOf).join('; ');
    const text = `uninstallation completed with ${errors.length} error(s): ${list}`;
    throw new ActionError(text, open.current, errors[0]);
  }
  return { record: open.current, kept };
}

/** Helm 4 applies these hooks server-side whatever the release was written with. */
async function hooks(
  open: OpenRecord,
  event: HookEvent,
  { fieldManager = 'helm' }: UninstallOptions,
  session: Session,
): Promise<void> {
  const method = session.profile === 'helm4' ? 'server' : 'client';
  await runHooks(open, event, { fieldManager, method }, session);
}

async function deleteObjects(open: OpenRecord, options: UninstallOptions, session: Session) {
  try {
    const result = await deleteReleaseObjects(open.current, options.propagation, session);
    reach(session, 'objects-done');
    return result;
  } catch (error) {
    if (mustHandOver(session, error)) throw error;
    warn(session, `uninstall: Failed to delete release: ${textOf(error)}`);
    const { name } = options.release;
    throw new ActionError(`failed to delete release: ${name}`, open.current, error);
  }
}

/** Waiting and the last hooks; what goes wrong there does not bring the release back. */
async function afterDeletion(
  open: OpenRecord,
  deleted: Awaited<ReturnType<typeof deleteReleaseObjects>>['deleted'],
  options: UninstallOptions,
  session: Session,
): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  const collect = async (part: () => Promise<void>): Promise<void> => {
    try {
      await part();
    } catch (error) {
      if (mustHandOver(session, error)) throw error;
      errors.push(error);
    }
  };
  if (options.mustWaitForDeletion === true) {
    const { timeoutMs, profile, context } = session;
    await collect(() => waitForDeletion(deleted, { timeoutMs, profile }, context));
  }
  reach(session, 'waited');
  await collect(() => hooks(open, 'post-delete', options, session));
  reach(session, 'post-hooks-done');
  return errors;
}

async function close(
  open: OpenRecord,
  records: readonly ReleaseRecord[],
  options: UninstallOptions & { readonly errors: readonly unknown[] },
  session: Session,
): Promise<void> {
  if (options.mustKeepHistory !== true) {
    try {
      await purge(records, session);
    } catch (error) {
      throw wrap('helm/storage', 'uninstall: Failed to purge the release', error);
    }
    return;
  }
  await open.save('record-final');
  for (const record of deployedRecords(records)) {
    if (record.revision !== open.current.revision) await supersede(session, record);
  }
  reach(session, 'record-final');
}

/** The newest goes last: a stop in between leaves a release that still can be uninstalled. */
async function purge(records: readonly ReleaseRecord[], session: Session): Promise<void> {
  const { storage, signal } = session.context;
  for (const { name, revision } of byRevision(records)) {
    await storage.delete(name, revision, { signal });
  }
  reach(session, 'record-final');
}
