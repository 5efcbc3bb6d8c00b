// SPDX-License-Identifier: Apache-2.0

/**
 * How far an object is, from the object alone.
 *
 * Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status (what helm v4.2.1 waits with)
 */

import type { JsonObject } from '../cluster.ts';
import { customResourceDefinitionReadiness } from './custom-resource-definition.ts';
import { daemonSetReadiness } from './daemon-set.ts';
import { deploymentReadiness } from './deployment.ts';
import { conditionsOf, fieldAt, textAt } from './fields.ts';
import { jobReadiness } from './job.ts';
import { persistentVolumeClaimReadiness } from './persistent-volume-claim.ts';
import { podReadiness } from './pod.ts';
import { replicaSetReadiness } from './replica-set.ts';
import { serviceReadiness } from './service.ts';
import { statefulSetReadiness } from './stateful-set.ts';
import { current, failed, inProgress, type Verdict } from './verdict.ts';

/** Pure: the object and the time in, a verdict out. */
export type ReadinessRule = (object: JsonObject, nowMs: number) => Verdict;

const alwaysReady: ReadinessRule = () => current('Resource is always ready');

/** Every rule, by `group/Kind` (`Kind` in the core group). */
export const READINESS_RULES: ReadonlyMap<string, ReadinessRule> = new Map<string, ReadinessRule>([
  ['ConfigMap', alwaysReady],
  ['PersistentVolumeClaim', persistentVolumeClaimReadiness],
  ['Pod', podReadiness],
  ['Secret', alwaysReady],
  ['Service', serviceReadiness],
  ['apiextensions.k8s.io/CustomResourceDefinition', customResourceDefinitionReadiness],
  ['apps/DaemonSet', daemonSetReadiness],
  ['apps/Deployment', deploymentReadiness],
  ['apps/ReplicaSet', replicaSetReadiness],
  ['apps/StatefulSet', statefulSetReadiness],
  ['batch/CronJob', alwaysReady],
  ['batch/Job', jobReadiness],
  ['extensions/DaemonSet', daemonSetReadiness],
  ['extensions/Deployment', deploymentReadiness],
  ['extensions/ReplicaSet', replicaSetReadiness],
  ['policy/PodDisruptionBudget', () => current('AllowedDisruptions has been computed.')],
]);

/** @param nowMs milliseconds since 1970; a pod without a node has 15 s */
export function readinessOf(object: JsonObject, nowMs: number): Verdict {
  const general = generalReadiness(object);
  if (general !== undefined) return general;
  const [group = '', version] = textAt(object, 'apiVersion').split('/');
  const kind = textAt(object, 'kind');
  const rule = READINESS_RULES.get(version === undefined ? kind : `${group}/${kind}`);
  return rule === undefined ? byReadyCondition(object) : rule(object, nowMs);
}

function generalReadiness(object: JsonObject): Verdict | undefined {
  if (textAt(object, 'metadata.deletionTimestamp') !== '') {
    return { status: 'Terminating', reason: '', message: 'Resource scheduled for deletion' };
  }
  const generation = fieldAt(object, 'metadata.generation');
  const observed = fieldAt(object, 'status.observedGeneration');
  if (generation !== undefined && observed !== undefined && observed !== generation) {
    const kind = textAt(object, 'kind');
    return inProgress(
      'LatestGenerationNotObserved',
      `${kind} generation is ${generation}, but latest observed generation is ${observed}`,
    );
  }
  for (const { type, status, reason, message } of conditionsOf(object)) {
    if (type === 'Reconciling' && status === 'True') return inProgress(reason, message);
    if (type === 'Stalled' && status === 'True') return failed(reason, message);
  }
  return undefined;
}

function byReadyCondition(object: JsonObject): Verdict {
  for (const { type, status, reason, message } of conditionsOf(object)) {
    if (type !== 'Ready') continue;
    if (status === 'True') return current('Resource is Ready');
    if (status === 'False' || status === 'Unknown') return inProgress(reason, message);
  }
  return current('Resource is current');
}
