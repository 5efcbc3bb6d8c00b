// SPDX-License-Identifier: Apache-2.0

/** What stands behind a pod or volume that a controller could not create. Pure. */

import { type JsonObject, textAt } from '@helm-operator/kube';
import { type Obstacle, withMessage } from './obstacle.ts';

/** Old pods of the same rollout may still make room. */
const QUOTA_MS = 15_000;
const REFUSED_MS = 10_000;
const ACCOUNT_MS = 30_000;
const VOLUME_MS = 15_000;
/** An administrator may provide the volume by hand. */
const NO_CLASS_MS = 60_000;
const MOUNT_MS = 60_000;
const NO_SCALE_UP_MS = 30_000;

/** @param message the API server's refusal of a pod, as conditions and `FailedCreate` events carry it */
export function refusalObstacle(message: string): Obstacle {
  const reason = withMessage('FailedCreate', message);
  if (/exceeded quota|failed quota/.test(message)) {
    return { kind: 'quota', reason, confirmMs: QUOTA_MS };
  }
  if (/serviceaccount ".*" not found/.test(message)) {
    return { kind: 'service-account', reason, confirmMs: ACCOUNT_MS, mayDependOnOthers: true };
  }
  // A webhook that is down comes back.
  if (/failed calling webhook|connection refused|timeout/.test(message))
    return { kind: 'admission', reason };
  return { kind: 'admission', reason, confirmMs: REFUSED_MS };
}

/** @returns `undefined` when the event tells of no lasting trouble */
export function eventObstacle(event: JsonObject): Obstacle | undefined {
  const name = textAt(event, 'reason');
  const message = textAt(event, 'message');
  const reason = withMessage(name, message);
  switch (name) {
    case 'FailedCreate':
      return refusalObstacle(message);
    case 'ProvisioningFailed':
      return /storageclass\S* ".*" not found/.test(message)
        ? { kind: 'volume', reason, confirmMs: VOLUME_MS, mayDependOnOthers: true }
        : { kind: 'volume', reason };
    case 'FailedBinding':
      return { kind: 'volume', reason, confirmMs: NO_CLASS_MS };
    case 'FailedMount':
      return /(?:configmap|secret) ".*" not found|references non-existent/.test(message)
        ? { kind: 'container-config', reason, confirmMs: MOUNT_MS, mayDependOnOthers: true }
        : { kind: 'volume', reason };
    case 'NotTriggerScaleUp':
      return { kind: 'unschedulable', reason, confirmMs: NO_SCALE_UP_MS };
    default:
      return undefined;
  }
}

/** An autoscaler is at it: what the pod lacks is coming. */
export function isScaleUp(event: JsonObject): boolean {
  return ['TriggeredScaleUp', 'Nominated'].includes(textAt(event, 'reason'));
}
