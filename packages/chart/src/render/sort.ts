// SPDX-License-Identifier: Apache-2.0

/** The order of kinds. Source: helm v3.22.0 pkg/releaseutil/kind_sorter.go; helm4: v4.2.1. */

import { compareBytes } from '@helm-operator/gocompat';
import type { Profile } from '../profile.ts';

const INSTALL: readonly string[] = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];

const UNINSTALL: readonly string[] = [
  'APIService',
  'Ingress',
  'IngressClass',
  'Service',
  'CronJob',
  'Job',
  'StatefulSet',
  'HorizontalPodAutoscaler',
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
  'DaemonSet',
  'RoleBindingList',
  'RoleBinding',
  'RoleList',
  'Role',
  'ClusterRoleBindingList',
  'ClusterRoleBinding',
  'ClusterRoleList',
  'ClusterRole',
  'CustomResourceDefinition',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'StorageClass',
  'ConfigMap',
  'SecretList',
  'Secret',
  'ServiceAccount',
  'PodDisruptionBudget',
  'PodSecurityPolicy',
  'LimitRange',
  'ResourceQuota',
  'NetworkPolicy',
  'Namespace',
  'PriorityClass',
];

const WEBHOOKS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const;

export type KindOrder = ReadonlyMap<string, number>;

function orderOf(kinds: readonly string[]): KindOrder {
  return new Map(kinds.map((kind, place) => [kind, place]));
}

/** Kinds in the order in which objects are created. */
export const INSTALL_ORDER: Readonly<Record<Profile, KindOrder>> = {
  helm3: orderOf(INSTALL),
  helm4: orderOf([...INSTALL, ...WEBHOOKS]),
};

/** Kinds in the order in which objects are deleted; not the mirror of the other. */
export const UNINSTALL_ORDER: Readonly<Record<Profile, KindOrder>> = {
  helm3: orderOf(UNINSTALL),
  helm4: orderOf([...WEBHOOKS.toReversed(), ...UNINSTALL]),
};

/** Sorts stably by kind; unknown kinds come last, by name. */
export function sortByKind<T>(
  items: readonly T[],
  kindOf: (item: T) => string,
  order: KindOrder,
): T[] {
  return items.toSorted((a, b) => compareKinds(kindOf(a), kindOf(b), order));
}

function compareKinds(a: string, b: string, order: KindOrder): number {
  const first = order.get(a);
  const second = order.get(b);
  if (first === undefined && second === undefined) return compareBytes(a, b);
  if (first === undefined) return 1;
  return second === undefined ? -1 : first - second;
}
