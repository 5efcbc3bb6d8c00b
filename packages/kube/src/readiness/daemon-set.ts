// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../cluster.ts';
import { fieldAt, numberAt, textAt } from './fields.ts';
import { current, inProgress, type Verdict } from './verdict.ts';

/** Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status/core.go daemonsetConditions */
export function daemonSetReadiness(object: JsonObject): Verdict {
  for (const [path, reason] of [
    ['metadata.generation', 'NoGeneration'],
    ['status.observedGeneration', 'NoObservedGeneration'],
  ] as const) {
    if (fieldAt(object, path) === undefined) {
      return inProgress(reason, `${textAt(object, 'kind')} ${path} not found`);
    }
  }
  const desired = numberAt(object, 'status.desiredNumberScheduled', -1);
  const scheduled = numberAt(object, 'status.currentNumberScheduled', 0);
  const updated = numberAt(object, 'status.updatedNumberScheduled', 0);
  const available = numberAt(object, 'status.numberAvailable', 0);
  const ready = numberAt(object, 'status.numberReady', 0);
  if (desired === -1) {
    return inProgress('NoDesiredNumber', 'Missing .status.desiredNumberScheduled');
  }
  if (desired > scheduled) return inProgress('LessCurrent', `Current: ${scheduled}/${desired}`);
  if (desired > updated) return inProgress('LessUpdated', `Updated: ${updated}/${desired}`);
  if (desired > available) {
    return inProgress('LessAvailable', `Available: ${available}/${desired}`);
  }
  if (desired > ready) return inProgress('LessReady', `Ready: ${ready}/${desired}`);
  return current(`All replicas scheduled as expected. Replicas: ${desired}`);
}
