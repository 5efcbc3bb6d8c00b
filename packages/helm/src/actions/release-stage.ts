// SPDX-License-Identifier: Apache-2.0

/**
 * From the pending record to the last hook: what install, upgrade, rollback and their resumption have in common.
 *
 * Stage: record pending → **pre-hooks · apply · wait · post-hooks** → record final
 */

import type { HookEvent, ReleaseRecord } from '../release/record.ts';
import { type Applied, createAll, updateAll } from './apply-plan.ts';
import { runHooks } from './hooks.ts';
import type { OpenRecord } from './open-record.ts';
import type { ApplyPolicy } from './options.ts';
import { type ApplyMethod, type Prepared, planAgain } from './prepare.ts';
import { recreatePods } from './recreate-pods.ts';
import { waitMs } from './resumed.ts';
import { reach, type Session } from './session.ts';
import { waitForObjects } from './wait.ts';

/** The part of a release action that changes objects. */
export interface ReleaseStage {
  readonly prepared: Prepared;
  readonly previous: ReleaseRecord | undefined;
  readonly apply: ApplyPolicy;
  readonly method: ApplyMethod;
  readonly isRollback?: boolean | undefined;
  readonly events: readonly [before: HookEvent, after: HookEvent];
  /** Goes before a hook's error, by its place: `failed pre-install: …`. */
  readonly wrapHook: (event: HookEvent, error: unknown) => unknown;
  readonly strategy: Session['wait']['strategy'];
  readonly mustRecreatePods?: boolean | undefined;
  /** Filled as far as it gets, whatever happens. */
  readonly applied: Applied;
}

/** Which part of a stage failed: rollback records them differently. */
export type StagePart = 'pre-hooks' | 'apply' | 'wait' | 'post-hooks';

/** Runs the stage; `onPart` hears which part begins. */
export async function runReleaseStage(
  stage: ReleaseStage,
  open: OpenRecord,
  session: Session,
  onPart: (part: StagePart) => void = () => {},
): Promise<void> {
  const [before, after] = stage.events;
  onPart('pre-hooks');
  const ran = await hooks(stage, before, open, session);
  reach(session, 'pre-hooks-done');

  onPart('apply');
  const prepared =
    ran === 0 ? stage.prepared : await planAgain(stage.prepared, stage, stage.previous, session);
  await applyPrepared(prepared, stage, session);
  if (stage.mustRecreatePods === true) await recreatePods(stage.applied.updated, session);

  onPart('wait');
  const { fieldManager } = stage.apply;
  const resumed = { open, live: prepared.live, applied: stage.applied, fieldManager };
  await waitForObjects(prepared.target, session, stage.strategy, waitMs(resumed, session));

  onPart('post-hooks');
  await hooks(stage, after, open, session);
  reach(session, 'post-hooks-done');
}

async function hooks(
  stage: ReleaseStage,
  event: HookEvent,
  open: OpenRecord,
  session: Session,
): Promise<number> {
  const write = { fieldManager: stage.apply.fieldManager, method: stage.method };
  try {
    return await runHooks(open, event, write, session);
  } catch (error) {
    session.context.signal.throwIfAborted();
    throw stage.wrapHook(event, error);
  }
}

async function applyPrepared(
  prepared: Prepared,
  stage: ReleaseStage,
  session: Session,
): Promise<void> {
  const isCreation =
    prepared.isFresh &&
    prepared.plan.operations.every(({ verb }) => verb === 'create' || verb === 'apply');
  if (isCreation) await createAll(prepared.plan, stage.apply, stage.applied, session);
  else await updateAll(prepared.plan, stage.apply, stage.applied, session);
}
