// SPDX-License-Identifier: Apache-2.0

/** A command line of Helm Operator 1.4 goes on to work. Source: spec helm-operator.md §7.1, §7.8. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROGRAM } from './commands/index.ts';
import { parseFlags } from './flags/parse.ts';
import { type OperatorFlags, readOperatorFlags } from './operator-flags.ts';

/** Flag of the original → a value as its chart or a person writes it. */
const ORIGINAL: readonly (readonly [flag: string, value: string | undefined])[] = [
  ['log-format', 'fmt'],
  ['kubeconfig', '/root/.kube/config'],
  ['master', 'https://10.0.0.1'],
  ['allow-namespace', 'apps'],
  ['workers', '4'],
  ['listen', ':3031'],
  ['tiller-ip', 'localhost'],
  ['tiller-port', '44134'],
  ['tiller-namespace', 'kube-system'],
  ['tiller-tls-verify', undefined],
  ['tiller-tls-enable', undefined],
  ['tiller-tls-key-path', '/etc/fluxd/helm/tls.key'],
  ['tiller-tls-cert-path', '/etc/fluxd/helm/tls.crt'],
  ['tiller-tls-ca-cert-path', '/etc/fluxd/helm-ca/ca.crt'],
  ['tiller-tls-hostname', 'tiller'],
  ['convert-tiller-out-cluster', undefined],
  ['convert-release-storage', 'secrets'],
  ['charts-sync-interval', '3m'],
  ['status-update-interval', '30s'],
  ['log-release-diffs', 'false'],
  ['update-chart-deps', undefined],
  ['git-timeout', '30s'],
  ['git-poll-interval', '4m'],
  ['git-default-ref', 'main'],
  ['helm-repository-import', 'v2:/repositories.yaml,v3:/repositories.yaml'],
  ['enabled-helm-versions', 'v2,v3'],
];

function read(
  words: readonly string[],
  env: readonly (readonly [string, string])[] = [],
): OperatorFlags {
  const { values, given } = parseFlags(PROGRAM.flags, words, new Map());
  return readOperatorFlags(new Map([...given].map((name) => [name, String(values[name])])), {
    env: new Map(env),
    isInCluster: true,
    podNamespace: 'flux',
    identity: 'me',
  });
}

for (const [flag, value] of ORIGINAL)
  test(`--${flag} is read`, () => {
    read(value === undefined ? [`--${flag}`] : [`--${flag}=${value}`]);
  });

test('the command line of the original chart means what it meant', () => {
  const { options, sources, kubeconfig, warnings } = read(
    ORIGINAL.map(([flag, value]) => (value === undefined ? `--${flag}` : `--${flag}=${value}`)),
  );
  assert.equal(kubeconfig, '/root/.kube/config');
  assert.equal(options.namespace, 'apps');
  assert.equal(options.workers, 4);
  assert.equal(options.listen, ':3031');
  assert.equal(options.resyncMs, 180_000);
  assert.equal(options.gitPollMs, 240_000);
  assert.equal(sources.git.timeoutMs, 30_000);
  assert.equal(sources.git.defaultRef, 'main');
  assert.equal(sources.git.mayUpdateDependencies, true);
  assert.deepEqual(sources.repositoryFiles, ['/repositories.yaml']);
  assert.equal(options.arePlansLogged, false);
  assert.equal(read(['--log-release-diffs']).options.arePlansLogged, true);
  const ignored = warnings.flatMap((text) => /^--(\S+) is without effect/.exec(text)?.[1] ?? []);
  assert.deepEqual(
    ignored.toSorted(),
    ORIGINAL.map(([flag]) => flag)
      .filter((flag) => /^(tiller|convert|status-update)/.test(flag))
      .toSorted(),
  );
});

test('what is wrong the way it was never refused is told and left out', () => {
  const { sources, options, warnings } = read([
    '--helm-repository-import=v3:/a.yaml',
    '--helm-repository-import=nonsense,v9:/b.yaml',
    '--log-format=xml',
  ]);
  assert.deepEqual(sources.repositoryFiles, ['/a.yaml']);
  assert.equal(options.logFormat, 'fmt');
  assert.equal(warnings.filter((text) => text.includes('is left out')).length, 2);
});

test('versions of Helm come from the flag, else from HELM_VERSION', () => {
  const env = [['HELM_VERSION', 'v2,v4']] as const;
  assert.deepEqual(read([], env).warnings, [
    'Helm 2 is not run: HelmReleases with helmVersion v2 are refused, those without are of Helm 3',
    'unsupported Helm version: v4',
  ]);
  assert.deepEqual(read(['--enabled-helm-versions=v3'], env).warnings, []);
});

test('switches stand alone, with a value, and do not take the next word', () => {
  assert.equal(read(['--update-chart-deps=false']).sources.git.mayUpdateDependencies, false);
  const { sources, options } = read(['--update-chart-deps', '--workers=3']);
  assert.equal(sources.git.mayUpdateDependencies, true);
  assert.equal(options.workers, 3);
  assert.equal(read(['-l', ':1']).options.listen, ':1');
});
