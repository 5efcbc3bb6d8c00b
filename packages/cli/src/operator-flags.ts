// SPDX-License-Identifier: Apache-2.0

/** What the operator's flags say; each can be set by `HELM_OPERATOR_<FLAG>`, too. */

import { parseDuration } from '@helm-operator/gocompat';
import {
  DEFAULT_OPTIONS,
  DEFAULT_SOURCE_OPTIONS,
  type OperatorOptions,
  type SourceOptions,
} from '@helm-operator/operator';
import { UsageError } from './context.ts';
import { parseLimit, type RenderLimits } from './flags/limits.ts';
import { OPERATOR_FLAGS } from './operator-flag-table.ts';

const MIB = 1024 * 1024;

/** What the flags say, and which of them change nothing. */
export interface OperatorFlags {
  readonly options: OperatorOptions;
  readonly sources: SourceOptions;
  readonly renderLimits: RenderLimits;
  readonly kubeconfig: string;
  readonly master: string;
  /** What is not done as the flags say, for the log. */
  readonly warnings: readonly string[];
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
  const oneOf = <T extends string>(name: string, ...choices: readonly T[]): T => {
    const found = choices.find((choice) => choice === of(name));
    if (found !== undefined) return found;
    throw wrong(name, `must be ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`);
  };
  const isTrue = (name: string): boolean => oneOf(name, 'true', 'false') === 'true';
  const resyncMs = milliseconds(of('charts-sync-interval'), () =>
    wrong('charts-sync-interval', 'must be a duration like 3m'),
  );
  const imports = repositoryImports(of('helm-repository-import'));
  return {
    kubeconfig: of('kubeconfig'),
    master: of('master'),
    sources: sourceOptions(of, wrong, { resyncMs, repositoryFiles: imports.paths }),
    renderLimits: limitsOf(of('limit'), wrong),
    warnings: [
      ...OPERATOR_FLAGS.filter(({ name, isIgnored }) => isIgnored === true && given.has(name)).map(
        ({ name, help }) => `--${name} is ${help}`,
      ),
      ...versionWarnings(
        given.get('enabled-helm-versions') ?? facts.env.get('HELM_VERSION') ?? 'v3',
      ),
      ...imports.warnings,
    ],
    options: {
      ...DEFAULT_OPTIONS,
      namespace: of('allow-namespace'),
      workers,
      resyncMs,
      gitPollMs: milliseconds(of('git-poll-interval'), () =>
        wrong('git-poll-interval', 'must be a duration like 5m'),
      ),
      listen: of('listen'),
      apiTokenFile: of('api-token-file'),
      logFormat: of('log-format') === 'json' ? 'json' : 'fmt',
      mustElectLeader: of('leader-elect') === '' ? facts.isInCluster : isTrue('leader-elect'),
      leaderElectionNamespace: of('leader-election-namespace') || facts.podNamespace || 'default',
      identity: facts.identity,
      driftMode: oneOf('drift-detection', 'off', 'warn', 'correct'),
      isHealthKept: isTrue('health-status'),
      arePlansLogged: isTrue('log-release-diffs'),
      onDefinitionDeletion: oneOf('crd-deletion', 'keep', 'uninstall'),
      tenancy: {
        crossNamespace: oneOf('cross-namespace-references', 'allow', 'rbac', 'deny'),
        defaultServiceAccount: of('default-service-account'),
      },
    },
  };
}

function limitsOf(list: string, wrong: (name: string, mend: string) => UsageError): RenderLimits {
  try {
    return listed(list).reduce<RenderLimits>((before, text) => parseLimit(text, before), {});
  } catch (error) {
    throw wrong('limit', error instanceof Error ? error.message : String(error));
  }
}

function sourceOptions(
  of: (name: string) => string,
  wrong: (name: string, mend: string) => UsageError,
  { resyncMs, repositoryFiles }: { resyncMs: number; repositoryFiles: readonly string[] },
): SourceOptions {
  const size = Number(of('chart-cache-size'));
  if (!Number.isInteger(size) || size < 1)
    throw wrong('chart-cache-size', 'must be a whole number of MiB');
  const isTrue = (name: string): boolean => {
    if (!['true', 'false'].includes(of(name))) throw wrong(name, 'must be true or false');
    return of(name) === 'true';
  };
  return {
    cacheFolder: of('chart-cache-dir'),
    cacheMaxBytes: size * MIB,
    repositoryFiles,
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

/** The first that is known counts for HelmReleases that name none; here that is always Helm 3. */
function versionWarnings(list: string): readonly string[] {
  return listed(list).flatMap((version) => {
    if (version === 'v3') return [];
    return version === 'v2'
      ? [
          'Helm 2 is not run: HelmReleases with helmVersion v2 are refused, those without are of Helm 3',
        ]
      : [`unsupported Helm version: ${version}`];
  });
}

/** What is wrong is told and left out. */
function repositoryImports(list: string): {
  readonly paths: readonly string[];
  readonly warnings: readonly string[];
} {
  const parts = listed(list).map((part) => {
    const [version = '', path = '', ...rest] = part.split(':');
    const isRight = ['v2', 'v3'].includes(version) && path !== '' && rest.length === 0;
    return {
      path,
      warning: isRight
        ? undefined
        : `--helm-repository-import ${part} is left out: write v3:/path/repositories.yaml`,
    };
  });
  return {
    paths: [
      ...new Set(parts.filter(({ warning }) => warning === undefined).map(({ path }) => path)),
    ],
    warnings: parts.flatMap(({ warning }) => warning ?? []),
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
