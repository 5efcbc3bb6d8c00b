// SPDX-License-Identifier: Apache-2.0

/**
 * `helm dependency build` and `helm dependency update`.
 *
 * Effects: writes `charts/` and the lock file of a chart's folder; fetches indexes and charts.
 * Source:  helm v3.22.0 pkg/downloader/manager.go (Build, Update)
 */

import { lstat, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chart, ChartDependency, ChartLock } from '@helm-operator/chart';
import { quote } from '@helm-operator/gocompat';
import { SourceError } from '../errors.ts';
import { loadChartFolder, onDisk } from './chart-folder.ts';
import { type DownloadContext, downloadDependencies, keptOf } from './download.ts';
import { areKept } from './kept-archives.ts';
import { encodeLock, helm2LockDigest, lockDigest } from './lock.ts';
import type { NamedRepository } from './repositories.ts';
import {
  isManaged,
  nameUnknown,
  refuseUnconfigured,
  resolveRepositoryNames,
} from './repository-names.ts';
import { resolveDependencies } from './resolve.ts';

export interface DependencyContext extends DownloadContext {
  /** Use the indexes that are kept. */
  readonly mustSkipRefresh: boolean;
  /** RFC 3339 with nanoseconds, as locks have it. */
  readonly now: () => string;
  /** What Helm logs with a time in front. */
  readonly log: (line: string) => void;
}

/** Rebuilds `charts/` from the lock; without a lock it is an update. @throws {SourceError} @throws {FetchError} */
export async function buildDependencies(context: DependencyContext): Promise<void> {
  const chart = await loadChartFolder(context.folder);
  const { lock, metadata } = chart;
  if (lock === undefined) return await updateDependencies(context);
  const wanted = metadata.dependencies;
  const helm2Digest = metadata.apiVersion === 'v1' ? helm2LockDigest(wanted) : undefined;
  const { configured } = context.repositories;
  const resolved = await resolveRepositoryNames(wanted ?? [], configured, context.folder);
  const requirements = wanted === undefined ? undefined : resolved.requirements;
  if (lockDigest(requirements, lock.dependencies) !== lock.digest) {
    refuseOutOfSync(lock, helm2Digest, context);
  }
  const locked = lock.dependencies ?? [];
  refuseUnconfigured(locked, configured);
  const needsSources = !(await areKept(locked, keptOf(context)));
  if (!context.mustSkipRefresh && needsSources) await refreshConfigured(context);
  await downloadDependencies(locked, context);
}

function refuseOutOfSync(
  lock: ChartLock,
  helm2Digest: string | undefined,
  { log }: DependencyContext,
): void {
  if (helm2Digest === undefined) {
    throw new SourceError(
      'source/dependency',
      'the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies',
    );
  }
  log('warning: a valid Helm v3 hash was not found. Checking against Helm v2 hash...');
  if (helm2Digest === lock.digest) return;
  throw new SourceError(
    'source/dependency',
    'the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml). Please update the dependencies',
  );
}

/** Chooses versions anew, brings them and writes the lock if it changed. @throws {SourceError} @throws {FetchError} */
export async function updateDependencies(context: DependencyContext): Promise<void> {
  const chart = await loadChartFolder(context.folder);
  const wanted = chart.metadata.dependencies;
  if (wanted === undefined) return;
  const { folder, repositories, registries, out } = context;
  const { configured } = repositories;
  const { requirements, names } = await resolveRepositoryNames(wanted, configured, folder);
  const unknown = nameUnknown(requirements, names);
  if (!context.mustSkipRefresh) {
    if (unknown.length > 0) {
      out('Getting updates for unmanaged Helm repositories...\n');
      await refreshAll(unknown, context);
    }
    await refreshConfigured(context);
  }
  const locked = await resolveDependencies(requirements, {
    folder,
    names,
    repositories,
    registries,
  });
  const done = await downloadDependencies(locked, context);
  const digest = lockDigest(requirements, done);
  if (chart.lock?.digest === digest) return;
  await writeLock(chart, { digest, generated: context.now(), dependencies: done }, context);
}

async function refreshConfigured(context: DependencyContext): Promise<void> {
  const { repositories, out } = context;
  if (repositories.configured.length === 0) return;
  out('Hang tight while we grab the latest from your chart repositories...\n');
  await refreshAll(repositories.configured, context);
  out('Update Complete. ⎈Happy Helming!⎈\n');
}

/** One that cannot be had is told and left as it is. */
async function refreshAll(
  all: readonly NamedRepository[],
  { repositories, out }: DependencyContext,
): Promise<void> {
  await Promise.all(
    all.map(async (repository) => {
      const { name, url } = repository;
      const shown = isManaged(repository) ? url : name;
      try {
        await repositories.refresh(repository);
        out(`...Successfully got an update from the ${quote(shown)} chart repository\n`);
      } catch (error) {
        const where = isManaged(repository) ? '' : ` (${url})`;
        const reason = error instanceof Error ? error.message : String(error);
        out(
          `...Unable to get an update from the ${quote(shown)} chart repository${where}:\n\t${reason}\n`,
        );
      }
    }),
  );
}

async function writeLock(
  chart: Chart,
  lock: ChartLock & { readonly dependencies: readonly ChartDependency[] },
  { folder }: DependencyContext,
): Promise<void> {
  const name = chart.metadata.apiVersion === 'v1' ? 'requirements.lock' : 'Chart.lock';
  const path = onDisk(folder, join(folder.shown, name));
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink() === true) {
    const target = quote(await readlink(path));
    throw new SourceError('source/dependency', `the ${name} file is a symlink to ${target}`);
  }
  await writeFile(path, encodeLock(lock), { mode: 0o644 });
}
