// SPDX-License-Identifier: Apache-2.0
// Table: the kinds the fake cluster serves from the start.

import type { JsonObject, ResourceInfo } from '@helm-operator/kube';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** `[apiVersion, Kind, plural, scope, has a status subresource]` */
const ROWS: readonly (readonly [string, string, string, 'namespaced' | 'cluster', boolean])[] = [
  ['v1', 'Namespace', 'namespaces', 'cluster', true],
  ['v1', 'Node', 'nodes', 'cluster', true],
  ['v1', 'PersistentVolume', 'persistentvolumes', 'cluster', true],
  ['v1', 'ConfigMap', 'configmaps', 'namespaced', false],
  ['v1', 'Secret', 'secrets', 'namespaced', false],
  ['v1', 'Service', 'services', 'namespaced', true],
  ['v1', 'ServiceAccount', 'serviceaccounts', 'namespaced', false],
  ['v1', 'Pod', 'pods', 'namespaced', true],
  ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', 'namespaced', true],
  ['v1', 'Endpoints', 'endpoints', 'namespaced', false],
  ['v1', 'Event', 'events', 'namespaced', false],
  ['v1', 'LimitRange', 'limitranges', 'namespaced', false],
  ['v1', 'ResourceQuota', 'resourcequotas', 'namespaced', true],
  ['v1', 'ReplicationController', 'replicationcontrollers', 'namespaced', true],
  ['apps/v1', 'Deployment', 'deployments', 'namespaced', true],
  ['apps/v1', 'ReplicaSet', 'replicasets', 'namespaced', true],
  ['apps/v1', 'StatefulSet', 'statefulsets', 'namespaced', true],
  ['apps/v1', 'DaemonSet', 'daemonsets', 'namespaced', true],
  ['apps/v1', 'ControllerRevision', 'controllerrevisions', 'namespaced', false],
  ['batch/v1', 'Job', 'jobs', 'namespaced', true],
  ['batch/v1', 'CronJob', 'cronjobs', 'namespaced', true],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'namespaced', true],
  ['policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'namespaced', true],
  ['networking.k8s.io/v1', 'Ingress', 'ingresses', 'namespaced', true],
  ['networking.k8s.io/v1', 'IngressClass', 'ingressclasses', 'cluster', false],
  ['networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', 'namespaced', false],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', 'cluster', false],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', 'cluster', false],
  ['rbac.authorization.k8s.io/v1', 'Role', 'roles', 'namespaced', false],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings', 'namespaced', false],
  ['storage.k8s.io/v1', 'StorageClass', 'storageclasses', 'cluster', false],
  ['scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', 'cluster', false],
  ['coordination.k8s.io/v1', 'Lease', 'leases', 'namespaced', false],
  ['discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', 'namespaced', false],
  ['apiregistration.k8s.io/v1', 'APIService', 'apiservices', 'cluster', true],
  [
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    'cluster',
    true,
  ],
  [
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    'cluster',
    false,
  ],
  [
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    'cluster',
    false,
  ],
];

/** The built-in kinds. */
export function builtInKinds(): ResourceInfo[] {
  return ROWS.map(([apiVersion, kind, resource, scope, hasStatus]) => {
    const [group, version] = splitApiVersion(apiVersion);
    return {
      ...{ group, version, kind, resource, verbs: VERBS, shortNames: [] },
      isNamespaced: scope === 'namespaced',
      subresources: hasStatus ? ['status'] : [],
    };
  });
}

export function splitApiVersion(apiVersion: string): [group: string, version: string] {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? ['', first] : [first, second];
}

/** The kinds that a CustomResourceDefinition adds. */
export function kindsOfCrd(crd: JsonObject): ResourceInfo[] {
  const spec = crd['spec'] as JsonObject;
  const names = spec['names'] as JsonObject;
  return (spec['versions'] as JsonObject[])
    .filter((version) => version['served'] === true)
    .map((version) => ({
      group: String(spec['group']),
      version: String(version['name']),
      kind: String(names['kind']),
      resource: String(names['plural']),
      isNamespaced: spec['scope'] === 'Namespaced',
      verbs: VERBS,
      shortNames: [],
      subresources: Object.keys((version['subresources'] as JsonObject | undefined) ?? {}),
    }));
}
