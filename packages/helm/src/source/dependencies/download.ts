// SPDX-License-Identifier: Apache-2.0

/**
 * Brings the locked dependencies into `charts/`.
 *
 * Effects: writes `tmpcharts-…/`, then moves what came into `charts/` and removes archives there that are no longer wanted.
 * Source:  helm v3.22.0 pkg/downloader/manager.go (downloadAll, safeMoveDeps)
 */

import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chart, ChartDependency } from '@helm-operator/chart';
import { compareBytes, newConstraint, newVersion, quote } from '@helm-operator/gocompat';
import { loadChartPath } from '../directory.ts';
import { SourceError } from '../errors.ts';
import type { KeyRing } from '../verify/key-ring.ts';
import { verifyProvenance } from '../verify/provenance.ts';
import { type ChartFolder, loadLocalChart, localPath, onDisk } from './chart-folder.ts';
import { areKept, type KeptArchives, keepArchive, recallArchive } from './kept-archives.ts';
import type {
  DependencyArchive,
  DependencyRegistries,
  DependencyRepositories,
  DependencyRequest,
  NamedRepository,
} from './repositories.ts';
import { isOciUrl, isSameUrl } from './repository-names.ts';
import { archiveName, saveChart } from './save-chart.ts';

/** Whether provenance files are asked for: `if-possible` lets those without one pass. */
export interface VerifyPolicy {
  readonly strategy: 'never' | 'if-possible' | 'always';
  /** Read when there is something to verify. */
  readonly keyRing: () => Promise<KeyRing>;
  readonly nowMs: () => number;
}

export interface DownloadContext {
  readonly folder: ChartFolder;
  readonly repositories: DependencyRepositories;
  readonly registries: DependencyRegistries;
  readonly verify: VerifyPolicy;
  /** Archives of earlier builds; without: none is kept. */
  readonly kept?: KeptArchives | undefined;
  /** What Helm prints. */
  readonly out: (text: string) => void;
}

/** @returns the dependencies with the versions that came @throws {SourceError} @throws {FetchError} */
export async function downloadDependencies(
  locked: readonly ChartDependency[],
  context: DownloadContext,
): Promise<ChartDependency[]> {
  const { folder, out, repositories } = context;
  const kept = keptOf(context);
  if (!(await areKept(locked, kept))) await repositories.loadKept();
  const charts = join(folder.shown, 'charts');
  await ensureFolder(folder, charts);
  const temporary = join(folder.shown, `tmpcharts-${randomBytes(4).toString('hex')}`);
  await mkdir(onDisk(folder, temporary), { recursive: true });
  try {
    out(`Saving ${locked.length} charts\n`);
    const done: ChartDependency[] = [];
    const urls = new Set<string>();
    const download: Download = { context, charts, temporary, urls, kept };
    for (const entry of locked) done.push(await saveOrSay(entry, download));
    await moveCharts(locked, download);
    return done;
  } finally {
    await rm(onDisk(folder, temporary), { recursive: true, force: true });
  }
}

interface Download {
  readonly context: DownloadContext;
  readonly charts: string;
  readonly temporary: string;
  /** What was downloaded already. */
  readonly urls: Set<string>;
  readonly kept: KeptArchives | undefined;
}

/** Signatures are verified anew each time. */
export function keptOf({ kept, verify }: DownloadContext): KeptArchives | undefined {
  return verify.strategy === 'never' ? kept : undefined;
}

async function saveOrSay(entry: ChartDependency, download: Download): Promise<ChartDependency> {
  try {
    return await save(entry, download);
  } catch (error) {
    const isSaveError = !(error instanceof LocalChartError);
    if (isSaveError) {
      const text = error instanceof Error ? error.message : String(error);
      download.context.out(`Save error occurred:  ${text}\n`);
    }
    throw error;
  }
}

/** A chart in `charts/` that cannot be read: Helm ends without saying that it could not save. */
class LocalChartError extends SourceError {}

async function ensureFolder(folder: ChartFolder, shown: string): Promise<void> {
  const path = onDisk(folder, shown);
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) {
    throw new SourceError('source/dependency', `${quote(shown)} is not a directory`);
  }
  await mkdir(path, { recursive: true });
}

async function save(entry: ChartDependency, download: Download): Promise<ChartDependency> {
  const { context, temporary } = download;
  const { folder } = context;
  if (entry.repository === '') {
    await checkUnpacked(entry, download);
    return entry;
  }
  if (entry.repository.startsWith('file://')) {
    const chart = await packLocal(entry, folder);
    await writeFile(join(onDisk(folder, temporary), archiveName(chart)), saveChart(chart));
    return { ...entry, version: chart.metadata.version };
  }
  await downloadOne(entry, download);
  return entry;
}

async function checkUnpacked(
  { name, version }: ChartDependency,
  { context, charts }: Download,
): Promise<void> {
  const { folder, out } = context;
  out(
    `Dependency ${name} did not declare a repository. Assuming it exists in the charts directory\n`,
  );
  const shown = join(charts, name);
  let chart: Chart;
  try {
    chart = await loadLocalChart(folder, shown);
  } catch (error) {
    throw new LocalChartError(
      'source/dependency',
      `unable to load chart '${shown}': ${textOf(error)}`,
      error,
    );
  }
  const found = chart.metadata.version;
  if (!inRange(name, version, found)) {
    throw new SourceError(
      'source/dependency',
      `dependency ${name} at version ${found} does not satisfy the constraint ${version}`,
    );
  }
}

function inRange(name: string, range: string, version: string): boolean {
  try {
    return newConstraint(range).check(newVersion(version));
  } catch (error) {
    throw new LocalChartError(
      'source/dependency',
      `dependency ${name} has an invalid version/constraint format: ${textOf(error)}`,
      error,
    );
  }
}

async function packLocal(entry: ChartDependency, folder: ChartFolder): Promise<Chart> {
  const path = await localPath(entry.repository, folder);
  const chart = await loadLocalChart(folder, path);
  if (inRange(entry.name, entry.version, chart.metadata.version)) return chart;
  throw new SourceError(
    'source/dependency',
    `can't get a valid version for dependency ${entry.name}`,
  );
}

async function downloadOne(entry: ChartDependency, download: Download): Promise<void> {
  const { context, temporary, urls } = download;
  const { name, repository } = entry;
  const known = await recallArchive(entry, download.kept);
  if (known !== undefined) {
    await writeFile(join(onDisk(context.folder, temporary), known.fileName), known.bytes);
    return;
  }
  const found = await findUrl(entry, context);
  if (urls.has(found.url)) {
    context.out(`Already downloaded ${name} from repo ${repository}\n`);
    return;
  }
  context.out(`Downloading ${name} from repo ${repository}\n`);
  let archive: DependencyArchive;
  try {
    archive = await fetchArchive(found, entry, context);
    const path = join(onDisk(context.folder, temporary), archive.fileName);
    await writeFile(path, archive.bytes);
    if (archive.provenance !== undefined) await writeFile(`${path}.prov`, archive.provenance);
    await verifyArchive(archive, found.url, context);
    await keepArchive(entry, archive, download.kept);
  } catch (error) {
    throw new SourceError(
      'source/dependency',
      `could not download ${found.url}: ${textOf(error)}`,
      error,
    );
  }
  urls.add(found.url);
}

interface FoundUrl {
  readonly url: string;
  readonly repository: NamedRepository | undefined;
}

async function fetchArchive(
  { url, repository }: FoundUrl,
  entry: ChartDependency,
  { registries, repositories, verify }: DownloadContext,
): Promise<DependencyArchive> {
  const provenance: DependencyRequest['provenance'] = verify.strategy;
  if (isOciUrl(url)) return await registries.pull(url, entry.version, provenance);
  return await repositories.download({ url, repository, provenance });
}

async function verifyArchive(
  { bytes, fileName, provenance }: DependencyArchive,
  url: string,
  { verify, out }: DownloadContext,
): Promise<void> {
  if (verify.strategy === 'never') return;
  if (provenance === undefined) {
    if (verify.strategy === 'always') {
      throw new SourceError('source/verification', `failed to fetch provenance "${url}.prov"`);
    }
    out(`WARNING: Verification not found for ${url}: there is no provenance file\n`);
    return;
  }
  await verifyProvenance({
    archive: bytes,
    fileName,
    provenance,
    keyRing: await verify.keyRing(),
    nowMs: verify.nowMs(),
  });
}

/** The chart's URL: in the kept index of its repository, else in one that is read for it. */
async function findUrl(
  { name, repository: url, version }: ChartDependency,
  { repositories }: DownloadContext,
): Promise<FoundUrl> {
  if (isOciUrl(url)) return { url: `${url}/${name}`, repository: undefined };
  const repository = repositories.configured.find((known) => isSameUrl(url, known.url));
  if (repository === undefined) {
    try {
      const found = await repositories.findUrl(url, name, version);
      return { url: found, repository: undefined };
    } catch (error) {
      throw notFound(`chart ${name} not found in ${url}: ${textOf(error)}`, error);
    }
  }
  const versions = await repositories.versions(repository, name);
  if (versions === undefined) throw notFound('entry not found');
  const found = versions.find(
    (entry) => entry.urls.length > 0 && (version === '' || isSameVersion(version, entry.version)),
  );
  const [first] = found?.urls ?? [];
  if (first === undefined) throw notFound('no matching version');
  return { url: absoluteUrl(url, first), repository };
}

/** Helm names the URL here, which it does not have. */
function notFound(reason: string, cause?: unknown): SourceError {
  return new SourceError('source/dependency', `could not find : ${reason}`, cause);
}

function isSameVersion(a: string, b: string): boolean {
  try {
    return newVersion(a).compare(newVersion(b)) === 0;
  } catch {
    // Of what is no version, only the same text is the same.
    return a === b;
  }
}

/** Below the repository's path, unlike elsewhere in Helm: `..` and absolute paths do not lead out. */
function absoluteUrl(base: string, reference: string): string {
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(reference)) return reference;
  const url = URL.parse(base);
  if (url === null) throw notFound(`base URL failed to parse: ${base}`);
  url.pathname = join(url.pathname, reference);
  return url.href;
}

/** Moves whole charts, then removes archives that nobody wants any more. */
async function moveCharts(
  locked: readonly ChartDependency[],
  { context, charts, temporary }: Download,
): Promise<void> {
  const { folder, out } = context;
  const [source, target] = [onDisk(folder, temporary), onDisk(folder, charts)];
  const came = await filesOf(source);
  const before = await filesOf(target);
  const local = new Set(locked.filter((entry) => entry.repository === '').map(({ name }) => name));
  for (const name of came) {
    try {
      await loadChartPath(join(source, name));
    } catch (error) {
      const shown = join(temporary, name);
      out(`Could not verify ${shown} for moving: ${textOf(error)} (Skipping)`);
      continue;
    }
    await rename(join(source, name), join(target, name));
  }
  out('Deleting outdated charts\n');
  for (const name of before.filter((old) => !came.includes(old))) {
    const path = join(target, name);
    let chart: Chart;
    try {
      chart = await loadChartPath(path);
    } catch (error) {
      out(`Could not verify ${join(charts, name)} for deletion: ${textOf(error)} (Skipping)\n`);
      continue;
    }
    if (!local.has(chart.metadata.name)) await rm(path);
  }
}

async function filesOf(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  return names.sort(compareBytes);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
