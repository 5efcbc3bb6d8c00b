// SPDX-License-Identifier: Apache-2.0

import { fieldAt, type JsonObject, numberAt, textAt } from '@helm-operator/kube';
import { READY, type Readiness, type ReadyRule, waiting } from '../ready.ts';
import { scaledValue } from '../scaled-value.ts';
import { unobserved } from './observed.ts';

function check(object: JsonObject): Readiness {
  const pending = unobserved(object);
  if (pending !== undefined) return pending;
  if (textAt(object, 'spec.updateStrategy.type') !== 'RollingUpdate') return READY;
  const desired = numberAt(object, 'status.desiredNumberScheduled', 0);
  const updated = numberAt(object, 'status.updatedNumberScheduled', 0);
  if (updated !== desired) {
    return waiting(`DaemonSet: ${updated} out of ${desired} expected pods have been scheduled`);
  }
  const limit = fieldAt(object, 'spec.updateStrategy.rollingUpdate.maxUnavailable');
  const expected = desired - (scaledValue(limit, desired, 'up') ?? desired);
  const ready = numberAt(object, 'status.numberReady', 0);
  return ready >= expected
    ? READY
    : waiting(`DaemonSet: ${ready} out of ${expected} expected pods are ready`);
}

export const daemonSetRule: ReadyRule = { check };
