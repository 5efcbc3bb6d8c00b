// SPDX-License-Identifier: Apache-2.0

/** A chart that a command is about to render. Source: helm v3.22.0 cmd/helm/install.go (runInstall). */

import type { Chart } from '@helm-operator/chart';
import { detectChart, loadChartPath, type Profile, updateDependencies } from '@helm-operator/helm';
import { type CliContext, UsageError } from './context.ts';
import { type DependencyFlags, dependencyContext } from './dependencies.ts';

/**
 * Loads a chart and checks that all its dependencies are there.
 *
 * @throws {UsageError} with Helm's text @throws {SourceError | ChartError} it cannot be loaded
 */
export async function loadInstallable(
  path: string,
  { updateWith, mustBeApplication, profile }: InstallableOptions,
  context: CliContext,
): Promise<Chart> {
  if (profile === 'helm4') await detectChart(path);
  const chart = await loadChartPath(path, profile);
  const { apiVersion, type, isDeprecated, dependencies = [] } = chart.metadata;
  if (mustBeApplication && type !== '' && type !== 'application')
    throw new UsageError(`${type} charts are not installable`);
  if (isDeprecated) context.stderr(DEPRECATED[profile]);
  const there = new Set(chart.dependencies.map(({ metadata }) => metadata.name));
  const missing = dependencies.map(({ name }) => name).filter((name) => !there.has(name));
  if (missing.length === 0) {
    // Helm 4 reads charts of version 3, but does not install them yet.
    if (profile === 'helm4' && apiVersion === 'v3')
      throw new UsageError('invalid chart apiVersion');
    return chart;
  }
  if (updateWith !== undefined) {
    const flags = { ...updateWith, mustSkipRefresh: false, mustVerify: false };
    await updateDependencies(await dependencyContext(path, flags, 'never', context));
    return await loadChartPath(path, profile);
  }
  const [article, command] =
    profile === 'helm4' ? ['an', "'helm dependency build'"] : ['An', '`helm dependency build`'];
  throw new UsageError(
    `${article} error occurred while checking for chart dependencies. You may need to run ${command} to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
  );
}

const DEPRECATED: Readonly<Record<Profile, string>> = {
  helm3: 'WARNING: This chart is deprecated\n',
  helm4: 'level=WARN msg="this chart is deprecated"\n',
};

export interface InstallableOptions {
  /** `--dependency-update`: what the flags say of sources; `undefined`: missing ones are an error. */
  readonly updateWith: Omit<DependencyFlags, 'mustSkipRefresh'> | undefined;
  /** A library cannot be installed; an upgrade does not ask. */
  readonly mustBeApplication: boolean;
  readonly profile: Profile;
}
