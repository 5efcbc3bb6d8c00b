// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../cluster.ts';
import { textAt } from './fields.ts';
import { current, inProgress, type Verdict } from './verdict.ts';

/** Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status/core.go serviceConditions */
export function serviceReadiness(object: JsonObject): Verdict {
  const isBalanced = textAt(object, 'spec.type') === 'LoadBalancer';
  return isBalanced && textAt(object, 'spec.clusterIP') === ''
    ? inProgress('NoIPAssigned', 'ClusterIP not set. Service type: LoadBalancer')
    : current('Service is ready');
}
