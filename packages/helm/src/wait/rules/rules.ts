// SPDX-License-Identifier: Apache-2.0

import type { ReadyRule } from '../ready.ts';
import { customResourceDefinitionRule } from './custom-resource-definition.ts';
import { daemonSetRule } from './daemon-set.ts';
import { deploymentRule } from './deployment.ts';
import { jobRule } from './job.ts';
import { persistentVolumeClaimRule } from './persistent-volume-claim.ts';
import { podRule } from './pod.ts';
import { replicaSetRule, replicationControllerRule } from './replica-set.ts';
import { serviceRule } from './service.ts';
import { statefulSetRule } from './stateful-set.ts';

/** Helm 3's rules, by `group/Kind`; every other kind is ready at once. */
export const READY_RULES: ReadonlyMap<string, ReadyRule> = new Map([
  ['/PersistentVolumeClaim', persistentVolumeClaimRule],
  ['/Pod', podRule],
  ['/ReplicationController', replicationControllerRule],
  ['/Service', serviceRule],
  ['apiextensions.k8s.io/CustomResourceDefinition', customResourceDefinitionRule],
  ['apps/DaemonSet', daemonSetRule],
  ['apps/Deployment', deploymentRule],
  ['apps/ReplicaSet', replicaSetRule],
  ['apps/StatefulSet', statefulSetRule],
  ['batch/Job', jobRule],
  ['extensions/DaemonSet', daemonSetRule],
  ['extensions/Deployment', deploymentRule],
  ['extensions/ReplicaSet', replicaSetRule],
]);
