// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../cluster.ts';
import { conditionsOf, hasCondition, numberAt } from './fields.ts';
import { current, failed, inProgress, type Verdict } from './verdict.ts';

/** "No deadline" as the controller writes it. */
const NO_DEADLINE = 2 ** 31 - 1;

/** Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status/core.go deploymentConditions */
export function deploymentReadiness(object: JsonObject): Verdict {
  const progressing = conditionsOf(object).filter(({ type }) => type === 'Progressing');
  if (progressing.some(({ reason }) => reason === 'ProgressDeadlineExceeded')) {
    return failed('ProgressDeadlineExceeded', 'Progress deadline exceeded');
  }
  const wanted = numberAt(object, 'spec.replicas', 1);
  const existing = numberAt(object, 'status.replicas', 0);
  const updated = numberAt(object, 'status.updatedReplicas', 0);
  const ready = numberAt(object, 'status.readyReplicas', 0);
  const available = numberAt(object, 'status.availableReplicas', 0);

  if (wanted > existing) return inProgress('LessReplicas', `Replicas: ${existing}/${wanted}`);
  if (wanted > updated) return inProgress('LessUpdated', `Updated: ${updated}/${wanted}`);
  if (existing > wanted) {
    return inProgress('ExtraPods', `Pending termination: ${existing - wanted}`);
  }
  if (updated > available) {
    return inProgress('LessAvailable', `Available: ${available}/${updated}`);
  }
  if (wanted > ready) return inProgress('LessReady', `Ready: ${ready}/${wanted}`);

  const hasDeadline = numberAt(object, 'spec.progressDeadlineSeconds', NO_DEADLINE) !== NO_DEADLINE;
  const isDone = progressing.some(
    ({ status, reason }) => status === 'True' && reason === 'NewReplicaSetAvailable',
  );
  if (hasDeadline && !isDone)
    return inProgress('ReplicaSetNotAvailable', 'ReplicaSet not Available');
  if (!hasCondition(object, 'Available', 'True')) {
    return inProgress('DeploymentNotAvailable', 'Deployment not Available');
  }
  return current(`Deployment is available. Replicas: ${existing}`);
}
