// SPDX-License-Identifier: Apache-2.0

/**
 * Manifest + previous manifest + live objects → what to do, as data. Pure: shown, tested and executed.
 *
 * Stage:  build → ownership → **plan** → record → apply (docs/architecture.md)
 * Source: helm v3.22.0 pkg/kube/client.go update, createPatch; helm v4.2.1 pkg/kube/client.go
 * Differs: an object the cluster already has as wanted gets no request; the patch is computed once.
 */

import type { ValueMap } from '@helm-operator/gocompat';
import {
  jsonMergePatch,
  MergeError,
  type ObjectRef,
  patchTypeOf,
  threeWayJsonMergePatch,
  threeWayStrategicPatch,
} from '@helm-operator/kube';
import { isApplied } from './applied-fields.ts';
import { inTurns } from './in-turns.ts';
import { hasApplied, type MigrationPolicy, mustMoveFields } from './managed-fields.ts';
import { type LiveObjects, type ManifestObject, metadataTexts, objectKey } from './objects.ts';

export type Operation = { readonly ref: ObjectRef; readonly reason: string } & (
  | { readonly verb: 'create'; readonly object: ValueMap }
  | {
      readonly verb: 'patch';
      readonly object: ValueMap;
      readonly patch: { readonly kind: 'strategic' | 'merge'; readonly body: ValueMap };
    }
  | { readonly verb: 'replace'; readonly object: ValueMap }
  | {
      readonly verb: 'apply';
      readonly object: ValueMap;
      readonly isNew: boolean;
      readonly isForced: boolean;
      /** The release wrote it under another entry before: those managed fields move to apply first. */
      readonly migrateFrom?:
        | { readonly object: ValueMap; readonly policy: MigrationPolicy }
        | undefined;
    }
  | { readonly verb: 'recreate'; readonly object: ValueMap }
  | { readonly verb: 'delete' }
  /** Nothing to send: it is as wanted, gone already, or kept by policy. */
  | { readonly verb: 'keep' }
  /** The patch cannot be computed; reported when the others are done, as Helm. */
  | { readonly verb: 'refuse'; readonly message: string }
);

/** What to do with the objects of a release, in order. */
export interface Plan {
  readonly operations: readonly Operation[];
}

export interface PlanPolicy {
  readonly method: 'client' | 'server';
  readonly fieldManager: string;
  readonly mustReplace: boolean;
  readonly mustForceConflicts: boolean;
  /** Custom resources: compare with the live object too, not only with the previous manifest. */
  readonly isThreeWayForCustom: boolean;
  /** Objects move from client-side to server-side apply. */
  readonly mustMigrate: boolean;
}

export interface PlanInput {
  /** As sent: with the release's marks. */
  readonly target: readonly ManifestObject[];
  /** The previous manifest's objects, adopted ones with their new content. */
  readonly previous: readonly ManifestObject[];
  readonly live: LiveObjects;
  readonly policy: PlanPolicy;
}

/** The reason of an operation that has nothing to do. */
export const UNCHANGED = 'nothing changes';

const POLICY_ANNOTATION = 'helm.sh/resource-policy';

/** Plans an install or an update: creates, changes, then deletes what is no longer in the manifest. */
export function planObjects(input: PlanInput): Plan {
  return { operations: [...operationsOf(input)] };
}

/** The same, giving way to other work. */
export async function planInTurns(input: PlanInput): Promise<Plan> {
  return { operations: await inTurns(operationsOf(input)) };
}

function* operationsOf(input: PlanInput): Generator<Operation> {
  const previous = new Map(input.previous.map((item) => [objectKey(item.ref), item]));
  const wanted = new Set<string>();
  for (const item of input.target) {
    const key = objectKey(item.ref);
    wanted.add(key);
    yield planOne(item, previous.get(key), input);
  }
  for (const [key, item] of previous) {
    if (!wanted.has(key)) yield planRemoval(item, input.live);
  }
}

function planOne(
  target: ManifestObject,
  previous: ManifestObject | undefined,
  input: PlanInput,
): Operation {
  const { ref, object } = target;
  const { policy } = input;
  const live = input.live.get(objectKey(ref));
  if (live === undefined) {
    const reason = 'the cluster does not have it';
    if (policy.method === 'client') return { verb: 'create', ref, object, reason };
    const isForced = policy.mustForceConflicts;
    return { verb: 'apply', ref, object, isNew: true, isForced, reason };
  }
  if (policy.method === 'server') return planApply(target, live, policy);
  if (policy.mustReplace) return { verb: 'replace', ref, object, reason: 'replacing is forced' };
  return planPatch(target, contentOf(previous) ?? live, live, policy);
}

/** What the previous manifest said; nothing comparable where its API is gone. */
export function contentOf(previous: ManifestObject | undefined): ValueMap | undefined {
  return previous?.mappedFrom === undefined ? previous?.object : undefined;
}

function planPatch(
  { ref, object }: ManifestObject,
  original: ValueMap,
  live: ValueMap,
  policy: PlanPolicy,
): Operation {
  try {
    const patch = patchOf(ref, { original, modified: object, live }, policy);
    return patch.body.size === 0
      ? { verb: 'keep', ref, reason: UNCHANGED }
      : { verb: 'patch', ref, object, patch, reason: 'it differs from the manifest' };
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    const message = `failed to create patch: ${error.message}`;
    return { verb: 'refuse', ref, message, reason: 'the patch cannot be computed' };
  }
}

function patchOf(
  ref: ObjectRef,
  versions: { readonly original: ValueMap; readonly modified: ValueMap; readonly live: ValueMap },
  policy: PlanPolicy,
): { readonly kind: 'strategic' | 'merge'; readonly body: ValueMap } {
  const { original, modified, live } = versions;
  const type =
    ref.apiVersion === 'apiextensions.k8s.io/v1beta1'
      ? undefined
      : patchTypeOf(ref.apiVersion, ref.kind);
  if (type !== undefined) {
    return { kind: 'strategic', body: threeWayStrategicPatch(original, modified, live, type) };
  }
  const body = policy.isThreeWayForCustom
    ? threeWayJsonMergePatch(original, modified, live)
    : jsonMergePatch(original, modified);
  return { kind: 'merge', body };
}

function planApply({ ref, object }: ManifestObject, live: ValueMap, policy: PlanPolicy): Operation {
  const mustMove = mustMoveFields(live, policy);
  const { fieldManager } = policy;
  if (!mustMove && hasApplied(live, fieldManager) && isApplied(live, object, fieldManager)) {
    return { verb: 'keep', ref, reason: UNCHANGED };
  }
  return {
    verb: 'apply',
    ref,
    object,
    isNew: false,
    isForced: policy.mustForceConflicts,
    migrateFrom: mustMove ? { object: live, policy } : undefined,
    reason: 'it differs from the manifest',
  };
}

function planRemoval({ ref }: ManifestObject, live: LiveObjects): Operation {
  const existing = live.get(objectKey(ref));
  if (existing === undefined) return { verb: 'keep', ref, reason: 'it is gone already' };
  const policy = metadataTexts(existing, 'annotations').get(POLICY_ANNOTATION);
  return policy === 'keep'
    ? { verb: 'keep', ref, reason: `its annotation ${POLICY_ANNOTATION} says keep` }
    : { verb: 'delete', ref, reason: 'the manifest no longer has it' };
}

/** Whether a plan writes anything. */
export function isUnchanged(plan: Plan): boolean {
  return plan.operations.every(({ verb }) => verb === 'keep');
}
