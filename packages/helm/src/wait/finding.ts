// SPDX-License-Identifier: Apache-2.0

/** What stands in the way of one object, found among itself, its pods and their events. Pure. */

import {
  fieldAt,
  type JsonObject,
  numberAt,
  type ObjectRef,
  objectsAt,
  textAt,
} from '@helm-operator/kube';
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
  if (kind === 'StatefulSet' && !isObserved(owner)) return [];
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

/**
 * The broken pods of older revisions that keep a StatefulSet from bringing the new one: in order it goes on only when every pod is ready.
 *
 * Source: kubernetes@v1.36.3 pkg/controller/statefulset/stateful_set_control.go processReplica
 */
export function blockingPods(
  owner: JsonObject,
  pods: readonly JsonObject[],
): readonly JsonObject[] {
  const isOrdered = textAt(owner, 'spec.podManagementPolicy', 'OrderedReady') === 'OrderedReady';
  const isRolling = textAt(owner, 'spec.updateStrategy.type', 'RollingUpdate') === 'RollingUpdate';
  const label = revisionLabel(owner, textAt(owner, 'kind'));
  if (textAt(owner, 'kind') !== 'StatefulSet' || !isOrdered || !isRolling || !label) return [];
  const [name, revision] = label;
  return ownedBy(owner, pods).filter((pod) => !['', revision].includes(labelOf(pod, name)));
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

/** Until then its newest revision is not known. */
function isObserved(owner: JsonObject): boolean {
  const generation = numberAt(owner, 'metadata.generation', 0);
  return numberAt(owner, 'status.observedGeneration', generation) >= generation;
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

/** Pods whose state matters to an object. */
export interface Pods {
  readonly newest: readonly JsonObject[];
  /** Of older revisions, in the way of newer ones. */
  readonly blocking: readonly JsonObject[];
}

/** The worst of what object and pods say; one that can be confirmed before one that cannot. */
export function findingAt(ref: ObjectRef, object: JsonObject, pods: Pods): Finding | undefined {
  const own = workloadObstacle(object);
  const found: Finding[] = own === undefined ? [] : [{ ref, obstacle: own }];
  for (const pod of pods.newest) {
    const obstacle = obstacleAt(pod);
    if (obstacle !== undefined) found.push({ ref, obstacle, pod });
  }
  for (const pod of pods.blocking) {
    const obstacle = obstacleAt(pod);
    if (obstacle === undefined) continue;
    const reason = `its pod of an older revision is broken: ${obstacle.reason}`;
    found.push({ ref, obstacle: { ...obstacle, kind: 'old-pod', reason }, pod });
  }
  return worst(found);
}

function obstacleAt(pod: JsonObject): Obstacle | undefined {
  return textAt(pod, 'metadata.deletionTimestamp') === '' ? podObstacle(pod) : undefined;
}

export function worst(found: readonly Finding[]): Finding | undefined {
  return found.find(({ obstacle }) => obstacle.confirmMs !== undefined) ?? found[0];
}
