// SPDX-License-Identifier: Apache-2.0

/**
 * Runs the hooks of one event, one after the other.
 *
 * Effects: deletes, creates and watches the hooks' objects; writes the record before each hook.
 * Source:  helm v3.22.0 pkg/action/hooks.go execHook; helm v4.2.1 pkg/action/hooks.go
 * Differs: a record that cannot be written stops the hooks; a hook's logs go to the action's log.
 */

import { applyObject, createObject, deleteObject, type ObjectRef } from '@helm-operator/kube';
import { HelmError, textOf, wrap } from '../errors.ts';
import { buildObjects } from '../plan/build.ts';
import type { ManifestObject } from '../plan/objects.ts';
import type { HookEvent, HookRecord } from '../release/record.ts';
import { recordTime } from '../release/time.ts';
import { waitForDeletion } from '../wait/deletion.ts';
import { waitForHook } from '../wait/hook.ts';
import { WaitError } from '../wait/wait-error.ts';
import { outputHookLogs } from './hook-logs.ts';
import type { OpenRecord } from './open-record.ts';
import type { Profile } from './options.ts';
import { leftMs, runningSince } from './resumed.ts';
import { reach, type Session, warn } from './session.ts';

type DeletePolicy = 'before-hook-creation' | 'hook-succeeded' | 'hook-failed';

/** One hook of the record, by its place there. */
interface Place {
  readonly index: number;
  readonly hook: HookRecord;
}

export interface HookWriteOptions {
  readonly fieldManager: string;
  readonly method: 'client' | 'server';
  /** Runs only these; all of them without it. */
  readonly isChosen?: (hook: HookRecord) => boolean;
  /** Called when a hook has ended, well or badly, before a delete policy takes its objects. Must not throw. */
  readonly onEnded?: ((hook: HookRecord) => Promise<void>) | undefined;
}

/**
 * The hooks of an event in the order they run: weight, then name, then the record's order. A hook that names the event twice
 * runs twice.
 */
export function hooksOf(hooks: readonly HookRecord[], event: HookEvent): readonly Place[] {
  return hooks
    .flatMap((hook, index) =>
      hook.events.filter((own) => own === event).map(() => ({ index, hook })),
    )
    .toSorted((a, b) => a.hook.weight - b.hook.weight || compareNames(a.hook.name, b.hook.name));
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * @returns how many hooks ran
 * @throws {HelmError} `helm/hook-failed`, or what waiting, building or deleting threw
 */
export async function runHooks(
  open: OpenRecord,
  event: HookEvent,
  write: HookWriteOptions,
  session: Session,
): Promise<number> {
  if (session.hooks.isDisabled === true || open.hasFinished(event)) return 0;
  const places = hooksOf(open.current.hooks, event).filter(
    ({ hook }) => write.isChosen?.(hook) ?? true,
  );
  const begun = places.findIndex(({ hook }) => open.wasBegun(event, hook));
  for (const [turn, place] of places.entries()) {
    const succeeded = places.slice(0, turn);
    const hookTurn = { open, event, write, session, succeeded };
    // Those before the one that was begun have succeeded.
    if (turn >= begun) await runOne(place, hookTurn, turn === begun);
  }
  for (const { index } of places.toReversed()) {
    await outputHookLogs(hookAt(open, index), 'hook-succeeded', session);
    await deleteByPolicy(index, 'hook-succeeded', open, session);
  }
  open.finishEvent(event);
  return places.length;
}

interface HookTurn {
  readonly open: OpenRecord;
  readonly event: HookEvent;
  readonly write: HookWriteOptions;
  readonly session: Session;
  readonly succeeded: readonly Place[];
}

async function runOne({ index }: Place, turn: HookTurn, wasBegun: boolean): Promise<void> {
  const { open, session } = turn;
  const { clock } = session.context;
  const running = wasBegun ? await goOn(index, turn) : undefined;
  const refs = running?.refs ?? (await begin(index, turn));
  const { name } = hookAt(open, index);
  reach(session, 'hook-created', name);
  try {
    const { patience } = session.wait;
    const way = waitingWay(session);
    const timeoutMs = running === undefined ? way.timeoutMs : leftMs(running.sinceMs, session);
    await waitForHook(refs, { ...way, timeoutMs, patience }, session.context);
  } catch (error) {
    if (session.context.signal.aborted) throw error;
    open.setRun(index, { completedAt: recordTime(clock.nowMs()), phase: 'Failed' });
    await turn.write.onEnded?.(hookAt(open, index));
    await cleanAfterFailure(index, turn);
    throw asHookError(error, session);
  }
  open.setRun(index, { completedAt: recordTime(clock.nowMs()), phase: 'Succeeded' });
  await turn.write.onEnded?.(hookAt(open, index));
  reach(session, 'hook-done', name);
}

/** A hook that an earlier holder began runs on: it is waited for, not begun anew. */
async function goOn(
  index: number,
  turn: HookTurn,
): Promise<{ readonly refs: readonly ObjectRef[]; readonly sinceMs: number } | undefined> {
  const { open, session } = turn;
  const hook = hookAt(open, index);
  const refs = (await buildTurn(hook, turn)).map(({ ref }) => ref);
  const sinceMs = await runningSince(hook, refs, session);
  if (sinceMs === undefined) return undefined;
  open.setRun(index, { phase: 'Unknown' });
  return { refs, sinceMs };
}

/** Creates what the hook is made of. */
async function begin(index: number, turn: HookTurn): Promise<readonly ObjectRef[]> {
  const { open, event, session } = turn;
  const { clock } = session.context;
  if (hookAt(open, index).deletePolicies.length === 0) {
    open.setHook(index, { deletePolicies: ['before-hook-creation'] });
  }
  await deleteByPolicy(index, 'before-hook-creation', open, session);
  const hook = hookAt(open, index);
  const objects = await buildTurn(hook, turn);

  const startedAt = recordTime(clock.nowMs());
  open.setRun(index, { startedAt, completedAt: '', phase: 'Running' });
  await open.saveHook(event, hook.name);
  open.setRun(index, { phase: 'Unknown' });

  await createHook(objects, index, turn);
  return objects.map(({ ref }) => ref);
}

function buildTurn(
  hook: HookRecord,
  { event, session }: HookTurn,
): Promise<readonly ManifestObject[]> {
  const doing = `unable to build kubernetes object for ${event} hook ${hook.path}`;
  return buildHook(hook, doing, session);
}
/** Helm 4 waits as Helm 3 when told to (`--wait=legacy`), for hooks too. */
function waitingWay({ timeoutMs, wait, profile }: Session): {
  readonly timeoutMs: number;
  readonly profile: Profile;
} {
  return { timeoutMs, profile: wait.strategy === 'helm3' ? 'helm3' : profile };
}

/** Helm 3 puts even one error into a list. */
function asHookError(error: unknown, session: Session): HelmError {
  const text = session.texts.joinErrors([textOf(error)]);
  if (!(error instanceof WaitError))
    return new HelmError('helm/hook-failed', text, { cause: error });
  const isLate = error.code === 'helm/wait-timeout';
  return new WaitError(isLate ? error.code : 'helm/hook-failed', text, error.culprits);
}

async function createHook(
  objects: readonly ManifestObject[],
  index: number,
  { open, event, write, session }: HookTurn,
): Promise<void> {
  const { clock, cluster, signal } = session.context;
  const context = { cluster, clock, signal };
  const { fieldManager } = write;
  const results = await Promise.allSettled(
    objects.map(({ ref, object }) =>
      write.method === 'client'
        ? createObject(object, { fieldManager }, context)
        : applyObject(ref, object, { fieldManager, isForced: false }, context),
    ),
  );
  signal.throwIfAborted();
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (objects.length > 0 && errors.length === 0) return;
  open.setRun(index, { completedAt: recordTime(clock.nowMs()), phase: 'Failed' });
  const text =
    errors.length === 0 ? 'no objects visited' : session.texts.joinErrors(errors.map(textOf));
  const { path } = hookAt(open, index);
  throw new HelmError('helm/hook-failed', `warning: Hook ${event} ${path} failed: ${text}`, {
    cause: errors[0],
  });
}

async function cleanAfterFailure(index: number, turn: HookTurn): Promise<void> {
  const { open, session, succeeded } = turn;
  await outputHookLogs(hookAt(open, index), 'hook-failed', session);
  try {
    await deleteByPolicy(index, 'hook-failed', open, session);
  } catch (error) {
    if (session.context.signal.aborted) throw error;
    // The hook's own failure is what must be told.
    warn(session, `error deleting the hook resource on hook failure: ${textOf(error)}`);
  }
  for (const place of succeeded) await deleteByPolicy(place.index, 'hook-succeeded', open, session);
}

function hookAt(open: OpenRecord, index: number): HookRecord {
  const hook = open.current.hooks[index];
  if (hook === undefined) throw new HelmError('helm/hook-failed', `no hook at ${index}`);
  return hook;
}

async function buildHook(
  hook: HookRecord,
  doing: string,
  session: Session,
): Promise<readonly ManifestObject[]> {
  try {
    return await buildObjects(hook.manifest, session.release.namespace, session.context);
  } catch (error) {
    throw wrap('helm/build', doing, error);
  }
}

async function deleteByPolicy(
  index: number,
  policy: DeletePolicy,
  open: OpenRecord,
  session: Session,
): Promise<void> {
  const hook = hookAt(open, index);
  // A definition takes every object of its kind along.
  if (hook.kind === 'CustomResourceDefinition' || !hook.deletePolicies.includes(policy)) return;
  const doing = `unable to build kubernetes object for deleting hook ${hook.path}`;
  const objects = await buildHook(hook, doing, session);
  const deleted: ObjectRef[] = [];
  for (const { ref } of objects) {
    if ((await deleteObject(ref, {}, session.context)) === 'deleted') deleted.push(ref);
  }
  await waitForDeletion(deleted, waitingWay(session), session.context);
}
