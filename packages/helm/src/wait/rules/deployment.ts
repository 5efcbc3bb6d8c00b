// SPDX-License-Identifier: Apache-2.0

import { isDeepStrictEqual } from 'node:util';
import {
  fieldAt,
  type JsonObject,
  type ListQuery,
  numberAt,
  objectsAt,
  textAt,
} from '@helm-operator/kube';
import { READY, type Readiness, type ReadyRule, waiting } from '../ready.ts';
import { scaledValue } from '../scaled-value.ts';
import { selectorText } from '../selector.ts';
import { unobserved } from './observed.ts';

function related(object: JsonObject): ListQuery | undefined {
  if (fieldAt(object, 'spec.paused') === true) return undefined;
  const labelSelector = selectorText(fieldAt(object, 'spec.selector'));
  if (labelSelector === undefined) return undefined;
  const namespace = textAt(object, 'metadata.namespace');
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace, labelSelector };
}

function check(object: JsonObject, replicaSets: readonly JsonObject[]): Readiness {
  if (fieldAt(object, 'spec.paused') === true) return READY;
  const newest = newReplicaSet(object, replicaSets);
  if (newest === undefined) return waiting('Deployment: its new ReplicaSet does not exist yet');
  const pending = unobserved({ ...newest, kind: 'ReplicaSet' }) ?? unobserved(object);
  if (pending !== undefined) return pending;
  const expected = numberAt(object, 'spec.replicas', 1) - maxUnavailable(object);
  const ready = numberAt(newest, 'status.readyReplicas', 0);
  return ready >= expected
    ? READY
    : waiting(`Deployment: ${ready} out of ${expected} expected pods are ready`);
}

/** Source: helm v3.22.0 internal/third_party/k8s.io/kubernetes/deployment/util FindNewReplicaSet */
export function newReplicaSet(
  deployment: JsonObject,
  replicaSets: readonly JsonObject[],
): JsonObject | undefined {
  const template = comparable(fieldAt(deployment, 'spec.template'));
  const uid = textAt(deployment, 'metadata.uid');
  return replicaSets
    .filter((set) =>
      objectsAt(set, 'metadata.ownerReferences').some(
        (owner) => owner['controller'] === true && owner['uid'] === uid,
      ),
    )
    .toSorted(byAge)
    .find((set) => isDeepStrictEqual(comparable(fieldAt(set, 'spec.template')), template));
}

function byAge(a: JsonObject, b: JsonObject): number {
  const [left, right] = [a, b].map((set) => textAt(set, 'metadata.creationTimestamp'));
  if (left === right) return textAt(a, 'metadata.name') < textAt(b, 'metadata.name') ? -1 : 1;
  return (left ?? '') < (right ?? '') ? -1 : 1;
}

/** A pod template without the label that the controller adds. */
function comparable(template: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(template ?? null));
  const labels = copy === null ? undefined : fieldAt(copy as JsonObject, 'metadata.labels');
  if (typeof labels === 'object' && labels !== null && !Array.isArray(labels)) {
    delete labels['pod-template-hash'];
  }
  return copy;
}

function maxUnavailable(deployment: JsonObject): number {
  const replicas = numberAt(deployment, 'spec.replicas', 1);
  const type = textAt(deployment, 'spec.strategy.type', 'RollingUpdate');
  if (type !== 'RollingUpdate' || replicas === 0) return 0;
  const rolling = 'spec.strategy.rollingUpdate';
  const surge = scaledValue(fieldAt(deployment, `${rolling}.maxSurge`), replicas, 'up') ?? 0;
  const down = scaledValue(fieldAt(deployment, `${rolling}.maxUnavailable`), replicas, 'down') ?? 0;
  // Both zero could never roll; the controller then allows one.
  const unavailable = surge === 0 && down === 0 ? 1 : down;
  return Math.min(unavailable, replicas);
}

export const deploymentRule: ReadyRule = { related, picksRelated: true, check };
