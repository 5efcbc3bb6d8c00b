// SPDX-License-Identifier: Apache-2.0

/** What an object says itself of why it will not get ready. Pure. */

import { conditionsOf, type JsonObject } from '@helm-operator/kube';
import { type Obstacle, withMessage } from './obstacle.ts';
import { refusalObstacle } from './refusal.ts';

/** @returns `undefined` when it says nothing of that kind */
export function workloadObstacle(object: JsonObject): Obstacle | undefined {
  for (const { type, status, reason, message } of conditionsOf(object)) {
    if (type === 'ReplicaFailure' && status === 'True') return refusalObstacle(message);
    if (object['kind'] === 'Job' && type === 'Failed' && status === 'True') {
      return { kind: 'job-failed', reason: withMessage(reason, message), confirmMs: 0 };
    }
    if (type === 'Progressing' && reason === 'ProgressDeadlineExceeded') {
      return { kind: 'progress-deadline', reason: withMessage(reason, message), confirmMs: 0 };
    }
  }
  return undefined;
}
