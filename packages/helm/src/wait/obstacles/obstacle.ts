// SPDX-License-Identifier: Apache-2.0

/** Why an object does not get ready, as a person would say it, and how sure one can be that waiting does not help. */

export type ObstacleKind =
  | 'admission'
  | 'container-config'
  | 'container-start'
  | 'crash-loop'
  | 'finalizer'
  | 'image-pull'
  | 'job-failed'
  | 'old-pod'
  | 'progress-deadline'
  | 'quota'
  | 'service-account'
  | 'unschedulable'
  | 'volume';

/** What can stand in the way, each with its mend. */
export const OBSTACLES: Readonly<Record<ObstacleKind, string>> = {
  'image-pull':
    'check the image name, its tag and the pull secret, and that the registry can be reached from the nodes',
  'crash-loop':
    'read the log of the previous run of the container; its command, configuration and dependencies decide',
  'container-config':
    'create the missing ConfigMap, Secret or key, or correct the name in the chart values',
  'container-start': 'check command, arguments and mounts of the container',
  quota: 'raise the ResourceQuota of the namespace or ask for less in the chart values',
  admission: 'change the pod as the refusal says, or have the policy of the namespace changed',
  'service-account': 'create the ServiceAccount or name one that exists',
  unschedulable:
    'make room: add a node that fits, or change requests, node selector, affinity or tolerations',
  volume: 'name a StorageClass that exists, or provide a PersistentVolume that fits',
  'job-failed': 'read the log of the pod that failed, mend what it says, then run the action again',
  'old-pod':
    'delete that pod: a StatefulSet replaces no pod while one of an older revision is not ready',
  'progress-deadline':
    'see why the new pods do not become ready, or raise spec.progressDeadlineSeconds',
  finalizer:
    'find the controller that owns the finalizer and why it does not let go; if it is gone for good, take the finalizer off the object',
};

export interface Obstacle {
  readonly kind: ObstacleKind;
  readonly container?: string | undefined;
  /** In the cluster's words. */
  readonly reason: string;
  /** How long it must last, in milliseconds, until waiting counts as useless; absent: nobody can tell, wait on. */
  readonly confirmMs?: number | undefined;
  /** Another object of the release may still remove it: it counts only when no other makes progress. */
  readonly mayDependOnOthers?: boolean | undefined;
}

/** `Reason: message`, or the reason alone. */
export function withMessage(reason: string, message: string): string {
  return message === '' ? reason : `${reason}: ${message}`;
}
