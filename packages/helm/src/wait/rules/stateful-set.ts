// SPDX-License-Identifier: Apache-2.0

import { type JsonObject, numberAt, textAt } from '@helm-operator/kube';
import { READY, type Readiness, type ReadyRule, waiting } from '../ready.ts';
import { unobserved } from './observed.ts';

function check(object: JsonObject): Readiness {
  const pending = unobserved(object);
  if (pending !== undefined) return pending;
  if (textAt(object, 'spec.updateStrategy.type') !== 'RollingUpdate') return READY;
  const partition = numberAt(object, 'spec.updateStrategy.rollingUpdate.partition', 0);
  const replicas = numberAt(object, 'spec.replicas', 1);
  const updated = numberAt(object, 'status.updatedReplicas', 0);
  if (updated < replicas - partition) {
    return waiting(
      `StatefulSet: ${updated} out of ${replicas - partition} expected pods have been scheduled`,
    );
  }
  const ready = numberAt(object, 'status.readyReplicas', 0);
  if (ready !== replicas) {
    return waiting(`StatefulSet: ${ready} out of ${replicas} expected pods are ready`);
  }
  const [from, to] = [
    textAt(object, 'status.currentRevision'),
    textAt(object, 'status.updateRevision'),
  ];
  return partition === 0 && from !== to
    ? waiting(`StatefulSet: currentRevision ${from} does not yet match updateRevision ${to}`)
    : READY;
}

export const statefulSetRule: ReadyRule = { check };
