// SPDX-License-Identifier: Apache-2.0

import { fieldAt, type JsonObject, textAt } from '@helm-operator/kube';
import type { Obstacle } from './obstacle.ts';

/** Why an object that is being deleted stays; nobody can tell how long. Pure. */
export function deletionObstacle(object: JsonObject): Obstacle | undefined {
  const since = textAt(object, 'metadata.deletionTimestamp');
  const finalizers = fieldAt(object, 'metadata.finalizers');
  if (since === '' || !Array.isArray(finalizers) || finalizers.length === 0) return undefined;
  const reason = `being deleted since ${since}, held by finalizers: ${finalizers.join(', ')}`;
  return { kind: 'finalizer', reason };
}
