// SPDX-License-Identifier: Apache-2.0

/** From ranges to versions. Source: helm v3.22.0 internal/resolver/resolver.go (Resolve). */

import type { ChartDependency } from '@helm-operator/chart';
import {
  type Constraints,
  newConstraint,
  newVersion,
  quote,
  type Version,
} from '@helm-operator/gocompat';
import { SourceError } from '../errors.ts';
import { type ChartFolder, loadLocalChart, localPath } from './chart-folder.ts';
import type { DependencyRegistries, DependencyRepositories } from './repositories.ts';
import { isOciUrl } from './repository-names.ts';

export interface ResolveContext {
  readonly folder: ChartFolder;
  /** Name of the dependency → name of its repository. */
  readonly names: ReadonlyMap<string, string>;
  readonly repositories: DependencyRepositories;
  readonly registries: DependencyRegistries;
}

/** A dependency with one version, or what nothing was found for. */
type Resolved =
  | { readonly kind: 'locked'; readonly entry: ChartDependency }
  | { readonly kind: 'missing' };

/** @throws {SourceError} `source/dependency`, `source/bad-version`, with Helm's message */
export async function resolveDependencies(
  requirements: readonly ChartDependency[],
  context: ResolveContext,
): Promise<ChartDependency[]> {
  const locked: ChartDependency[] = [];
  const missing: string[] = [];
  for (const wanted of requirements) {
    const resolved = await resolveOne(wanted, context);
    if (resolved.kind === 'locked') locked.push(resolved.entry);
    else {
      const { name, repository, version } = wanted;
      missing.push(`${quote(name)} (repository ${quote(repository)}, version ${quote(version)})`);
    }
  }
  if (missing.length === 0) return locked;
  throw new SourceError(
    'source/dependency',
    `can't get a valid version for ${missing.length} subchart(s): ${missing.join(', ')}. Make sure a matching chart version exists in the repo, or change the version constraint in Chart.yaml`,
  );
}

async function resolveOne(wanted: ChartDependency, context: ResolveContext): Promise<Resolved> {
  const { name, repository, version } = wanted;
  const constraint = constraintOf(wanted);
  if (repository === '') {
    await localPath(`charts/${name}`, context.folder);
    return lockedAt(wanted, version);
  }
  if (repository.startsWith('file://')) {
    const path = await localPath(repository, context.folder);
    const { metadata } = await loadLocalChart(context.folder, path);
    return constraint.check(newVersion(metadata.version))
      ? lockedAt(wanted, metadata.version)
      : { kind: 'missing' };
  }
  if (isOciUrl(repository)) return await resolveTag(wanted, constraint, context);
  const known = context.names.get(name) ?? '';
  if (known === '') return lockedAt(wanted, version);
  return await resolveInIndex(wanted, constraint, known, context);
}

function lockedAt({ name, repository }: ChartDependency, version: string): Resolved {
  const entry: ChartDependency = {
    name,
    version,
    repository,
    condition: '',
    tags: [],
    isEnabled: false,
    importValues: [],
    alias: '',
  };
  return { kind: 'locked', entry };
}

/** @throws {SourceError} `source/bad-version` */
export function constraintOf({ name, version }: ChartDependency): Constraints {
  try {
    return newConstraint(version);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError(
      'source/bad-version',
      `dependency ${quote(name)} has an invalid version/constraint format: ${reason}`,
      error,
    );
  }
}

/** As Helm: a registry that has nothing in the range leaves the range, which the download then refuses. */
async function resolveTag(
  wanted: ChartDependency,
  constraint: Constraints,
  { registries }: ResolveContext,
): Promise<Resolved> {
  const { name, repository, version } = wanted;
  if (versionOf(version) !== undefined) return lockedAt(wanted, version);
  let tags: readonly string[];
  try {
    tags = await registries.tags(`${repository}/${name}`);
  } catch (error) {
    throw new SourceError(
      'source/dependency',
      `could not retrieve list of tags for repository ${repository}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
  const found = tags.find((tag) => {
    const parsed = versionOf(tag);
    return parsed !== undefined && constraint.check(parsed);
  });
  return lockedAt(wanted, found ?? version);
}

async function resolveInIndex(
  wanted: ChartDependency,
  constraint: Constraints,
  repositoryName: string,
  { repositories }: ResolveContext,
): Promise<Resolved> {
  const { name, repository } = wanted;
  let versions: Awaited<ReturnType<DependencyRepositories['versions']>>;
  try {
    versions = await repositories.versions({ name: repositoryName, url: repository }, name);
  } catch (error) {
    throw new SourceError(
      'source/dependency',
      `no cached repository for ${repositoryName} found. (try 'helm repo update'): ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
  if (versions === undefined) {
    throw new SourceError('source/dependency', `${name} chart not found in repo ${repository}`);
  }
  const found = versions.find((entry) => {
    const parsed = versionOf(entry.version);
    return parsed !== undefined && entry.urls.length > 0 && constraint.check(parsed);
  });
  return found === undefined ? { kind: 'missing' } : lockedAt(wanted, found.version);
}

function versionOf(text: string): Version | undefined {
  try {
    return newVersion(text);
  } catch {
    // Indexes and registries hold other things, too.
    return undefined;
  }
}
