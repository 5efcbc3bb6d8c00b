// SPDX-License-Identifier: Apache-2.0

/**
 * What `helm dependency update` would bring, without a folder to write to.
 *
 * Source: helm v3.22.0 pkg/downloader/manager.go (Update, downloadAll, safeMoveDeps)
 * Differs: a chart of the same repository (`file://`) comes as a folder of `charts/`, not packed; names of repositories
 *          (`@name`, `alias:name`) are refused, since nobody has configured any.
 */

import { gunzipSync } from 'node:zlib';
import {
  archiveUnpacker,
  type ChartDependency,
  type ChartFile,
  loadFiles,
} from '@helm-operator/chart';
import { newConstraint, newVersion, quote } from '@helm-operator/gocompat';
import type { ChartLocation, FetchedChart } from './chart-source.ts';
import { SourceError } from './errors.ts';

export interface DependencyPorts {
  /** Files of a chart in the same repository, by its path from the root. */
  readonly readLocal: (path: string) => Promise<readonly ChartFile[]>;
  readonly fetchChart: (location: ChartLocation) => Promise<FetchedChart>;
}

export interface WithDependencies {
  readonly files: readonly ChartFile[];
  /** Nothing came from elsewhere: the same commit always gives the same. */
  readonly isPinned: boolean;
}

/** @param folder of the chart, from the root @throws {SourceError} `source/dependency` @throws {FetchError} */
export async function withDependencies(
  files: readonly ChartFile[],
  folder: string,
  ports: DependencyPorts,
): Promise<WithDependencies> {
  const { metadata } = load(files);
  const wanted = metadata.dependencies ?? [];
  const brought: ChartFile[] = [];
  let isPinned = true;
  for (const dependency of wanted) {
    if (dependency.repository === '') continue;
    if (dependency.repository.startsWith('file://')) {
      brought.push(...(await localChart(dependency, folder, ports)));
      continue;
    }
    isPinned = false;
    const chart = await ports.fetchChart(locationOf(dependency));
    brought.push({ name: `charts/${chart.fileName}`, data: chart.bytes });
  }
  if (wanted.every(({ repository }) => repository === '')) return { files, isPinned };
  // Archives that nobody asks for any more go, as Helm removes them.
  const kept = files.filter(
    ({ name }) => !/^charts\/[^/]+\.tgz$/.test(name) || isOwn(name, wanted),
  );
  const places = new Set(brought.map(({ name }) => name.split('/').slice(0, 2).join('/')));
  const own = kept.filter(({ name }) => !places.has(name.split('/').slice(0, 2).join('/')));
  return { files: [...own, ...brought], isPinned };
}

function load(files: readonly ChartFile[]): ReturnType<typeof loadFiles> {
  const gunzip = (packed: Uint8Array, maxOutputLength: number) =>
    gunzipSync(packed, { maxOutputLength });
  return loadFiles(files, { unpack: archiveUnpacker({ gunzip }) });
}

/** An archive of a dependency that names no repository: it was put there by hand. */
function isOwn(path: string, wanted: readonly ChartDependency[]): boolean {
  const file = path.slice('charts/'.length);
  return wanted.some(({ name, repository }) => repository === '' && file.startsWith(`${name}-`));
}

async function localChart(
  dependency: ChartDependency,
  folder: string,
  ports: DependencyPorts,
): Promise<ChartFile[]> {
  const target = dependency.repository.slice('file://'.length);
  if (target.startsWith('/')) {
    throw new SourceError(
      'source/dependency',
      `dependency ${quote(dependency.name)}: ${dependency.repository} is no path of this repository; write file://../NAME`,
    );
  }
  const files = await ports.readLocal(`${folder}/${target}`);
  const { name, version } = load(files).metadata;
  if (!newConstraint(dependency.version).check(newVersion(version))) {
    throw new SourceError(
      'source/dependency',
      `can't get a valid version for dependency ${dependency.name}`,
    );
  }
  return files.map((file) => ({ name: `charts/${name}-${version}/${file.name}`, data: file.data }));
}

function locationOf({ name, version, repository }: ChartDependency): ChartLocation {
  if (repository.startsWith('oci://')) {
    return { kind: 'oci', url: `${repository.replace(/\/+$/, '')}/${name}`, version };
  }
  if (/^(?:@|alias:)/.test(repository)) {
    throw new SourceError(
      'source/dependency',
      `dependency ${quote(name)}: no repository definition for ${repository}. Please write its URL in Chart.yaml`,
    );
  }
  return { kind: 'repository', url: repository, name, version };
}
