// SPDX-License-Identifier: Apache-2.0

import { type ObjectRef, readinessOf } from '@helm-operator/kube';
import type { Profile } from '../actions/options.ts';
import { findCulprits } from './culprit.ts';
import { DEFAULT_TIMEOUT_MS } from './kstatus.ts';
import type { LiveView } from './live-view.ts';
import { WaitError } from './wait-error.ts';
import { runWait, type WaitContext } from './wait-loop.ts';

export interface DeletionOptions {
  /** `0` is 30 s for Helm 4. */
  readonly timeoutMs: number;
  readonly profile: Profile;
}

/**
 * Waits until objects are gone.
 *
 * Source: helm v3.22.0 pkg/kube/wait.go waitForDeletedResources; helm v4.2.1 pkg/kube/statuswait.go waitForDelete
 * @throws {WaitError} `helm/wait-timeout`: with the objects that are still there and what holds them
 */
export async function waitForDeletion(
  refs: readonly ObjectRef[],
  options: DeletionOptions,
  context: WaitContext,
): Promise<void> {
  const judge = (view: LiveView) =>
    refs
      .filter((ref) => view.look(ref) !== 'absent')
      .map((ref) => ({ ref, message: 'still there' }));
  const late = await runWait(
    {
      purpose: 'deletion',
      refs,
      timeoutMs: limitOf(options),
      patience: 'helm',
      isMetadataOnly: true,
      judge,
    },
    context,
  );
  if (late === undefined) return;
  const left = late.pending.map(({ ref }) => ref);
  const lines = await Promise.all(left.map((ref) => stillThere(ref, context)));
  const text =
    options.profile === 'helm3'
      ? 'context deadline exceeded'
      : [...lines, 'context deadline exceeded'].join('\n');
  const suspects = left.map((ref, i) => ({ ref, message: lines[i] ?? '' }));
  throw new WaitError('helm/wait-timeout', text, await findCulprits(suspects, context));
}

function limitOf({ timeoutMs, profile }: DeletionOptions): number {
  return timeoutMs === 0 && profile === 'helm4' ? DEFAULT_TIMEOUT_MS : timeoutMs;
}

async function stillThere(ref: ObjectRef, context: WaitContext): Promise<string> {
  const object = await context.cluster.getJson(ref, { signal: context.signal });
  const verdict = object === undefined ? undefined : readinessOf(object, context.clock.nowMs());
  return `resource ${ref.kind}/${ref.namespace ?? ''}/${ref.name} still exists. status: ${verdict?.status ?? 'NotFound'}, message: ${verdict?.message ?? ''}`;
}
