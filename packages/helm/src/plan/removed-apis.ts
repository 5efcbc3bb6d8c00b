// SPDX-License-Identifier: Apache-2.0

/**
 * Where the objects of removed APIs are found today.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
 */

import { patchTypeOf, type ResourceTable } from '@helm-operator/kube';

/** Kinds that moved to another group, by the group and version they had. */
const MOVED: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'extensions/v1beta1',
    new Map([
      ['DaemonSet', 'apps'],
      ['Deployment', 'apps'],
      ['Ingress', 'networking.k8s.io'],
      ['NetworkPolicy', 'networking.k8s.io'],
      ['PodSecurityPolicy', 'policy'],
      ['ReplicaSet', 'apps'],
    ]),
  ],
]);

/**
 * The API under which the cluster serves what it no longer serves under the given one: a version of the same group, or of the group
 * the kind moved to.
 *
 * @returns an apiVersion; `undefined` when there is none
 */
export function successorOf(
  apiVersion: string,
  kind: string,
  table: ResourceTable,
): string | undefined {
  const slash = apiVersion.indexOf('/');
  const group = MOVED.get(apiVersion)?.get(kind) ?? (slash < 0 ? '' : apiVersion.slice(0, slash));
  if (group === '') return undefined;
  // The versions a group prefers come first.
  return table
    .apiVersions()
    .map((id) => id.split('/'))
    .filter(([itsGroup, , itsKind]) => itsGroup === group && itsKind === kind)
    .map(([, version]) => `${group}/${version ?? ''}`)
    .find((candidate) => candidate !== apiVersion);
}

/** Groups with a dot that were Kubernetes' own and are gone as a whole. */
const GONE_GROUPS: ReadonlySet<string> = new Set(['auditregistration.k8s.io', 'settings.k8s.io']);

/** Whether only Kubernetes itself can serve that kind: definitions of users need a group with a dot. */
export function isBuiltIn(apiVersion: string, kind: string): boolean {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  return (
    !group.includes('.') || GONE_GROUPS.has(group) || patchTypeOf(apiVersion, kind) !== undefined
  );
}
