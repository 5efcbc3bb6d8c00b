// SPDX-License-Identifier: Apache-2.0

/** Lets the API server say what the writes of a plan would come to, without keeping any of them. */

import type { ValueMap } from '@helm-operator/gocompat';
import {
  applyObject,
  createObject,
  KubeError,
  patchObject,
  replaceObject,
} from '@helm-operator/kube';
import { textOf } from '../errors.ts';
import { diagnose } from '../failures.ts';
import { fieldChanges, fieldsOf } from '../plan/changes.ts';
import { objectKey } from '../plan/objects.ts';
import { type Operation, UNCHANGED } from '../plan/plan.ts';
import type { PlannedItem } from '../plan/release-plan.ts';
import type { Prepared, PrepareOptions } from './prepare.ts';
import type { Session } from './session.ts';

/** Requests under way at a time. */
const CONCURRENCY = 8;

/**
 * The items of a plan as the API server would have them. What it cannot say yet (no namespace, no CRD) stays as it was computed.
 *
 * @throws {KubeError} the API server cannot be asked at all
 */
export async function askServer(
  prepared: Prepared,
  items: readonly PlannedItem[],
  options: PrepareOptions,
  session: Session,
): Promise<readonly PlannedItem[]> {
  const answered = [...items];
  const waiting = [...prepared.plan.operations.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [i, operation] = next;
      const item = items[i];
      const live = prepared.live.get(objectKey(operation.ref));
      if (item !== undefined) answered[i] = await ask(operation, item, live, { options, session });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return answered;
}

interface Question {
  readonly options: PrepareOptions;
  readonly session: Session;
}

async function ask(
  operation: Operation,
  item: PlannedItem,
  live: ValueMap | undefined,
  question: Question,
): Promise<PlannedItem> {
  try {
    const after = await tryWrite(operation, question);
    if (after === undefined) return item;
    if (live === undefined) return { ...item, object: fieldsOf(after), isExact: true };
    const changes = fieldChanges(live, after);
    return changes.length === 0
      ? { ...item, verb: 'keep', reason: UNCHANGED, changes, isExact: true }
      : { ...item, changes, isExact: true };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const { reason, retry, mend } = diagnose(error);
    if (reason === 'immutable-field' && question.options.apply.onImmutable === 'recreate') {
      return { ...item, verb: 'recreate', reason: textOf(error), isExact: true };
    }
    // Whatever is transient, such as a namespace that is not there yet, says nothing about the write itself.
    if (retry === 'transient') return item;
    return { ...item, verb: 'refuse', problem: textOf(error), mend, isExact: true };
  }
}

/** @returns the object as it would be; `undefined` for operations without contents */
async function tryWrite(
  operation: Operation,
  { options, session }: Question,
): Promise<ValueMap | undefined> {
  const { ref } = operation;
  const { cluster, clock, signal } = session.context;
  const context = { cluster, clock, signal };
  const { fieldManager } = options.apply;
  const write = { fieldManager, isDryRun: true };
  switch (operation.verb) {
    case 'create':
      return createObject(operation.object, write, context);
    case 'patch':
      return patchObject(ref, operation.patch, write, context);
    case 'replace':
      return replaceObject(ref, operation.object, write, context);
    case 'apply': {
      // Fields we set ourselves before count as another manager's until they are moved.
      const isForced = operation.isForced || operation.migrateFrom !== undefined;
      const fieldValidation = options.apply.isValidated === false ? 'Ignore' : 'Strict';
      return applyObject(ref, operation.object, { ...write, isForced, fieldValidation }, context);
    }
    default:
      return undefined;
  }
}
