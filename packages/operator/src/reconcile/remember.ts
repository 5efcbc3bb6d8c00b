// SPDX-License-Identifier: Apache-2.0

/** What is remembered after each event of a turn. Pure. */

import {
  type FailurePolicy,
  NO_MEMORY,
  printTarget,
  type ReleaseIntent,
  type ReleaseMemory,
  type ReleaseTarget,
} from '@helm-operator/api';

/** What happened. */
export type Happening =
  /** A turn has its inputs. */
  | { readonly kind: 'inputs'; readonly digest: string }
  | { readonly kind: 'begun'; readonly action: 'install' | 'upgrade' }
  /** `isStored`: a revision was stored before it failed; what leaves no trace costs no attempt. */
  | { readonly kind: 'failed'; readonly isStored: boolean }
  | { readonly kind: 'released'; readonly chartDigest: string; readonly generation: number }
  | {
      readonly kind: 'tested';
      readonly revision: number;
      readonly isGood: boolean;
      /** The failure counts against the policy. */
      readonly counts: boolean;
    }
  | { readonly kind: 'rolled-back' }
  | { readonly kind: 'forced' }
  /** The release is as wanted, its tests included. */
  | { readonly kind: 'succeeded' }
  /** The turn ends and says so. */
  | { readonly kind: 'ended' };

/** Digest of no chart: whatever is wanted has another one. */
const NO_CHART = '';

/** @param intent whose policies and requests count */
export function remember(
  memory: ReleaseMemory,
  happening: Happening,
  intent: Pick<ReleaseIntent, 'onFailure' | 'requests'> & ReleaseTarget,
): ReleaseMemory {
  switch (happening.kind) {
    case 'inputs':
      return withInputs(aboutRelease(memory, intent), happening.digest, intent.requests);
    case 'begun':
      // A purged release counts its revisions from 1 again.
      return { ...memory, action: happening.action, test: undefined };
    case 'failed':
      return happening.isStored ? withFailure(memory) : memory;
    case 'released':
      return released(memory, happening, intent);
    case 'tested': {
      const { revision, isGood } = happening;
      const tested = { ...memory, test: { revision, isGood } };
      return happening.counts ? withFailure(tested) : tested;
    }
    case 'rolled-back':
      // What its tests refused is not there any more, though it had been released.
      return memory.test?.isGood === false ? { ...memory, chartDigest: NO_CHART } : memory;
    case 'forced':
      return { ...memory, handled: { ...memory.handled, forceAt: intent.requests.forceAt } };
    case 'succeeded':
      return withSuccess(memory, intent, 'when-done');
    case 'ended': {
      const reconcileAt = intent.requests.reconcileAt ?? memory.handled.reconcileAt;
      return { ...memory, handled: { ...memory.handled, reconcileAt } };
    }
  }
}

/** What was tried for another release says nothing of this one. */
function aboutRelease(memory: ReleaseMemory, intent: ReleaseTarget): ReleaseMemory {
  const release = printTarget(intent);
  const isSame = memory.release === undefined || memory.release === release;
  return { ...(isSame ? memory : { ...NO_MEMORY, handled: memory.handled }), release };
}

/** New inputs, or a person, let every policy begin anew. */
function withInputs(
  memory: ReleaseMemory,
  digest: string,
  requests: ReleaseIntent['requests'],
): ReleaseMemory {
  const mustReset =
    isRequested(requests.resetAt, requests, memory.handled.resetAt, memory) ||
    (memory.inputs !== undefined && memory.inputs !== digest);
  const { failures } = mustReset ? NO_MEMORY : memory;
  const resetAt = requests.resetAt ?? memory.handled.resetAt;
  return { ...memory, inputs: digest, failures, handled: { ...memory.handled, resetAt } };
}

function withFailure(memory: ReleaseMemory): ReleaseMemory {
  const { action, failures } = memory;
  if (action === undefined) return memory;
  return { ...memory, failures: { ...failures, [action]: failures[action] + 1 } };
}

function released(
  memory: ReleaseMemory,
  { chartDigest, generation }: Extract<Happening, { kind: 'released' }>,
  intent: Pick<ReleaseIntent, 'onFailure'>,
): ReleaseMemory {
  return withSuccess({ ...memory, chartDigest, generation }, intent, 'when-released');
}

/** Source: spec helm-operator.md §3.1 (rollbackCount); helm-controller.md §2.4 (actions, failure-counter reset) */
function withSuccess(
  memory: ReleaseMemory,
  { onFailure }: Pick<ReleaseIntent, 'onFailure'>,
  when: FailurePolicy['forgets'],
): ReleaseMemory {
  const mustForget = memory.action !== undefined && onFailure[memory.action].forgets === when;
  return mustForget ? { ...memory, failures: NO_MEMORY.failures } : memory;
}

/** Whether a person asks for an install or upgrade that was not done yet. Source: helm-controller.md §1.6. */
export function isForced(
  { requests }: Pick<ReleaseIntent, 'requests'>,
  memory: ReleaseMemory,
): boolean {
  return isRequested(requests.forceAt, requests, memory.handled.forceAt, memory);
}

/** A token counts when it equals the request to reconcile, and neither was dealt with. */
function isRequested(
  token: string | undefined,
  { reconcileAt }: ReleaseIntent['requests'],
  handled: string | undefined,
  memory: ReleaseMemory,
): boolean {
  return (
    token !== undefined &&
    token === reconcileAt &&
    token !== handled &&
    token !== memory.handled.reconcileAt
  );
}
