// SPDX-License-Identifier: Apache-2.0

import { type ObjectRef, readinessOf } from '@helm-operator/kube';
import type { Profile } from '../actions/options.ts';
import { findCulprit } from './culprit.ts';
import type { WaitContext } from './helm3.ts';
import { poll } from './poll.ts';
import { WaitError } from './wait-error.ts';

/**
 * Waits until objects are gone.
 *
 * Source: helm v3.22.0 pkg/kube/wait.go waitForDeletedResources; helm v4.2.1 pkg/kube/statuswait.go waitForDelete
 * @throws {WaitError} `helm/wait-timeout`: with the objects that are still there and what holds them
 */
export async function waitForDeletion(
  refs: readonly ObjectRef[],
  options: { readonly timeoutMs: number; readonly profile: Profile },
  context: WaitContext,
): Promise<void> {
  let left = refs;
  const isDone = await poll(options.timeoutMs, context, async () => {
    const states = await Promise.all(
      left.map(async (ref) => ({
        ref,
        object: await context.cluster.getJson(ref, { signal: context.signal }),
      })),
    );
    left = states.filter(({ object }) => object !== undefined).map(({ ref }) => ref);
    return left.length === 0 ? true : undefined;
  });
  if (isDone === true) return;
  const lines = await Promise.all(left.map((ref) => stillThere(ref, context)));
  const text =
    options.profile === 'helm3'
      ? 'context deadline exceeded'
      : [...lines, 'context deadline exceeded'].join('\n');
  const culprits = await Promise.all(
    left.map((ref, i) => findCulprit(ref, lines[i] ?? '', context)),
  );
  throw new WaitError('helm/wait-timeout', text, culprits);
}

async function stillThere(ref: ObjectRef, context: WaitContext): Promise<string> {
  const object = await context.cluster.getJson(ref, { signal: context.signal });
  const verdict = object === undefined ? undefined : readinessOf(object, context.clock.nowMs());
  return `resource ${ref.kind}/${ref.namespace ?? ''}/${ref.name} still exists. status: ${verdict?.status ?? 'NotFound'}, message: ${verdict?.message ?? ''}`;
}
