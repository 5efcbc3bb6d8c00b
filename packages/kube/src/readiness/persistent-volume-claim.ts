// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../cluster.ts';
import { textAt } from './fields.ts';
import { current, inProgress, type Verdict } from './verdict.ts';

/** Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status/core.go pvcConditions */
export function persistentVolumeClaimReadiness(object: JsonObject): Verdict {
  const phase = textAt(object, 'status.phase', 'unknown');
  return phase === 'Bound'
    ? current('PVC is Bound')
    : inProgress('NotBound', `PVC is not Bound. phase: ${phase}`);
}
