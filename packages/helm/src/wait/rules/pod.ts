// SPDX-License-Identifier: Apache-2.0

import { hasCondition, type JsonObject, textAt } from '@helm-operator/kube';
import { READY, type Readiness, type ReadyRule, waiting } from '../ready.ts';

function check(object: JsonObject): Readiness {
  if (hasCondition(object, 'Ready', 'True')) return READY;
  return waiting(`Pod ${textAt(object, 'metadata.name')} is not ready`);
}

export const podRule: ReadyRule = { check };

/** The first pod that is not ready decides. */
export function podsReady(pods: readonly JsonObject[]): Readiness {
  return pods.map(check).find(({ state }) => state !== 'ready') ?? READY;
}
