// SPDX-License-Identifier: Apache-2.0

import { type JsonObject, numberAt, textAt } from '@helm-operator/kube';
import { type Readiness, waiting } from '../ready.ts';

/** @returns `undefined` when the controller has seen the object as it is */
export function unobserved(object: JsonObject): Readiness | undefined {
  const generation = numberAt(object, 'metadata.generation', 0);
  const observed = numberAt(object, 'status.observedGeneration', 0);
  if (observed === generation) return undefined;
  return waiting(
    `${textAt(object, 'kind')}: observedGeneration (${observed}) does not match spec generation (${generation})`,
  );
}
