// SPDX-License-Identifier: Apache-2.0

/** What an action will do to a release, stage by stage, as data: shown by the CLI and the dashboard, compared with what is done. Pure. */

import { createHash } from 'node:crypto';
import { encodeJson, type ValueMap } from '@helm-operator/gocompat';
import {
  applyJsonMergePatch,
  applyStrategicPatch,
  MergeError,
  type ObjectRef,
  patchTypeOf,
  threeWayJsonMergePatch,
  threeWayStrategicPatch,
} from '@helm-operator/kube';
import type { PlanFingerprint, ReleaseIdentity } from '../actions/options.ts';
import type { HookEvent } from '../release/record.ts';
import { type FieldChange, fieldChanges, fieldsOf } from './changes.ts';
import { type LiveObjects, type ManifestObject, objectKey, printedRef } from './objects.ts';
import { withoutMarks } from './ownership.ts';
import { contentOf, type Operation, type Plan, UNCHANGED } from './plan.ts';

export type PlannedVerb =
  | 'create'
  | 'change'
  /** Deleted and made anew: its pods or data may go with it. */
  | 'recreate'
  | 'delete'
  /** No request. */
  | 'keep'
  /** The action will fail here. */
  | 'refuse'
  /** A hook. */
  | 'run';

export interface PlannedItem {
  readonly verb: PlannedVerb;
  readonly ref: ObjectRef;
  readonly reason: string;
  /** For `change`; contents of Secrets are masked. */
  readonly changes: readonly FieldChange[];
  /** The whole object, for `create`; contents of Secrets are masked. */
  readonly object?: ValueMap | undefined;
  /** The API server said so; otherwise it was computed here. */
  readonly isExact: boolean;
  /** Why it will fail, for `refuse`. */
  readonly problem?: string | undefined;
  /** What a person can do about it. */
  readonly mend?: string | undefined;
}

export type PlannedStageName = 'crds' | 'namespace' | 'hooks' | 'objects' | 'prune';

export interface PlannedStage {
  readonly name: PlannedStageName;
  /** Of hooks. */
  readonly event?: HookEvent | undefined;
  readonly items: readonly PlannedItem[];
  /** Planned again after that step, since it may change what is found then. */
  readonly after?: string | undefined;
}

export interface ReleasePlan {
  readonly action: 'install' | 'upgrade' | 'rollback' | 'uninstall';
  readonly release: ReleaseIdentity;
  /** The revision that will be written; for an uninstall the one that goes. */
  readonly revision: number;
  /** The revision the cluster has now. */
  readonly previousRevision: number | undefined;
  readonly stages: readonly PlannedStage[];
  /** Stored revisions that make room. */
  readonly prunedRevisions: readonly number[];
  /** What a person should know besides. */
  readonly notes: readonly string[];
  /** To tell whether what is done is what was shown. */
  readonly fingerprint: PlanFingerprint;
}

/** @returns one entry for each object that gets a request */
export function fingerprintOf(plan: Plan): PlanFingerprint {
  const prints = plan.operations
    .filter(({ verb }) => verb !== 'keep')
    .map((operation) => [printedRef(operation.ref), digestOf(operation)] as const);
  return new Map(prints);
}

function digestOf(operation: Operation): string {
  const body =
    operation.verb === 'patch'
      ? encodeJson(operation.patch.body)
      : 'object' in operation
        ? encodeJson(operation.object)
        : '';
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return `${operation.verb} ${hash}`;
}

/** What differs between a plan that was shown and one that is carried out, a sentence for each object. */
export function planDifferences(shown: PlanFingerprint, done: PlanFingerprint): readonly string[] {
  const lines: string[] = [];
  for (const [subject, print] of done) {
    const before = shown.get(subject);
    if (before === undefined) lines.push(`${subject}: ${verbOf(print)}, was not planned`);
    else if (verbOf(before) !== verbOf(print)) {
      lines.push(`${subject}: ${verbOf(print)}, planned was ${verbOf(before)}`);
    } else if (before !== print) {
      lines.push(`${subject}: ${verbOf(print)} with other contents than planned`);
    }
  }
  for (const [subject, print] of shown) {
    if (!done.has(subject)) lines.push(`${subject}: nothing, planned was ${verbOf(print)}`);
  }
  return lines;
}

function verbOf(print: string): string {
  return print.slice(0, print.indexOf(' '));
}

export interface DescribeInput {
  readonly plan: Plan;
  readonly previous: readonly ManifestObject[];
  readonly live: LiveObjects;
}

/** The operations of a plan as people see them. */
export function describePlan({ plan, previous, live }: DescribeInput): readonly PlannedItem[] {
  const known = new Map(previous.map((item) => [objectKey(item.ref), contentOf(item)]));
  return plan.operations.map((operation) => {
    const key = objectKey(operation.ref);
    return describeOperation(operation, known.get(key), live.get(key));
  });
}

function describeOperation(
  operation: Operation,
  previous: ValueMap | undefined,
  live: ValueMap | undefined,
): PlannedItem {
  const { ref, reason } = operation;
  const item = { ref, reason, changes: [], isExact: false };
  switch (operation.verb) {
    case 'keep':
      return { ...item, verb: 'keep', isExact: true };
    case 'delete':
      return { ...item, verb: 'delete', isExact: true };
    case 'refuse':
      return { ...item, verb: 'refuse', problem: operation.message };
    case 'create':
      return { ...item, verb: 'create', object: fieldsOf(operation.object) };
    case 'recreate':
      return { ...item, verb: 'recreate', object: fieldsOf(operation.object) };
    case 'apply':
    case 'patch':
    case 'replace': {
      if (live === undefined)
        return { ...item, verb: 'create', object: fieldsOf(operation.object) };
      const after = predict(operation, previous, live);
      const changes = fieldChanges(live, after);
      return { ...item, verb: 'change', changes, reason: whyChanged(operation.object, previous) };
    }
  }
}

/** Whether the chart wants something new, or somebody changed the object behind its back. */
function whyChanged(object: ValueMap, previous: ValueMap | undefined): string {
  if (previous === undefined) return 'it exists already, and is brought to what the manifest says';
  const isSame = fieldChanges(withoutMarks(previous), withoutMarks(object)).length === 0;
  return isSame ? 'somebody changed it; the manifest is as it was' : 'the manifest changed';
}

/** The object as it will most likely be. Defaults and webhooks of the API server are not known here. */
function predict(
  operation: Operation & { verb: 'apply' | 'patch' | 'replace' },
  previous: ValueMap | undefined,
  live: ValueMap,
): ValueMap {
  const { ref, object } = operation;
  const type = patchTypeOf(ref.apiVersion, ref.kind);
  try {
    if (operation.verb === 'patch') {
      const { kind, body } = operation.patch;
      return kind === 'strategic' && type !== undefined
        ? applyStrategicPatch(live, body, type)
        : applyJsonMergePatch(live, body);
    }
    // Replacing and applying drop what the last manifest had; defaults come back by themselves.
    const original = previous ?? live;
    return type === undefined
      ? applyJsonMergePatch(live, threeWayJsonMergePatch(original, object, live))
      : applyStrategicPatch(live, threeWayStrategicPatch(original, object, live, type), type);
  } catch (error) {
    if (error instanceof MergeError) return object;
    throw error;
  }
}

/** Splits what is described: first what is written, then what is deleted. */
export function objectStages(items: readonly PlannedItem[]): readonly PlannedStage[] {
  const isRemoval = ({ verb, reason }: PlannedItem): boolean =>
    verb === 'delete' || (verb === 'keep' && reason !== UNCHANGED);
  return [
    { name: 'objects', items: items.filter((item) => !isRemoval(item)) },
    { name: 'prune', items: items.filter(isRemoval) },
  ];
}
