// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../cluster.ts';
import { conditionsOf } from './fields.ts';
import { current, failed, inProgress, type Verdict } from './verdict.ts';

/** Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status/core.go crdConditions */
export function customResourceDefinitionReadiness(object: JsonObject): Verdict {
  for (const { type, status, reason, message } of conditionsOf(object)) {
    if (type === 'NamesAccepted' && status === 'False') return failed(reason, message);
    if (type !== 'Established') continue;
    if (status === 'False' && reason !== 'Installing') return failed(reason, message);
    if (status === 'True') return current('CRD is established');
  }
  return inProgress('Installing', 'Install in progress');
}
