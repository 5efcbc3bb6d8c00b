// SPDX-License-Identifier: Apache-2.0

/**
 * Waits for the objects of a hook: jobs until they complete, pods until they end, everything else not at all.
 *
 * Effects: watches the objects; writes nothing.
 * Source:  helm v3.22.0 pkg/kube/client.go watchUntilReady, waitForJob, waitForPodSuccess; helm v4.2.1 statuswait.go WatchUntilReady
 * Differs: may give up early (`patience`).
 */

import { conditionsOf, type JsonObject, type ObjectRef, type Verdict } from '@helm-operator/kube';
import type { Profile } from '../actions/options.ts';
import { findCulprits } from './culprit.ts';
import { completedJob, completedPod } from './hook-verdict.ts';
import { DEFAULT_TIMEOUT_MS } from './kstatus.ts';
import type { LiveView } from './live-view.ts';
import type { Awaited } from './progress.ts';
import { WaitError } from './wait-error.ts';
import { lateCulprits, type Patience, runWait, type WaitContext } from './wait-loop.ts';

export interface HookWaitOptions {
  /** `0` is no limit for Helm 3, 30 s for Helm 4. */
  readonly timeoutMs: number;
  readonly profile: Profile;
  readonly patience?: Patience | undefined;
}

/** @throws {WaitError} `helm/hook-failed`, `helm/wait-timeout`, `helm/wait-impossible` */
export async function waitForHook(
  refs: readonly ObjectRef[],
  options: HookWaitOptions,
  context: WaitContext,
): Promise<void> {
  const { profile, patience = 'fail-fast' } = options;
  const watched = refs.filter(isWatched);
  const verdicts = new Map<ObjectRef, Verdict>();
  const judge = async (view: LiveView): Promise<readonly Awaited[]> => {
    const pending: Awaited[] = [];
    for (const ref of watched) {
      const object = view.look(ref);
      // Somebody removed it: Helm takes that for an end.
      if (object === undefined || object === 'absent') continue;
      const verdict = ref.kind === 'Job' ? completedJob(object) : completedPod(object);
      verdicts.set(ref, verdict);
      if (verdict.status === 'Current') continue;
      const { message } = verdict;
      if (verdict.status === 'Failed') {
        const text = profile === 'helm3' ? failureText(ref, object) : lineOf(ref, verdict);
        throw new WaitError(
          'helm/hook-failed',
          text,
          await findCulprits([{ ref, message }], context),
        );
      }
      pending.push({ ref, message });
    }
    return pending;
  };
  const timeoutMs = limitOf(options);
  const late = await runWait(
    { purpose: 'hook', refs: watched, timeoutMs, patience, judge },
    context,
  );
  if (late === undefined) return;
  const lines = late.pending.map(({ ref }) => lineOf(ref, verdicts.get(ref)));
  const text =
    profile === 'helm3'
      ? 'timed out waiting for the condition'
      : [...lines, 'context deadline exceeded'].join('\n');
  throw new WaitError('helm/wait-timeout', text, await lateCulprits(late, context));
}

function limitOf({ timeoutMs, profile }: HookWaitOptions): number {
  if (timeoutMs !== 0) return timeoutMs;
  return profile === 'helm3' ? Number.POSITIVE_INFINITY : DEFAULT_TIMEOUT_MS;
}

function isWatched(ref: ObjectRef): boolean {
  return (
    (ref.kind === 'Job' && ref.apiVersion.startsWith('batch/')) ||
    (ref.kind === 'Pod' && ref.apiVersion === 'v1')
  );
}

function lineOf(ref: ObjectRef, verdict: Verdict | undefined): string {
  return `resource ${ref.kind}/${ref.namespace ?? ''}/${ref.name} not ready. status: ${verdict?.status ?? 'Unknown'}, message: ${verdict?.message ?? ''}`;
}

function failureText(ref: ObjectRef, object: JsonObject): string {
  if (ref.kind === 'Pod') return `pod ${ref.name} failed`;
  const condition = conditionsOf(object).find(
    ({ type, status }) => type === 'Failed' && status === 'True',
  );
  return `job ${ref.name} failed: ${condition?.reason ?? ''}`;
}
