// SPDX-License-Identifier: Apache-2.0

/** What stands in the way of one object, found among itself, its pods and their events. Pure. */

import { fieldAt, type JsonObject, type ObjectRef, objectsAt, textAt } from '@helm-operator/kube';
import type { Obstacle } from './obstacles/obstacle.ts';
import { podObstacle } from './obstacles/pod.ts';
import { workloadObstacle } from './obstacles/workload.ts';
import { newReplicaSet } from './rules/deployment.ts';

/** What is known of why one object is not ready. */
export interface Finding {
  readonly ref: ObjectRef;
  readonly obstacle: Obstacle;
  /** The pod it was found at. */
  readonly pod?: JsonObject | undefined;
}

/** Kinds that own pods, by `Kind`. */
const POD_OWNERS: ReadonlySet<string> = new Set([
  'DaemonSet',
  'Deployment',
  'Job',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
]);

export function ownsPods(object: JsonObject): boolean {
  return POD_OWNERS.has(textAt(object, 'kind'));
}

/**
 * The pods that must become ready: those of the newest revision. Older ones are about to be replaced, whatever they suffer from.
 *
 * @param replicaSets of the namespace; needed for Deployments only
 */
export function newestPods(
  owner: JsonObject,
  pods: readonly JsonObject[],
  replicaSets: readonly JsonObject[],
): readonly JsonObject[] {
  const kind = textAt(owner, 'kind');
  if (kind === 'Pod') return [owner];
  if (kind === 'Deployment') {
    const newest = newReplicaSet(owner, replicaSets);
    return newest === undefined ? [] : ownedBy(newest, pods);
  }
  const own = ownedBy(owner, pods);
  const label = revisionLabel(owner, kind);
  if (label === undefined) return own;
  const [name, value] = label;
  return own.filter((pod) => labelOf(pod, name) === value);
}

/** The label that tells a pod's revision, with its newest value. */
function revisionLabel(owner: JsonObject, kind: string): readonly [string, string] | undefined {
  if (kind === 'StatefulSet') {
    const revision = textAt(owner, 'status.updateRevision');
    return revision === '' ? undefined : ['controller-revision-hash', revision];
  }
  if (kind !== 'DaemonSet') return undefined;
  const generation = annotationOf(owner, 'deprecated.daemonset.template.generation');
  return generation === '' ? undefined : ['pod-template-generation', generation];
}

function ownedBy(owner: JsonObject, objects: readonly JsonObject[]): readonly JsonObject[] {
  const uid = textAt(owner, 'metadata.uid');
  return objects.filter((object) =>
    objectsAt(object, 'metadata.ownerReferences').some((reference) => reference['uid'] === uid),
  );
}

function labelOf(object: JsonObject, name: string): string {
  return entryOf(fieldAt(object, 'metadata.labels'), name);
}

function annotationOf(object: JsonObject, name: string): string {
  return entryOf(fieldAt(object, 'metadata.annotations'), name);
}

function entryOf(map: unknown, name: string): string {
  if (typeof map !== 'object' || map === null) return '';
  const value: unknown = new Map(Object.entries(map)).get(name);
  return typeof value === 'string' ? value : '';
}

/** The worst of what object and pods say; one that can be confirmed before one that cannot. */
export function findingAt(
  ref: ObjectRef,
  object: JsonObject,
  pods: readonly JsonObject[],
): Finding | undefined {
  const own = workloadObstacle(object);
  const found: Finding[] = own === undefined ? [] : [{ ref, obstacle: own }];
  for (const pod of pods) {
    if (textAt(pod, 'metadata.deletionTimestamp') !== '') continue;
    const obstacle = podObstacle(pod);
    if (obstacle !== undefined) found.push({ ref, obstacle, pod });
  }
  return worst(found);
}

export function worst(found: readonly Finding[]): Finding | undefined {
  return found.find(({ obstacle }) => obstacle.confirmMs !== undefined) ?? found[0];
}
