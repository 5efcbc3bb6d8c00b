// SPDX-License-Identifier: Apache-2.0

/** What is remembered after each event of a turn. Pure. */

import {
  type BegunAttempt,
  type FailurePolicy,
  NO_MEMORY,
  printTarget,
  type ReleaseIntent,
  type ReleaseMemory,
  type ReleaseTarget,
} from '@helm-operator/api';
import type { ReleaseRecord } from '@helm-operator/helm';

/** What happened. */
export type Happening =
  /** A turn has its inputs. */
  | { readonly kind: 'inputs'; readonly digest: string }
  /** Of an install or upgrade, before anything is done. */
  | {
      readonly kind: 'begun';
      readonly action: 'install' | 'upgrade';
      readonly what: BegunAttempt;
    }
  /** The attempt was good whose end nobody had told. */
  | { readonly kind: 'found-released'; readonly record: ReleaseRecord }
  /** What leaves no trace costs no attempt; what is still pending is finished later. */
  | {
      readonly kind: 'failed';
      readonly record: ReleaseRecord | undefined;
      readonly leaves: 'nothing' | 'pending' | 'failed';
    }
  | {
      readonly kind: 'released';
      readonly record: ReleaseRecord | undefined;
      readonly chartDigest: string;
      readonly generation: number;
    }
  | {
      readonly kind: 'tested';
      readonly record: ReleaseRecord | undefined;
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
      return { ...memory, action: happening.action, begun: happening.what, test: undefined };
    case 'found-released':
      return memory.begun === undefined
        ? memory
        : released(memory, { ...memory.begun, record: happening.record }, intent);
    case 'failed': {
      const ended = { ...memory, begun: undefined };
      if (happening.leaves === 'pending') return memory;
      return happening.leaves === 'failed' ? withFailure(ended, happening.record) : ended;
    }
    case 'released':
      return released(memory, happening, intent);
    case 'tested': {
      const { record, isGood } = happening;
      const tested = { ...memory, test: { revision: record?.revision ?? 0, isGood } };
      return happening.counts ? withFailure(tested, record) : tested;
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

/** Numbers come again after an uninstall. */
export function printRevision({
  revision,
  info,
}: Pick<ReleaseRecord, 'info' | 'revision'>): string {
  return `${revision} of ${info.lastDeployed}`;
}

function withFailure(memory: ReleaseMemory, record: ReleaseRecord | undefined): ReleaseMemory {
  const { action, failures } = memory;
  if (action === undefined) return memory;
  const counted = { ...failures, [action]: failures[action] + 1 };
  const failedRevision = record && printRevision(record);
  return { ...memory, failures: counted, failedRevision };
}

function released(
  memory: ReleaseMemory,
  { chartDigest, generation, record }: Omit<Extract<Happening, { kind: 'released' }>, 'kind'>,
  intent: Pick<ReleaseIntent, 'onFailure'>,
): ReleaseMemory {
  const releasedRevision = record && printRevision(record);
  const after = { ...memory, chartDigest, releasedRevision, generation, begun: undefined };
  return withSuccess(after, intent, 'when-released');
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
