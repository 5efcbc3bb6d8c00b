// SPDX-License-Identifier: Apache-2.0

/**
 * Executes a plan.
 *
 * Stage:   record pending → pre-hooks → **apply** → wait
 * Effects: writes objects.
 * Source:  helm v3.22.0 pkg/kube/client.go Create, update, perform
 * Differs: an object that vanished since it was planned is created.
 */

import { encodeJson, type ValueMap } from '@helm-operator/gocompat';
import {
  type ApplyContext,
  applyObject,
  createObject,
  deleteObject,
  isKubeError,
  type ObjectRef,
  type ObjectWriteOptions,
  patchObject,
  replaceObject,
} from '@helm-operator/kube';
import { HelmError, textOf } from '../errors.ts';
import { diagnose, worstOf } from '../failures.ts';
import { type MigrationPolicy, migrationPatch } from '../plan/managed-fields.ts';
import { printedRef } from '../plan/objects.ts';
import type { Operation, Plan } from '../plan/plan.ts';
import { waitForDeletion } from '../wait/deletion.ts';
import { deletePatiently, isServerTrouble } from './delete-patiently.ts';
import type { ApplyPolicy } from './options.ts';
import { reach, type Session, warn } from './session.ts';

/** What a plan did, up to its end or its failure. */
export interface Applied {
  readonly created: ObjectRef[];
  readonly updated: ObjectRef[];
  readonly deleted: ObjectRef[];
}

interface Run {
  readonly session: Session;
  readonly policy: ApplyPolicy;
  readonly applied: Applied;
  readonly apply: ApplyContext;
  readonly options: ObjectWriteOptions;
}

export function nothingApplied(): Applied {
  return { created: [], updated: [], deleted: [] };
}

function openRun(session: Session, policy: ApplyPolicy, applied: Applied): Run {
  const { cluster, clock, signal } = session.context;
  return {
    session,
    policy,
    applied,
    apply: { cluster, clock, signal },
    options: { fieldManager: policy.fieldManager, isMetadataEnough: true },
  };
}

/**
 * Creates everything at once, kind by kind: what an install does when nothing of it exists.
 *
 * @param applied filled as far as it gets, whatever happens
 * @throws {HelmError} `helm/apply`: every error, in Helm's words
 */
export async function createAll(
  plan: Plan,
  policy: ApplyPolicy,
  applied: Applied,
  session: Session,
): Promise<void> {
  const run = openRun(session, policy, applied);
  const errors: unknown[] = [];
  for (const batch of batchesByKind(plan.operations)) {
    const results = await Promise.allSettled(
      batch.map((operation) => executeNamed(operation, run)),
    );
    session.context.signal.throwIfAborted();
    errors.push(
      ...results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
    );
  }
  if (errors.length > 0) {
    throw new HelmError('helm/apply', session.texts.joinErrors(errors.map(textOf)), {
      cause: worstOf(errors),
    });
  }
  reach(session, 'objects-done');
}

function batchesByKind(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const batches: Operation[][] = [];
  for (const operation of operations) {
    const last = batches.at(-1);
    if (last?.[0]?.ref.kind === operation.ref.kind) last.push(operation);
    else batches.push([operation]);
  }
  return batches;
}

/**
 * Creates and changes one object after the other, then deletes what is no longer wanted. An object that cannot be created ends it;
 * other failures are collected, and nothing is deleted.
 *
 * @param applied filled as far as it gets, whatever happens
 * @throws {HelmError} `helm/apply`
 */
export async function updateAll(
  plan: Plan,
  policy: ApplyPolicy,
  applied: Applied,
  session: Session,
): Promise<void> {
  const run = openRun(session, policy, applied);
  const errors: unknown[] = [];
  for (const operation of plan.operations.filter(({ verb }) => verb !== 'delete')) {
    session.context.signal.throwIfAborted();
    try {
      await execute(operation, run);
    } catch (error) {
      session.context.signal.throwIfAborted();
      if (isCreation(operation)) {
        throw new HelmError('helm/apply', `failed to create resource: ${textOf(error)}`, {
          cause: error,
          object: operation.ref,
        });
      }
      errors.push(error);
    }
  }
  if (errors.length > 0) {
    throw new HelmError('helm/apply', errors.map(textOf).join(' && '), { cause: worstOf(errors) });
  }
  reach(session, 'objects-done');
  await deleteUnwanted(plan, run);
  reach(session, 'pruned');
}

/** Helm's texts do not always say which object it was. @throws {HelmError} with the object, in the same words */
async function executeNamed(operation: Operation, run: Run): Promise<void> {
  try {
    await execute(operation, run);
  } catch (error) {
    if (!isKubeError(error)) throw error;
    throw new HelmError('helm/apply', textOf(error), { cause: error, object: operation.ref });
  }
}

function isCreation(operation: Operation): boolean {
  return operation.verb === 'create' || (operation.verb === 'apply' && operation.isNew);
}

async function deleteUnwanted(plan: Plan, run: Run): Promise<void> {
  const errors: HelmError[] = [];
  for (const operation of plan.operations.filter(({ verb }) => verb === 'delete')) {
    run.session.context.signal.throwIfAborted();
    try {
      await execute(operation, run);
    } catch (error) {
      run.session.context.signal.throwIfAborted();
      const { kind, name, namespace } = operation.ref;
      const subject =
        run.session.profile === 'helm3'
          ? `${kind} ${name}`
          : `namespace=${namespace ?? ''}, name=${name}, kind=${kind}`;
      const text = `failed to delete resource ${subject}: ${textOf(error)}`;
      errors.push(new HelmError('helm/apply', text, { cause: error }));
    }
  }
  if (errors.length === 0) return;
  const text = errors.map(textOf).join('\n');
  // Helm 3 goes on: what it may not delete stays, unknown to every release. Troubles of the server are another matter: they pass.
  const mayForget = errors.every(({ cause }) => !isServerTrouble(cause));
  if (run.session.profile === 'helm3' && mayForget) warn(run.session, text);
  else throw new HelmError('helm/apply', text, { cause: worstOf(errors) });
}

async function execute(operation: Operation, run: Run): Promise<void> {
  await write(operation, run);
  reach(run.session, 'object-done', printedRef(operation.ref));
}

async function write(operation: Operation, run: Run): Promise<void> {
  const { ref } = operation;
  switch (operation.verb) {
    case 'keep':
      return;
    case 'refuse':
      run.applied.updated.push(ref);
      throw new HelmError('helm/apply', operation.message, { cause: { retry: 'terminal' } });
    case 'create':
      run.applied.created.push(ref);
      await createObject(operation.object, run.options, run.apply);
      return;
    case 'delete':
      if ((await deletePatiently(ref, run.apply)) === 'deleted') run.applied.deleted.push(ref);
      return;
    case 'recreate':
      run.applied.updated.push(ref);
      await recreate(ref, operation.object, run);
      return;
    case 'replace':
      run.applied.updated.push(ref);
      await replace(operation, run);
      return;
    case 'apply':
      (operation.isNew ? run.applied.created : run.applied.updated).push(ref);
      await serverSideApply(operation, run);
      return;
    case 'patch':
      await patch(operation, run);
      return;
    default:
      operation satisfies never;
  }
}

async function patch(operation: Operation & { verb: 'patch' }, run: Run): Promise<void> {
  const { ref } = operation;
  try {
    await patchObject(ref, operation.patch, run.options, run.apply);
    run.applied.updated.push(ref);
  } catch (error) {
    if (isKubeError(error, 'kube/not-found')) {
      run.applied.created.push(ref);
      await createObject(operation.object, run.options, run.apply);
      return;
    }
    run.applied.updated.push(ref);
    if (run.policy.onImmutable === 'recreate' && isImmutable(error)) {
      await recreate(ref, operation.object, run);
      return;
    }
    const text = `cannot patch ${JSON.stringify(ref.name)} with kind ${ref.kind}: ${textOf(error)}`;
    throw new HelmError('helm/apply', text, { cause: error });
  }
}

async function replace(operation: Operation & { verb: 'replace' }, run: Run): Promise<void> {
  const fieldValidation = run.session.profile === 'helm4' ? ('Strict' as const) : undefined;
  const options = { ...run.options, fieldValidation };
  try {
    await replaceObject(operation.ref, operation.object, options, run.apply);
  } catch (error) {
    if (run.policy.onImmutable === 'recreate' && isImmutable(error)) {
      await recreate(operation.ref, operation.object, run);
      return;
    }
    throw new HelmError('helm/apply', `failed to replace object: ${textOf(error)}`, {
      cause: error,
    });
  }
}

async function serverSideApply(operation: Operation & { verb: 'apply' }, run: Run): Promise<void> {
  const { ref, object, isForced, migrateFrom } = operation;
  if (migrateFrom !== undefined) await moveFields(ref, migrateFrom, run);
  const fieldValidation =
    run.policy.isValidated === false ? ('Ignore' as const) : ('Strict' as const);
  try {
    await applyObject(ref, object, { ...run.options, fieldValidation, isForced }, run.apply);
  } catch (error) {
    if (run.policy.onImmutable !== 'recreate' || !isImmutable(error)) throw error;
    await removeForGood(ref, run);
    await applyObject(ref, object, { ...run.options, fieldValidation, isForced }, run.apply);
  }
}

/** client-go's `retry.DefaultRetry`. */
const MOVE_TRIES = 5;
const MOVE_PAUSE_MS = 10;

/** Makes fields the release wrote by updates its applied ones. Somebody may change the object meanwhile: then once more. */
async function moveFields(
  ref: ObjectRef,
  planned: { readonly object: ValueMap; readonly policy: MigrationPolicy },
  run: Run,
): Promise<void> {
  const { cluster, clock, signal } = run.session.context;
  const { fieldManager } = run.policy;
  let live: ValueMap | undefined = planned.object;
  for (let tries = 1; live !== undefined; tries++) {
    const patch = migrationPatch(live, planned.policy);
    if (patch === undefined) return;
    try {
      await cluster.patch(ref, 'json', encodeJson(patch), { fieldManager, signal });
      return;
    } catch (error) {
      if (isKubeError(error, 'kube/not-found')) return;
      if (tries >= MOVE_TRIES || !isStale(error)) throw error;
    }
    await clock.sleep(MOVE_PAUSE_MS, signal);
    live = await cluster.get(ref, { signal });
  }
}

/** The version the patch was made for is not the newest any more. */
function isStale(error: unknown): boolean {
  return isKubeError(error, 'kube/conflict') || isKubeError(error, 'kube/invalid');
}

/** An answer that no retry changes: the field can only be set when the object is made. */
function isImmutable(error: unknown): boolean {
  return diagnose(error).reason === 'immutable-field';
}

async function recreate(ref: ObjectRef, object: ValueMap, run: Run): Promise<void> {
  await removeForGood(ref, run);
  await createObject(object, run.options, run.apply);
}

/** Pods and volumes of a StatefulSet survive; the new one finds them by its selector. */
async function removeForGood(ref: ObjectRef, run: Run): Promise<void> {
  const propagation = ref.kind === 'StatefulSet' ? 'Orphan' : 'Background';
  await deleteObject(ref, { propagation }, run.apply);
  const { timeoutMs, profile, context } = run.session;
  await waitForDeletion([ref], { timeoutMs, profile }, context);
}
