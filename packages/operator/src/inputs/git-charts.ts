// SPDX-License-Identifier: Apache-2.0

/** Charts in Git repositories, as the operator is told to use them. */

import type { ChartReference } from '@helm-operator/api';
import { GitRepositories } from '@helm-operator/fetch';
import {
  type ChartLocation,
  type ChartLocationOf,
  type FetchedChart,
  GitSource,
  type SourceContext,
} from '@helm-operator/helm';

/** What the one who runs the operator says about Git. */
export interface GitSourceOptions {
  /** Where mirrors are kept; nothing else may live there. */
  readonly folder: string;
  /** For each operation, in milliseconds. */
  readonly timeoutMs: number;
  /** Where a HelmRelease names no reference. */
  readonly defaultRef: string;
  /** Whether dependencies are updated; `false` takes what is in `charts/`. */
  readonly mayUpdateDependencies: boolean;
  readonly identityFiles: readonly string[];
  readonly knownHostsFiles: readonly string[];
}

export const DEFAULT_GIT_OPTIONS: GitSourceOptions = {
  folder: '/tmp/helm-operator/git',
  timeoutMs: 20_000,
  defaultRef: 'master',
  mayUpdateDependencies: true,
  identityFiles: ['/etc/fluxd/ssh/identity', '/var/fluxd/keygen/identity'],
  knownHostsFiles: ['/root/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
};

/** One listing of references answers for all who ask within this time. */
const LISTING_FRESH_MS = 2_000;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** @param fetchDependency brings a chart from elsewhere, with the credentials that belong there */
export function createGitSource(
  { folder, timeoutMs }: GitSourceOptions,
  env: Readonly<Record<string, string | undefined>>,
  fetchDependency: (location: ChartLocation, context: SourceContext) => Promise<FetchedChart>,
): { readonly source: GitSource; forgetListings(): void } {
  const repositories = new GitRepositories({
    folder,
    timeoutMs,
    freshMs: LISTING_FRESH_MS,
    env: { path: env['PATH'] ?? DEFAULT_PATH },
  });
  return {
    source: new GitSource({ repositories, fetchDependency, mayUseStale: true }),
    forgetListings: () => repositories.forgetListings(),
  };
}

export function gitLocation(
  { url, ref, path, mustSkipDependencies }: Extract<ChartReference, { kind: 'git' }>,
  { defaultRef, mayUpdateDependencies }: GitSourceOptions,
): ChartLocationOf<'git'> {
  const mustSkip = mustSkipDependencies === true || !mayUpdateDependencies;
  return {
    kind: 'git',
    url,
    path,
    ref: { any: ref ?? defaultRef },
    dependencies: mustSkip ? 'skip' : 'update',
  };
}
