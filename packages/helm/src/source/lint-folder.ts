// SPDX-License-Identifier: Apache-2.0

/** A chart as `helm lint` looks at it: single files, and the whole. Source: helm v3.22.0 pkg/action/lint.go (lintChart). */

import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  archiveUnpacker,
  type Chart,
  type ChartFile,
  ignoreRules,
  type LintFolder,
  loadFiles,
  type Presence,
  type Profile,
  unpackArchive,
} from '@helm-operator/chart';
import { decodeUtf8, decodeYaml, type Value } from '@helm-operator/gocompat';
import { textOf } from '../errors.ts';
import { archivePorts } from './archive-ports.ts';
import { readFolder } from './directory.ts';
import { SourceError } from './errors.ts';

/**
 * @param path a chart's folder or archive
 * @param shownPath what messages call it
 * @param profile as which Helm the chart is loaded
 * @throws {SourceError} `source/not-found`, `source/archive`: there is nothing to look at
 */
export async function openLintFolder(
  path: string,
  shownPath: string,
  profile: Profile,
): Promise<LintFolder> {
  const paths = { path, shownPath };
  return /\.(?:tgz|tar\.gz)$/.test(path)
    ? await openArchive(paths, profile)
    : await openFolder(paths, profile);
}

interface LintPaths {
  readonly path: string;
  readonly shownPath: string;
}

async function openFolder({ path, shownPath }: LintPaths, profile: Profile): Promise<LintFolder> {
  const kindOf = async (name: string) => await stat(join(path, name)).catch(() => undefined);
  const chartFile = await kindOf('Chart.yaml');
  if (chartFile === undefined) {
    const isFile = (await stat(path).catch(() => undefined))?.isFile() === true;
    throw new SourceError(
      'source/not-found',
      `unable to check Chart.yaml file in chart: stat ${join(shownPath, 'Chart.yaml')}: ${isFile ? 'not a directory' : 'no such file or directory'}`,
    );
  }
  const presenceOf = async (name: string): Promise<Presence> => {
    const found = await kindOf(name);
    if (found === undefined) return 'absent';
    return found.isDirectory() ? 'folder' : 'file';
  };
  const optional = (name: string) => readFile(join(path, name)).catch(() => undefined);
  return {
    path,
    chartFile: chartFile.isDirectory()
      ? new Error(`read ${join(path, 'Chart.yaml')}: is a directory`)
      : await readFile(join(path, 'Chart.yaml')),
    isChartFileFolder: chartFile.isDirectory(),
    valuesFile: await optional('values.yaml'),
    schemaFile: await optional('values.schema.json'),
    templates: await presenceOf('templates'),
    crds: await presenceOf('crds'),
    load: loaderOf(await attempt(() => readFolder(path)), profile),
  };
}

async function attempt(read: () => Promise<ChartFile[]>): Promise<readonly ChartFile[] | Error> {
  try {
    return await read();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function loaderOf(files: readonly ChartFile[] | Error, profile: Profile): () => Chart {
  return () => {
    if (files instanceof Error) throw files;
    return loadFiles(files, { unpack: archiveUnpacker(archivePorts, profile), profile });
  };
}

async function openArchive({ path, shownPath }: LintPaths, profile: Profile): Promise<LintFolder> {
  const packed = await readFile(path).catch(() => {
    throw new SourceError(
      'source/not-found',
      `unable to open tarball: open ${shownPath}: no such file or directory`,
    );
  });
  const files = unpack(packed);
  const find = (name: string) => files.find((file) => file.name === name)?.data;
  const presenceOf = (name: string): Presence => {
    if (find(name) !== undefined) return 'file';
    return files.some((file) => file.name.startsWith(`${name}/`)) ? 'folder' : 'absent';
  };
  const chartFile = find('Chart.yaml');
  const name = chartName(chartFile);
  const isIgnored = ignoreRules(decodeUtf8(find('.helmignore') ?? new Uint8Array()));
  return {
    path: join(shownPath, basename(name)),
    chartFile: chartFile ?? new Error('Chart.yaml file is missing'),
    isChartFileFolder: false,
    valuesFile: find('values.yaml'),
    schemaFile: find('values.schema.json'),
    templates: presenceOf('templates'),
    crds: presenceOf('crds'),
    load: loaderOf(
      files.filter((file) => !isIgnoredPath(file.name, isIgnored)),
      profile,
    ),
  };
}

/** A file is left out with its folder, too. */
function isIgnoredPath(path: string, isIgnored: ReturnType<typeof ignoreRules>): boolean {
  const parts = path.split('/');
  return parts.some((_part, i) => isIgnored(parts.slice(0, i + 1).join('/'), i < parts.length - 1));
}

function unpack(packed: Uint8Array): readonly ChartFile[] {
  try {
    return unpackArchive(packed, archivePorts);
  } catch (error) {
    throw notExtracted(textOf(error), error);
  }
}

function notExtracted(reason: string, cause?: unknown): SourceError {
  return new SourceError('source/archive', `unable to extract tarball: ${reason}`, cause);
}

function readYaml(text: string): Value {
  try {
    return decodeYaml(text);
  } catch (error) {
    throw notExtracted(`cannot load Chart.yaml: ${textOf(error)}`, error);
  }
}

function chartName(chartFile: Uint8Array | undefined): string {
  if (chartFile === undefined) throw notExtracted('chart name not specified');
  const metadata = readYaml(decodeUtf8(chartFile));
  const name = metadata instanceof Map ? metadata.get('name') : undefined;
  if (typeof name !== 'string' || name === '') throw notExtracted('chart name not specified');
  return name;
}
