// SPDX-License-Identifier: Apache-2.0 — a table

/** Kubernetes APIs that are deprecated: since when, gone when, replaced by what. Source: k8s.io/api v0.37.0 (APILifecycle methods). */

/**
 * A line: group and version, deprecated in, removed in, group and version to use instead, kinds. `-` is nothing; `[List]` stands for the kind
 * and its list; `A>B`: B takes the place of A.
 */
const TABLE = `
admissionregistration.k8s.io/v1alpha1 1.35 1.38 - MutatingAdmissionPolicy[List],MutatingAdmissionPolicyBinding[List]
admissionregistration.k8s.io/v1alpha1 1.29 1.32 - ValidatingAdmissionPolicy[List],ValidatingAdmissionPolicyBinding[List]
admissionregistration.k8s.io/v1beta1 1.37 1.40 admissionregistration.k8s.io/v1 MutatingAdmissionPolicy[List],MutatingAdmissionPolicyBinding[List]
admissionregistration.k8s.io/v1beta1 1.16 1.22 admissionregistration.k8s.io/v1 MutatingWebhookConfiguration[List],ValidatingWebhookConfiguration[List]
admissionregistration.k8s.io/v1beta1 1.31 1.34 - ValidatingAdmissionPolicy[List],ValidatingAdmissionPolicyBinding[List]
apps/v1beta1 1.8 1.16 apps/v1 ControllerRevision[List],Deployment[List],DeploymentRollback,StatefulSet[List]
apps/v1beta1 1.8 1.16 autoscaling/v1 Scale
apps/v1beta2 1.9 1.16 apps/v1 ControllerRevision[List],DaemonSet[List],Deployment[List],ReplicaSet[List],StatefulSet[List]
apps/v1beta2 1.9 1.16 autoscaling/v1 Scale
authentication.k8s.io/v1alpha1 1.29 1.32 - SelfSubjectReview
authentication.k8s.io/v1beta1 1.30 1.33 - SelfSubjectReview
authentication.k8s.io/v1beta1 1.19 1.22 authentication.k8s.io/v1 TokenReview
authorization.k8s.io/v1beta1 1.19 1.22 authorization.k8s.io/v1 LocalSubjectAccessReview,SelfSubjectAccessReview,SelfSubjectRulesReview,SubjectAccessReview
batch/v1beta1 1.21 1.25 batch/v1 CronJob[List]
certificates.k8s.io/v1alpha1 1.34 1.37 - ClusterTrustBundle[List]
certificates.k8s.io/v1beta1 1.19 1.22 certificates.k8s.io/v1 CertificateSigningRequest[List]
certificates.k8s.io/v1beta1 1.37 1.40 certificates.k8s.io/v1 ClusterTrustBundle[List],PodCertificateRequest[List]
coordination.k8s.io/v1alpha2 1.35 1.38 - LeaseCandidate[List]
coordination.k8s.io/v1beta1 1.19 1.22 coordination.k8s.io/v1 Lease[List]
coordination.k8s.io/v1beta1 1.36 1.39 - LeaseCandidate[List]
discovery.k8s.io/v1beta1 1.21 1.25 discovery.k8s.io/v1 EndpointSlice,EndpointSliceList>EndpointSlice
events.k8s.io/v1beta1 1.22 1.25 - Event[List]
extensions/v1beta1 1.8 1.16 apps/v1 DaemonSet[List],Deployment[List],ReplicaSet[List]
extensions/v1beta1 1.8 1.16 - DeploymentRollback
extensions/v1beta1 1.14 1.22 networking.k8s.io/v1 Ingress[List]
extensions/v1beta1 1.9 1.16 networking.k8s.io/v1 NetworkPolicy[List]
extensions/v1beta1 1.2 1.16 - Scale
flowcontrol.apiserver.k8s.io/v1beta1 1.23 1.26 flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema[List],PriorityLevelConfiguration[List]
flowcontrol.apiserver.k8s.io/v1beta2 1.26 1.29 flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema[List],PriorityLevelConfiguration[List]
flowcontrol.apiserver.k8s.io/v1beta3 1.29 1.32 flowcontrol.apiserver.k8s.io/v1 FlowSchema[List],PriorityLevelConfiguration[List]
lifecycle.k8s.io/v1alpha1 1.40 1.43 - Eviction[List],EvictionRequest[List]
networking.k8s.io/v1beta1 1.34 1.37 - IPAddress[List],ServiceCIDR[List]
networking.k8s.io/v1beta1 1.19 1.22 networking.k8s.io/v1 Ingress[List],IngressClass>IngressClassList,IngressClassList
node.k8s.io/v1beta1 1.22 1.25 - RuntimeClass[List]
policy/v1beta1 1.22 1.25 - Eviction
policy/v1beta1 1.21 1.25 policy/v1 PodDisruptionBudget[List]
rbac.authorization.k8s.io/v1beta1 1.17 1.22 rbac.authorization.k8s.io/v1 ClusterRole[List],ClusterRoleBinding[List],Role[List],RoleBinding[List]
resource.k8s.io/v1alpha3 1.36 1.39 - DeviceTaintRule[List]
resource.k8s.io/v1alpha3 1.39 1.42 - ResourcePoolStatusRequest[List]
resource.k8s.io/v1beta1 1.35 1.38 - DeviceClass[List],ResourceClaim[List],ResourceClaimTemplate[List],ResourceSlice[List]
resource.k8s.io/v1beta2 1.36 1.39 - DeviceClass[List],ResourceClaim[List],ResourceClaimTemplate[List],ResourceSlice[List]
resource.k8s.io/v1beta2 1.39 1.42 - DeviceTaintRule[List]
scheduling.k8s.io/v1beta1 1.40 1.43 - PodGroup[List],Workload[List]
scheduling.k8s.io/v1beta1 1.14 1.22 scheduling.k8s.io/v1 PriorityClass[List]
storage.k8s.io/v1alpha1 1.21 1.24 storage.k8s.io/v1beta1 CSIStorageCapacity[List]
storage.k8s.io/v1alpha1 1.21 1.24 storage.k8s.io/v1 VolumeAttachment[List]
storage.k8s.io/v1alpha1 1.32 1.35 storage.k8s.io/v1 VolumeAttributesClass[List]
storage.k8s.io/v1beta1 1.19 1.22 storage.k8s.io/v1 CSIDriver[List],StorageClass[List],VolumeAttachment[List]
storage.k8s.io/v1beta1 1.17 1.22 storage.k8s.io/v1 CSINode,CSINodeList>CSINode
storage.k8s.io/v1beta1 1.24 1.27 storage.k8s.io/v1 CSIStorageCapacity[List]
storage.k8s.io/v1beta1 1.34 1.37 storage.k8s.io/v1 VolumeAttributesClass[List]
storagemigration.k8s.io/v1beta1 1.37 1.40 storagemigration.k8s.io/v1 StorageVersionMigration[List]
v1 1.19 - - ComponentStatus[List]
v1 1.33 - discovery.k8s.io/v1 Endpoints>EndpointSlice,EndpointsList>EndpointSliceList
`;

export interface DeprecatedApi {
  readonly apiVersion: string;
  readonly kind: string;
  /** `1.16` */
  readonly since: string;
  readonly removed: string | undefined;
  /** `apps/v1 Deployment` */
  readonly replacement: string | undefined;
}

function readTable(): ReadonlyMap<string, DeprecatedApi> {
  const apis = new Map<string, DeprecatedApi>();
  for (const line of TABLE.trim().split('\n')) {
    const [apiVersion = '', since = '', removed, instead, kinds = ''] = line.split(' ');
    for (const [kind, newKind] of kinds.split(',').flatMap(expandKind)) {
      apis.set(`${apiVersion} ${kind}`, {
        apiVersion,
        kind,
        since,
        removed: removed === '-' ? undefined : removed,
        replacement: instead === '-' ? undefined : `${instead} ${newKind}`,
      });
    }
  }
  return apis;
}

function expandKind(text: string): readonly (readonly [kind: string, newKind: string])[] {
  const [kind = '', newKind = kind] = text.split('>');
  if (!kind.endsWith('[List]')) return [[kind, newKind]];
  const single = kind.slice(0, -'[List]'.length);
  return [
    [single, single],
    [`${single}List`, `${single}List`],
  ];
}

/** By `apiVersion kind`. */
export const DEPRECATED_APIS: ReadonlyMap<string, DeprecatedApi> = readTable();
