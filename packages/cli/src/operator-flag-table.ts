// SPDX-License-Identifier: Apache-2.0

/** The operator's flags: a table. Those of Helm Operator 1.4 keep their names and meanings. Source: spec helm-operator.md §7.1. */

import { DEFAULT_OPTIONS, DEFAULT_SOURCE_OPTIONS } from '@helm-operator/operator';

const MIB = 1024 * 1024;
const { git: GIT } = DEFAULT_SOURCE_OPTIONS;

/** One flag: a row of the table. */
export interface OperatorFlag {
  readonly name: string;
  readonly short?: string;
  /** What the help calls its value; a flag without is a switch. */
  readonly value?: string;
  readonly default: string;
  readonly help: string;
  /** Accepted for old deployments, without effect. */
  readonly isIgnored?: boolean;
  /** May be given several times: the values add up, with commas between them. */
  readonly isList?: boolean;
}

export const OPERATOR_FLAGS: readonly OperatorFlag[] = [
  {
    name: 'kubeconfig',
    value: 'FILE',
    default: '',
    help: 'kubeconfig; default: in-cluster configuration',
  },
  {
    name: 'master',
    value: 'URL',
    default: '',
    help: 'address of the API server, instead of the one of the kubeconfig',
  },
  { name: 'allow-namespace', value: 'NAMESPACE', default: '', help: 'watch this namespace alone' },
  {
    name: 'limit',
    value: 'NAME=NUMBER',
    default: '',
    isList: true,
    help: 'what rendering may use up, by the name that stands in the error: steps, elements, outputBytes, depth, timeMs, memoryMiB; can be repeated',
  },
  {
    name: 'workers',
    value: 'N',
    default: String(DEFAULT_OPTIONS.workers),
    help: 'HelmReleases worked on at the same time',
  },
  {
    name: 'listen',
    short: 'l',
    value: 'ADDRESS',
    default: DEFAULT_OPTIONS.listen,
    help: 'address of /healthz, /readyz, /metrics and /api/v1/sync-git',
  },
  {
    name: 'log-format',
    value: 'fmt|json',
    default: DEFAULT_OPTIONS.logFormat,
    help: 'format of the log; anything else is fmt',
  },
  {
    name: 'charts-sync-interval',
    value: 'DURATION',
    default: '3m',
    help: 'every HelmRelease is looked at again after this time',
  },
  {
    name: 'api-token-file',
    value: 'FILE',
    default: '',
    help: 'who posts to /api/v1/sync-git must show the token in this file (Authorization: Bearer TOKEN); default: nobody is asked',
  },
  {
    name: 'leader-elect',
    value: 'true|false',
    default: '',
    help: 'work only while holding a Lease; default: true in a cluster, else false',
  },
  {
    name: 'leader-election-namespace',
    value: 'NAMESPACE',
    default: '',
    help: "namespace of the Lease; default: the pod's, else default",
  },
  {
    name: 'drift-detection',
    value: 'off|warn|correct',
    default: 'off',
    help: 'tell of, or put right, live objects that are not as their release says',
  },
  {
    name: 'health-status',
    value: 'true|false',
    default: 'true',
    help: 'watch the objects of releases and tell in status.health what is not ready',
  },
  {
    name: 'cross-namespace-references',
    value: 'allow|rbac|deny',
    default: DEFAULT_OPTIONS.tenancy.crossNamespace,
    help: 'references to Secrets, ConfigMaps and HelmReleases of other namespaces; rbac: as far as the service account of the HelmRelease may get them',
  },
  {
    name: 'default-service-account',
    value: 'NAME',
    default: '',
    help: 'service account, in the namespace of each HelmRelease, to act as where the HelmRelease names none; default: the operator itself',
  },
  {
    name: 'crd-deletion',
    value: 'keep|uninstall',
    default: DEFAULT_OPTIONS.onDefinitionDeletion,
    help: 'releases whose HelmRelease goes because its definition is deleted: they stay, or are uninstalled',
  },
  {
    name: 'status-update-interval',
    value: 'DURATION',
    default: '10s',
    help: 'without effect: status is written when it changes',
    isIgnored: true,
  },
  {
    name: 'log-release-diffs',
    value: 'true|false',
    default: 'false',
    help: 'log what each upgrade changes, field by field; what came from Secrets is left out',
  },
  {
    name: 'update-chart-deps',
    value: 'true|false',
    default: 'true',
    help: 'bring the dependencies of charts from Git; false takes what is in charts/',
  },
  {
    name: 'git-timeout',
    value: 'DURATION',
    default: `${GIT.timeoutMs / 1000}s`,
    help: 'time for each question to a Git repository and each fetch from it',
  },
  {
    name: 'git-poll-interval',
    value: 'DURATION',
    default: '5m',
    help: 'how often Git repositories are asked for new commits',
  },
  {
    name: 'git-default-ref',
    value: 'REF',
    default: GIT.defaultRef,
    help: 'branch, tag or commit for HelmReleases that name none',
  },
  {
    name: 'git-cache-dir',
    value: 'FOLDER',
    default: GIT.folder,
    help: 'where mirrors of Git repositories are kept',
  },
  {
    name: 'git-identity-file',
    value: 'FILE[,...]',
    default: GIT.identityFiles.join(','),
    help: 'SSH keys for repositories without secretRef; the first that is there is used',
  },
  {
    name: 'git-known-hosts-file',
    value: 'FILE[,...]',
    default: GIT.knownHostsFiles.join(','),
    help: 'SSH hosts that are known where no Secret says which; others are refused',
  },
  {
    name: 'helm-repository-import',
    value: 'v3:FILE[,...]',
    default: '',
    isList: true,
    help: 'repositories files of Helm (repositories.yaml) with the credentials of private repositories',
  },
  {
    name: 'chart-cache-dir',
    value: 'FOLDER',
    default: '/tmp/helm-operator/charts',
    help: 'where fetched charts and indexes are kept; empty: in memory',
  },
  {
    name: 'chart-cache-size',
    value: 'MIB',
    default: String(DEFAULT_SOURCE_OPTIONS.cacheMaxBytes / MIB),
    help: 'size of that folder; what was not used for longest goes first',
  },
  {
    name: 'allow-link-local-sources',
    value: 'true|false',
    default: 'false',
    help: 'URLs of charts may lead to link-local and cloud metadata addresses',
  },
  {
    name: 'allow-loopback-sources',
    value: 'true|false',
    default: 'true',
    help: 'URLs of charts may lead to this machine (a sidecar, say)',
  },
  {
    name: 'enabled-helm-versions',
    value: 'LIST',
    default: 'v3',
    help: 'v3; v2 is accepted, and its releases are refused one by one',
  },
  ...[
    ['tiller-ip', 'IP'],
    ['tiller-port', 'PORT'],
    ['tiller-namespace', 'NAMESPACE'],
    ['tiller-tls-verify', 'true|false'],
    ['tiller-tls-enable', 'true|false'],
    ['tiller-tls-key-path', 'FILE'],
    ['tiller-tls-cert-path', 'FILE'],
    ['tiller-tls-ca-cert-path', 'FILE'],
    ['tiller-tls-hostname', 'HOST'],
    ['convert-tiller-out-cluster', 'true|false'],
    ['convert-release-storage', 'secrets|configmaps'],
  ].map(
    ([name = '', value = '']): OperatorFlag => ({
      ...{ name, value, default: '', isIgnored: true },
      help: 'without effect: Helm 2 is not run',
    }),
  ),
];
