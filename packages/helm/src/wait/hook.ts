// SPDX-License-Identifier: Apache-2.0

/**
 * Waits for the objects of a hook: jobs until they complete, pods until they end, everything else not at all.
 *
 * Effects: watches one object at a time; writes nothing.
 * Source:  helm v3.22.0 pkg/kube/client.go watchUntilReady, waitForJob, waitForPodSuccess; helm v4.2.1 statuswait.go WatchUntilReady
 */

import {
  conditionsOf,
  type JsonObject,
  type ObjectRef,
  type Verdict,
  type WatchEvent,
} from '@helm-operator/kube';
import type { Profile } from '../actions/options.ts';
import { findCulprit } from './culprit.ts';
import type { WaitContext } from './helm3.ts';
import { completedJob, completedPod } from './hook-verdict.ts';
import { WaitError } from './wait-error.ts';

/** @throws {WaitError} `helm/hook-failed`, `helm/wait-timeout` */
export async function waitForHook(
  refs: readonly ObjectRef[],
  options: { readonly timeoutMs: number; readonly profile: Profile },
  context: WaitContext,
): Promise<void> {
  const results = await Promise.allSettled(
    refs.filter(isWatched).map((ref) => waitForOne(ref, options, context)),
  );
  const [first] = results.filter((result) => result.status === 'rejected');
  if (first !== undefined) throw first.reason;
}

function isWatched(ref: ObjectRef): boolean {
  return (
    (ref.kind === 'Job' && ref.apiVersion.startsWith('batch/')) ||
    (ref.kind === 'Pod' && ref.apiVersion === 'v1')
  );
}

type Outcome = 'done' | 'timeout' | { readonly failure: string };

async function waitForOne(
  ref: ObjectRef,
  options: { readonly timeoutMs: number; readonly profile: Profile },
  context: WaitContext,
): Promise<void> {
  let last: Verdict | undefined;
  const outcome = await watchOne(ref, options.timeoutMs, context, (object) => {
    const verdict = ref.kind === 'Job' ? completedJob(object) : completedPod(object);
    last = verdict;
    if (verdict.status === 'Current') return 'done';
    if (verdict.status !== 'Failed') return undefined;
    return { failure: failureText(ref, object) };
  });
  if (outcome === 'done') return;
  const culprit = await findCulprit(ref, last?.message ?? 'not seen yet', context);
  const isTimeout = outcome === 'timeout';
  const helm3Text = isTimeout ? 'timed out waiting for the condition' : outcome.failure;
  const helm4Text = [
    `resource ${ref.kind}/${ref.namespace ?? ''}/${ref.name} not ready. status: ${last?.status ?? 'Unknown'}, message: ${last?.message ?? ''}`,
    ...(isTimeout ? ['context deadline exceeded'] : []),
  ].join('\n');
  throw new WaitError(
    isTimeout ? 'helm/wait-timeout' : 'helm/hook-failed',
    options.profile === 'helm3' ? helm3Text : helm4Text,
    [culprit],
  );
}

function failureText(ref: ObjectRef, object: JsonObject): string {
  if (ref.kind === 'Pod') return `pod ${ref.name} failed`;
  const condition = conditionsOf(object).find(
    ({ type, status }) => type === 'Failed' && status === 'True',
  );
  return `job ${ref.name} failed: ${condition?.reason ?? ''}`;
}

async function watchOne(
  ref: ObjectRef,
  timeoutMs: number,
  context: WaitContext,
  judge: (object: JsonObject) => Outcome | undefined,
): Promise<Outcome> {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let outcome: Outcome | undefined;
  const onEvent = (event: WatchEvent): void => {
    if (event.type === 'synced' || outcome !== undefined) return;
    // Somebody removed it: Helm takes that for an end.
    outcome = event.type === 'deleted' ? 'done' : judge(event.object);
    if (outcome !== undefined) stop.abort();
  };
  const { apiVersion, kind, namespace } = ref;
  const query = { apiVersion, kind, namespace, fieldSelector: `metadata.name=${ref.name}` };
  const timer = sleepQuietly(timeoutMs, context, signal).then(() => stop.abort());
  try {
    await context.cluster.watch(query, onEvent, signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.abort();
    await timer;
  }
  context.signal.throwIfAborted();
  return outcome ?? 'timeout';
}

async function sleepQuietly(ms: number, context: WaitContext, signal: AbortSignal): Promise<void> {
  try {
    await context.clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
