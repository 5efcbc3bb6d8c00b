// SPDX-License-Identifier: Apache-2.0

/**
 * The one loop of all waits: judge what the view shows, tell how far it is, look closer at what hangs, until done, told to stop or late.
 *
 * Effects: reads the cluster through the view; writes nothing.
 */

import type { ObjectRef } from '@helm-operator/kube';
import { type CulpritContext, findCulprits } from './culprit.ts';
import { describeCulprits } from './describe.ts';
import { Doctor } from './doctor.ts';
import type { Finding } from './finding.ts';
import { LiveView, type ViewContext } from './live-view.ts';
import { type Awaited, ProgressReporter, type WaitListener, type WaitPurpose } from './progress.ts';
import { type Culprit, WaitError } from './wait-error.ts';

export interface WaitContext extends ViewContext, CulpritContext {
  readonly signal: AbortSignal;
  readonly waiting?: WaitListener | undefined;
}

/** `fail-fast` ends a wait that cannot succeed; `helm` uses up the time as Helm does. */
export type Patience = 'fail-fast' | 'helm';

export interface WaitRun {
  readonly purpose: WaitPurpose;
  readonly refs: readonly ObjectRef[];
  /** `Infinity` for no limit. */
  readonly timeoutMs: number;
  readonly patience: Patience;
  /** Names and versions are enough to judge. */
  readonly isMetadataOnly?: boolean | undefined;
  /** @returns what is not done; empty ends the wait. May throw to end it */
  readonly judge: (view: LiveView) => readonly Awaited[] | Promise<readonly Awaited[]>;
}

/** What was still open when the time was over; `undefined` when all was done. */
export interface Late {
  readonly pending: readonly Awaited[];
  readonly findingOf: (ref: ObjectRef) => Finding | undefined;
}

/** Time passes without events, too: some rules count it. */
const TICK_MS = 1_000;
/** Many events at once are judged once. */
const PAUSE_MS = 25;
/** The first look may outlast the budget by that. */
const FIRST_LOOK_MS = 30_000;

/**
 * @throws {WaitError} `helm/wait-impossible`; what `judge` throws
 * @throws {KubeError} the API server refused to tell
 * @throws {DOMException} `AbortError`: told to stop
 */
export async function runWait(run: WaitRun, context: WaitContext): Promise<Late | undefined> {
  if (run.refs.length === 0) return undefined;
  context.signal.throwIfAborted();
  context.waiting?.began?.();
  const { isMetadataOnly = false } = run;
  const view = new LiveView(run.refs, context, { isMetadataOnly });
  try {
    return await watchUntilDone(run, view, context);
  } finally {
    await view.close();
    context.waiting?.ended?.();
  }
}

async function watchUntilDone(
  run: WaitRun,
  view: LiveView,
  context: WaitContext,
): Promise<Late | undefined> {
  const { clock } = context;
  const startMs = clock.elapsedMs();
  const doctor = new Doctor(view, context);
  const reporter = new ProgressReporter(context.waiting ?? {}, context.redact, startMs);
  const { purpose, timeoutMs } = run;
  let pending: readonly Awaited[] = run.refs.map((ref) => ({ ref, message: 'not seen yet' }));
  for (;;) {
    await view.changed(Math.max(1, Math.min(TICK_MS, startMs + timeoutMs - clock.elapsedMs())));
    if (view.isComplete) {
      pending = await run.judge(view);
      if (pending.length === 0) return undefined;
      view.focus(pending.map(({ ref }) => ref));
      if (run.patience === 'fail-fast') await stopIfHopeless(doctor, pending, context);
    }
    const nowMs = clock.elapsedMs();
    const total = run.refs.length;
    reporter.tell({ purpose, timeoutMs, total }, pending.map(withFinding(doctor)), nowMs);
    const lateMs = nowMs - startMs - timeoutMs;
    if (lateMs >= (view.isComplete ? 0 : FIRST_LOOK_MS)) {
      return { pending, findingOf: (ref) => doctor.findingOf(ref) };
    }
    await clock.sleep(Math.min(PAUSE_MS, Math.max(0, -lateMs)), context.signal);
  }
}

function withFinding(doctor: Doctor): (awaited: Awaited) => Awaited {
  return ({ ref, message }) => {
    const finding = doctor.findingOf(ref);
    return finding === undefined
      ? { ref, message }
      : { ref, message: `${message} (${finding.obstacle.reason})` };
  };
}

async function stopIfHopeless(
  doctor: Doctor,
  pending: readonly Awaited[],
  context: WaitContext,
): Promise<void> {
  const hopeless = await doctor.examine(pending);
  if (hopeless.length === 0) return;
  const messages = new Map(pending.map(({ ref, message }) => [ref, message]));
  const culprits = await findCulprits(
    hopeless.map((finding) => ({
      ref: finding.ref,
      message: messages.get(finding.ref) ?? '',
      finding,
    })),
    context,
  );
  const text = describeCulprits(culprits);
  throw new WaitError('helm/wait-impossible', `waiting cannot help: ${text}`, culprits);
}

/** The culprits of a wait that is late. */
export async function lateCulprits(
  late: Late,
  context: CulpritContext,
): Promise<readonly Culprit[]> {
  const { pending, findingOf } = late;
  return findCulprits(
    pending.map(({ ref, message }) => ({ ref, message, finding: findingOf(ref) })),
    context,
  );
}
