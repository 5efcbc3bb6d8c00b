// SPDX-License-Identifier: Apache-2.0

/**
 * Charts of the corpus that live a whole life on a control plane. A table.
 *
 * Chosen by data from 266: default values render, nothing in the result is random, every kind is built in and served, `crds/` is empty
 * (127 charts are left); of those, as many traits as there are. `change` is what the upgrade sets. Tried and left out: podinfo (its test
 * pods have random names), express-gateway (a dependency is missing, which the command refuses before the action), tensorflow-notebook
 * (Helm cannot store its record, we can), auditbeat with annotations (a field of a wrong type: the refusal quotes another form of the patch).
 */

export interface CorpusLife {
  /** Name of the archive in the corpus, without `.tgz`. */
  readonly chart: string;
  readonly change: Readonly<Record<string, unknown>>;
  /** What it brings that others do not. */
  readonly reason: string;
  /** Also lived in `npm test`, not only in `npm run test:stories`. */
  readonly isSample?: true;
}

const CHANGED = { changed: 'yes' };
const PODS = { replicaCount: 2, podAnnotations: CHANGED };
const LIMITS = { resources: { limits: { cpu: '100m' } } };

export const CORPUS_LIVES: readonly CorpusLife[] = [
  {
    chart: 'stable--nginx-ingress',
    change: { controller: { podAnnotations: CHANGED } },
    reason: 'cluster roles, two Deployments',
  },
  {
    chart: 'stable--cloudserver',
    change: { image: { tag: 'changed' } },
    reason: '26 objects, hooks of tests, StatefulSets',
  },
  { chart: 'stable--vsphere-cpi', change: {}, reason: 'a List; an unchanged upgrade' },
  {
    chart: 'stable--anchore-engine',
    change: {},
    reason: 'a hook Job after install, subchart; unchanged',
  },
  {
    chart: 'stable--nfs-server-provisioner',
    change: PODS,
    reason: 'StorageClass, StatefulSet',
    isSample: true,
  },
  { chart: 'stable--mongodb-replicaset', change: PODS, reason: 'StatefulSet that must change' },
  { chart: 'stable--kibana', change: PODS, reason: 'test Pod, ConfigMap of files' },
  { chart: 'stable--janusgraph', change: PODS, reason: 'PersistentVolumeClaim' },
  {
    chart: 'stable--horovod',
    change: LIMITS,
    reason: 'a Job as object: its template is immutable',
    isSample: true,
  },
  { chart: 'stable--openebs', change: {}, reason: 'DaemonSets and Deployments; unchanged' },
  { chart: 'stable--auditbeat', change: LIMITS, reason: 'Secret of a file, DaemonSet' },
  { chart: 'stable--fluentd-elasticsearch', change: PODS, reason: 'large ConfigMap' },
  { chart: 'stable--influxdb', change: PODS, reason: 'StatefulSet with claims' },
  { chart: 'stable--kured', change: PODS, reason: 'Role and ClusterRole together' },
  { chart: 'stable--selenium', change: {}, reason: 'old Deployment; unchanged' },
  {
    chart: 'prometheus--prometheus',
    change: { server: { podAnnotations: CHANGED } },
    reason: '23 objects, four subcharts',
    isSample: true,
  },
  { chart: 'prometheus--alertmanager', change: PODS, reason: 'StatefulSet with headless Service' },
  { chart: 'prometheus--prometheus-smartctl-exporter', change: PODS, reason: 'RoleBinding alone' },
  { chart: 'prometheus--prometheus-mongodb-exporter', change: PODS, reason: 'test Pod, Secret' },
  {
    chart: 'prometheus--prometheus-node-exporter',
    change: PODS,
    reason: 'DaemonSet on host ports',
  },
  { chart: 'prometheus--kube-state-metrics', change: PODS, reason: 'wide ClusterRole' },
  {
    chart: 'bitnami--grafana-loki',
    change: { commonLabels: CHANGED },
    reason: '47 objects; selectors of StatefulSets are immutable',
  },
  {
    chart: 'bitnami--fluentd',
    change: { commonLabels: CHANGED },
    reason: 'NetworkPolicy, PodDisruptionBudget; immutable selectors',
  },
  { chart: 'bitnami--nginx-ingress-controller', change: PODS, reason: 'IngressClass' },
  {
    chart: 'bitnami--opensearch',
    change: { service: { annotations: CHANGED } },
    reason: 'four StatefulSets',
  },
  { chart: 'bitnami--apache', change: PODS, reason: 'common library chart' },
  {
    chart: 'bitnami--spark',
    change: { service: { annotations: CHANGED } },
    reason: 'two StatefulSets, Secret',
  },
  { chart: 'grafana--loki-distributed', change: {}, reason: '18 objects; unchanged' },
  { chart: 'grafana--promtail', change: PODS, reason: 'Secret of tpl' },
  {
    chart: 'traefik-traefik-chart--hub-manager',
    change: { service: { annotations: CHANGED } },
    reason: 'a hook Job',
    isSample: true,
  },
  {
    chart: 'open-telemetry-opentelemetry--opentelemetry-ebpf',
    change: LIMITS,
    reason: 'DaemonSet and Deployments',
  },
  { chart: 'manifests--gateway', change: PODS, reason: 'HorizontalPodAutoscaler' },
  { chart: 'manifests--cni', change: PODS, reason: 'ClusterRoles, DaemonSet' },
];
