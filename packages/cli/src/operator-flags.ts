// SPDX-License-Identifier: Apache-2.0

/** The operator's flags: those of Helm Operator 1.4 keep working; each can be set by `HELM_OPERATOR_<FLAG>`, too. */

import { parseDuration } from '@helm-operator/gocompat';
import {
  DEFAULT_OPTIONS,
  DEFAULT_SOURCE_OPTIONS,
  type OperatorOptions,
  type SourceOptions,
} from '@helm-operator/operator';
import { UsageError } from './context.ts';

const MIB = 1024 * 1024;
const { git: GIT } = DEFAULT_SOURCE_OPTIONS;

/** One flag: a row of the table. */
interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What the help calls its value; a flag without is a switch. */
  readonly value?: string;
  readonly default: string;
  readonly help: string;
  /** Accepted for old deployments, without effect. */
  readonly isIgnored?: boolean;
}

export const OPERATOR_FLAGS: readonly Flag[] = [
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
    help: 'address of /healthz, /readyz and /metrics',
  },
  {
    name: 'log-format',
    value: 'fmt|json',
    default: DEFAULT_OPTIONS.logFormat,
    help: 'format of the log',
  },
  {
    name: 'charts-sync-interval',
    value: 'DURATION',
    default: '3m',
    help: 'every HelmRelease is looked at again after this time',
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
    name: 'status-update-interval',
    value: 'DURATION',
    default: '10s',
    help: 'without effect: status is written when it changes',
    isIgnored: true,
  },
  { name: 'log-release-diffs', default: 'false', help: 'without effect yet', isIgnored: true },
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
    help: 'v3; Helm 2 is not run',
    isIgnored: true,
  },
  {
    name: 'tiller-ip',
    value: 'IP',
    default: '',
    help: 'without effect: Helm 2 is not run',
    isIgnored: true,
  },
  {
    name: 'tiller-port',
    value: 'PORT',
    default: '',
    help: 'without effect: Helm 2 is not run',
    isIgnored: true,
  },
  {
    name: 'tiller-namespace',
    value: 'NAMESPACE',
    default: '',
    help: 'without effect: Helm 2 is not run',
    isIgnored: true,
  },
];

/** What the flags say, and which of them change nothing. */
export interface OperatorFlags {
  readonly options: OperatorOptions;
  readonly sources: SourceOptions;
  readonly kubeconfig: string;
  readonly master: string;
  readonly ignored: readonly string[];
}

export interface FlagFacts {
  readonly env: ReadonlyMap<string, string>;
  readonly isInCluster: boolean;
  /** The pod's namespace, in a cluster. */
  readonly podNamespace: string | undefined;
  readonly identity: string;
}

/**
 * @param given flag → value from the command line
 * @throws {UsageError} a value is wrong
 */
export function readOperatorFlags(
  given: ReadonlyMap<string, string>,
  facts: FlagFacts,
): OperatorFlags {
  const of = (name: string): string => {
    const flag = OPERATOR_FLAGS.find((row) => row.name === name);
    const variable = `HELM_OPERATOR_${name.toUpperCase().replaceAll('-', '_')}`;
    return given.get(name) ?? facts.env.get(variable) ?? flag?.default ?? '';
  };
  const wrong = (name: string, mend: string) =>
    new UsageError(`invalid value "${of(name)}" for flag --${name}: ${mend}`);
  const workers = Number(of('workers'));
  if (!Number.isInteger(workers) || workers < 1)
    throw wrong('workers', 'must be a whole number of at least 1');
  const logFormat = of('log-format');
  if (logFormat !== 'fmt' && logFormat !== 'json') throw wrong('log-format', 'must be fmt or json');
  const driftMode = of('drift-detection');
  if (driftMode !== 'off' && driftMode !== 'warn' && driftMode !== 'correct')
    throw wrong('drift-detection', 'must be off, warn or correct');
  const crossNamespace = of('cross-namespace-references');
  if (crossNamespace !== 'allow' && crossNamespace !== 'rbac' && crossNamespace !== 'deny')
    throw wrong('cross-namespace-references', 'must be allow, rbac or deny');
  const elect = of('leader-elect');
  if (!['', 'true', 'false'].includes(elect)) throw wrong('leader-elect', 'must be true or false');
  const resyncMs = milliseconds(of('charts-sync-interval'), () =>
    wrong('charts-sync-interval', 'must be a duration like 3m'),
  );
  return {
    kubeconfig: of('kubeconfig'),
    master: of('master'),
    sources: sourceOptions(of, wrong, resyncMs),
    ignored: OPERATOR_FLAGS.filter(
      ({ name, isIgnored }) => isIgnored === true && given.has(name),
    ).map(({ name }) => name),
    options: {
      ...DEFAULT_OPTIONS,
      namespace: of('allow-namespace'),
      workers,
      resyncMs,
      gitPollMs: milliseconds(of('git-poll-interval'), () =>
        wrong('git-poll-interval', 'must be a duration like 5m'),
      ),
      listen: of('listen'),
      logFormat,
      mustElectLeader: elect === '' ? facts.isInCluster : elect === 'true',
      leaderElectionNamespace: of('leader-election-namespace') || facts.podNamespace || 'default',
      identity: facts.identity,
      driftMode,
      tenancy: { crossNamespace, defaultServiceAccount: of('default-service-account') },
    },
  };
}

function sourceOptions(
  of: (name: string) => string,
  wrong: (name: string, mend: string) => UsageError,
  resyncMs: number,
): SourceOptions {
  const size = Number(of('chart-cache-size'));
  if (!Number.isInteger(size) || size < 1)
    throw wrong('chart-cache-size', 'must be a whole number of MiB');
  const isTrue = (name: string): boolean => {
    if (!['true', 'false'].includes(of(name))) throw wrong(name, 'must be true or false');
    return of(name) === 'true';
  };
  const files = listed(of('helm-repository-import')).map((part) => {
    const [version, path, ...rest] = part.split(':');
    if (!['v2', 'v3'].includes(version ?? '') || !path || rest.length > 0)
      throw wrong('helm-repository-import', 'must be like v3:/path/repositories.yaml');
    return path;
  });
  return {
    cacheFolder: of('chart-cache-dir'),
    cacheMaxBytes: size * MIB,
    repositoryFiles: files,
    mayUseLinkLocal: isTrue('allow-link-local-sources'),
    mayUseLoopback: isTrue('allow-loopback-sources'),
    git: {
      folder: of('git-cache-dir'),
      timeoutMs: milliseconds(of('git-timeout'), () =>
        wrong('git-timeout', 'must be a duration like 20s'),
      ),
      defaultRef: of('git-default-ref'),
      mayUpdateDependencies: isTrue('update-chart-deps'),
      identityFiles: listed(of('git-identity-file')),
      knownHostsFiles: listed(of('git-known-hosts-file')),
    },
    indexFreshMs: Math.min(DEFAULT_SOURCE_OPTIONS.indexFreshMs, resyncMs / 2),
  };
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function milliseconds(text: string, wrong: () => UsageError): number {
  let nanos: bigint;
  try {
    nanos = parseDuration(text);
  } catch {
    throw wrong();
  }
  if (nanos <= 0n) throw wrong();
  return Number(nanos / 1_000_000n);
}
