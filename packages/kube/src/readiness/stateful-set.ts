// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../cluster.ts';
import { numberAt, textAt } from './fields.ts';
import { current, inProgress, type Verdict } from './verdict.ts';

/** Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status/core.go stsConditions */
export function statefulSetReadiness(object: JsonObject): Verdict {
  if (textAt(object, 'spec.updateStrategy.type') === 'OnDelete') {
    return current('StatefulSet is using the ondelete update strategy');
  }
  const wanted = numberAt(object, 'spec.replicas', 1);
  const ready = numberAt(object, 'status.readyReplicas', 0);
  const existing = numberAt(object, 'status.replicas', 0);
  if (wanted > existing) return inProgress('LessReplicas', `Replicas: ${existing}/${wanted}`);
  if (wanted > ready) return inProgress('LessReady', `Ready: ${ready}/${wanted}`);
  if (existing > wanted) {
    return inProgress('ExtraPods', `Pending termination: ${existing - wanted}`);
  }
  return rolloutReadiness(object, wanted, existing);
}

function rolloutReadiness(object: JsonObject, wanted: number, existing: number): Verdict {
  const updated = numberAt(object, 'status.updatedReplicas', 0);
  const partition = numberAt(object, 'spec.updateStrategy.rollingUpdate.partition', -1);
  if (partition !== -1) {
    return updated < wanted - partition
      ? inProgress('PartitionRollout', `updated: ${updated}/${wanted - partition}`)
      : current(`Partition rollout complete. updated: ${updated}`);
  }
  const atCurrent = numberAt(object, 'status.currentReplicas', 0);
  if (wanted > atCurrent) return inProgress('LessCurrent', `current: ${atCurrent}/${wanted}`);
  if (textAt(object, 'status.currentRevision') !== textAt(object, 'status.updateRevision')) {
    return inProgress('RevisionMismatch', 'Waiting for updated revision to match current');
  }
  return current(`All replicas scheduled as expected. Replicas: ${existing}`);
}
