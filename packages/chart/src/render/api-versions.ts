// SPDX-License-Identifier: Apache-2.0
// Table: API versions that Helm knows without a cluster.

import type { Profile } from '../profile.ts';

/** A group and its versions, in the order of the client's scheme; `''` is the core group. */
type Group = readonly [group: string, ...versions: string[]];

const UP_TO_EXTENSIONS: readonly Group[] = [
  ['', 'v1'],
  ['admissionregistration.k8s.io', 'v1', 'v1alpha1', 'v1beta1'],
  ['internal.apiserver.k8s.io', 'v1alpha1'],
  ['apps', 'v1', 'v1beta1', 'v1beta2'],
  ['authentication.k8s.io', 'v1', 'v1alpha1', 'v1beta1'],
  ['authorization.k8s.io', 'v1', 'v1beta1'],
  ['autoscaling', 'v1', 'v2'],
  ['batch', 'v1', 'v1beta1'],
  ['certificates.k8s.io', 'v1', 'v1beta1', 'v1alpha1'],
  ['coordination.k8s.io', 'v1alpha2', 'v1beta1', 'v1'],
  ['discovery.k8s.io', 'v1', 'v1beta1'],
  ['events.k8s.io', 'v1', 'v1beta1'],
  ['extensions', 'v1beta1'],
  ['flowcontrol.apiserver.k8s.io', 'v1', 'v1beta1', 'v1beta2', 'v1beta3'],
];
const FROM_NETWORKING: readonly Group[] = [
  ['networking.k8s.io', 'v1', 'v1beta1'],
  ['node.k8s.io', 'v1', 'v1alpha1', 'v1beta1'],
  ['policy', 'v1', 'v1beta1'],
  ['rbac.authorization.k8s.io', 'v1', 'v1beta1', 'v1alpha1'],
  ['resource.k8s.io', 'v1', 'v1beta2', 'v1beta1', 'v1alpha3'],
];
const STORAGE: Group = ['storage.k8s.io', 'v1beta1', 'v1', 'v1alpha1'];
const EXTENSIONS: Group = ['apiextensions.k8s.io', 'v1beta1', 'v1'];

/** client-go 0.37. */
const HELM_3: readonly Group[] = [
  ...UP_TO_EXTENSIONS,
  ['lifecycle.k8s.io', 'v1alpha1'],
  ...FROM_NETWORKING,
  ['scheduling.k8s.io', 'v1alpha3', 'v1beta1', 'v1'],
  STORAGE,
  ['storagemigration.k8s.io', 'v1', 'v1beta1'],
  EXTENSIONS,
];
/** client-go 0.36. */
const HELM_4: readonly Group[] = [
  ...UP_TO_EXTENSIONS,
  ...FROM_NETWORKING,
  ['scheduling.k8s.io', 'v1alpha2', 'v1beta1', 'v1'],
  STORAGE,
  ['storagemigration.k8s.io', 'v1beta1'],
  EXTENSIONS,
];

function listed(groups: readonly Group[]): readonly string[] {
  return groups.flatMap(([group, ...versions]) =>
    versions.map((version) => (group === '' ? version : `${group}/${version}`)),
  );
}

/** API versions without a cluster: what Helm 3.22.0 and 4.2.1 are compiled with. */
export const DEFAULT_API_VERSIONS: Readonly<Record<Profile, readonly string[]>> = {
  helm3: listed(HELM_3),
  helm4: listed(HELM_4),
};
