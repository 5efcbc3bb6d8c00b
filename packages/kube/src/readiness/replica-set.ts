// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../cluster.ts';
import { hasCondition, numberAt } from './fields.ts';
import { current, inProgress, type Verdict } from './verdict.ts';

/** Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status/core.go replicasetConditions */
export function replicaSetReadiness(object: JsonObject): Verdict {
  if (hasCondition(object, 'ReplicaFailure', 'True')) {
    return inProgress('ReplicaFailure', 'Replica Failure condition. Check Pods');
  }
  const wanted = numberAt(object, 'spec.replicas', 1);
  const existing = numberAt(object, 'status.replicas', 0);
  const ready = numberAt(object, 'status.readyReplicas', 0);
  const available = numberAt(object, 'status.availableReplicas', 0);
  const labelled = numberAt(object, 'status.fullyLabeledReplicas', 0);
  if (wanted > labelled) return inProgress('LessLabelled', `Labelled: ${labelled}/${wanted}`);
  if (wanted > available) return inProgress('LessAvailable', `Available: ${available}/${wanted}`);
  if (wanted > ready) return inProgress('LessReady', `Ready: ${ready}/${wanted}`);
  if (existing > wanted) {
    return inProgress('ExtraPods', `Pending termination: ${existing - wanted}`);
  }
  return current(`ReplicaSet is available. Replicas: ${existing}`);
}
