// SPDX-License-Identifier: Apache-2.0

/** Going on where an earlier holder stopped: what runs is not begun anew, and time that has passed is not given twice. */

import type { ObjectRef } from '@helm-operator/kube';
import { lastWriteMs } from '../plan/managed-fields.ts';
import { type LiveObjects, mapIn, textIn } from '../plan/objects.ts';
import type { HookRecord } from '../release/record.ts';
import { parseRecordTime } from '../release/time.ts';
import type { Applied } from './apply-plan.ts';
import type { OpenRecord } from './open-record.ts';
import type { Session } from './session.ts';

/** However late it is, everything is looked at once more. In milliseconds. */
const LAST_LOOK_MS = 10_000;

/** What is left of an action's time-out since that moment, in milliseconds; no limit stays none. */
export function leftMs(sinceMs: number, { timeoutMs, context }: Session): number {
  if (timeoutMs === 0) return 0;
  const left = sinceMs + timeoutMs - context.clock.nowMs();
  return Math.min(timeoutMs, Math.max(LAST_LOOK_MS, left));
}

/**
 * Whether a hook that the record says is running was created by that very run.
 *
 * @returns since when, in milliseconds since 1970; `undefined`: it must be begun anew
 */
export async function runningSince(
  hook: HookRecord,
  refs: readonly ObjectRef[],
  { context }: Session,
): Promise<number | undefined> {
  const startedMs = parseRecordTime(hook.lastRun.startedAt);
  if (hook.lastRun.phase !== 'Running' || startedMs === undefined) return undefined;
  for (const ref of refs) {
    const object = await context.cluster.get(ref, { signal: context.signal });
    const metadata = object === undefined ? undefined : mapIn(object, 'metadata');
    const createdMs = parseRecordTime(textIn(metadata, 'creationTimestamp'));
    const isLeaving = textIn(metadata, 'deletionTimestamp') !== '';
    // The cluster tells whole seconds.
    if (createdMs === undefined || isLeaving || createdMs + 1_000 <= startedMs) return undefined;
  }
  return startedMs;
}

/** What is known of an earlier holder's work when its objects are waited for. */
export interface ResumedWait {
  readonly open: OpenRecord;
  readonly live: LiveObjects;
  readonly applied: Applied;
  readonly fieldManager: string;
}

/**
 * The time to wait for the objects of an action that is gone on with: from the last thing that its earlier holder did. Objects that
 * had still to be written get the whole time.
 */
export function waitMs(
  { open, live, applied, fieldManager }: ResumedWait,
  session: Session,
): number {
  const hasWritten = applied.created.length + applied.updated.length + applied.deleted.length > 0;
  if (!open.isResumed || hasWritten) return session.timeoutMs;
  const { info, hooks } = open.current;
  const moments = [
    parseRecordTime(info.lastDeployed),
    ...hooks.map(({ lastRun }) => parseRecordTime(lastRun.completedAt)),
    ...[...live.values()].map((object) => lastWriteMs(object, fieldManager)),
  ];
  return leftMs(Math.max(0, ...moments.filter((moment) => moment !== undefined)), session);
}
