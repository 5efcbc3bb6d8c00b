// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../cluster.ts';
import { conditionsOf, hasCondition, objectsAt, textAt } from './fields.ts';
import { current, failed, inProgress, type Verdict } from './verdict.ts';

/** Time a pod may stay without a node before that counts as failure, in milliseconds. */
const SCHEDULE_WINDOW_MS = 15_000;

/** Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status/core.go podConditions */
export function podReadiness(object: JsonObject, nowMs: number): Verdict {
  const phase = textAt(object, 'status.phase');
  switch (phase) {
    case 'Succeeded':
      return current('Pod has completed successfully');
    case 'Failed':
      return current('Pod has completed, but not successfully');
    case 'Running':
      return runningReadiness(object);
    case 'Pending':
      return pendingReadiness(object, nowMs);
    case '':
      return inProgress('PodNotObserved', 'Pod phase not available');
    default:
      return { status: 'Unknown', reason: '', message: `unknown phase ${phase}` };
  }
}

function runningReadiness(object: JsonObject): Verdict {
  if (hasCondition(object, 'Ready', 'True')) return current('Pod is Ready');
  const looping = objectsAt(object, 'status.containerStatuses')
    .filter((container) => textAt(container, 'state.waiting.reason') === 'CrashLoopBackOff')
    .map((container) => textAt(container, 'name'));
  return looping.length > 0
    ? failed('ContainerCrashLooping', `Containers in CrashLoop state: ${looping.join(',')}`)
    : inProgress('PodRunningNotReady', 'Pod is running but is not Ready');
}

function pendingReadiness(object: JsonObject, nowMs: number): Verdict {
  const scheduled = conditionsOf(object).find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  if (scheduled?.reason !== 'Unschedulable') {
    return inProgress('PodPending', 'Pod is in the Pending phase');
  }
  const createdMs = Date.parse(textAt(object, 'metadata.creationTimestamp'));
  return nowMs - SCHEDULE_WINDOW_MS < createdMs
    ? inProgress('PodNotScheduled', 'Pod has not been scheduled')
    : failed('PodUnschedulable', 'Pod could not be scheduled');
}
