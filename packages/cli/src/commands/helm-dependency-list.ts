// SPDX-License-Identifier: Apache-2.0

/** `helm dependency list`. Source: helm v3.22.0 cmd/helm/dependency.go, pkg/action/dependency.go. */

import { readdir, stat } from 'node:fs/promises';
import { join, normalize, resolve } from 'node:path';
import type { Chart, ChartDependency } from '@helm-operator/chart';
import {
  compareBytes,
  matchPath,
  newConstraint,
  newVersion,
  quote,
  strictNewVersion,
} from '@helm-operator/gocompat';
import { loadChartPath } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { numberFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { printTable } from '../output/table.ts';

export const helmDependencyList: Command = defineCommand({
  name: 'list',
  aliases: ['ls'],
  usage: 'CHART',
  summary: 'list the dependencies of a chart and what is there of them',
  args: { min: 0, max: 1 },
  flags: {
    ...SETTINGS_FLAGS,
    maxColumnWidth: numberFlag('max-col-width', 'widest column of the table', {
      initial: 80,
      value: 'uint',
    }),
  },
  run: async ({ flags, args }, context) => {
    const path = cleanPath(args[0] ?? '.');
    const isThere = await stat(resolve(context.folder, path)).catch(() => undefined);
    if (isThere === undefined) throw new UsageError(`stat ${path}: no such file or directory`);
    const chart = await loadChartPath(resolve(context.folder, path), flags.profile, path);
    const wanted = chart.metadata.dependencies;
    if (wanted === undefined) {
      context.stdout(`WARNING: no dependencies at ${join(path, 'charts')}\n`);
      return 0;
    }
    const there = await entriesOf(join(path, 'charts'), context);
    const rows = await Promise.all(
      wanted.map(async (entry) => [
        entry.name,
        entry.version,
        entry.repository,
        await statusOf(entry, { chart, folder: join(path, 'charts'), there, context }),
      ]),
    );
    const table = printTable([['NAME', 'VERSION', 'REPOSITORY', 'STATUS'], ...rows], {
      maxColumnWidth: flags.maxColumnWidth,
    });
    context.stdout(`${table}\n`);
    await printUnknown(wanted, { folder: join(path, 'charts'), there, context });
    return 0;
  },
});

/** Go's `filepath.Clean`. */
export function cleanPath(path: string): string {
  const clean = normalize(path);
  return clean.length > 1 ? clean.replace(/\/+$/, '') : clean;
}

function load(path: string, { folder }: CliContext): Promise<Chart> {
  return loadChartPath(resolve(folder, path));
}

async function entriesOf(folder: string, context: CliContext): Promise<readonly string[]> {
  const names = await readdir(resolve(context.folder, folder)).catch(() => []);
  return names.sort(compareBytes);
}

interface Charts {
  readonly folder: string;
  /** What lies in it. */
  readonly there: readonly string[];
  readonly context: CliContext;
}

/** A packed chart is judged by itself, else what was loaded. */
async function statusOf(
  entry: ChartDependency,
  { chart, folder, there, context }: Charts & { readonly chart: Chart },
): Promise<string> {
  let archives: readonly string[];
  try {
    archives = there.filter((name) => matchPath(`${entry.name}-*.tgz`, name));
  } catch {
    return 'bad pattern';
  }
  if (archives.length > 1) {
    archives = archives.filter((name) => isStrictVersion(name.slice(entry.name.length + 1, -4)));
    if (archives.length > 1) return 'too many matches';
  }
  const [archive] = archives;
  if (archive !== undefined) return await archiveStatus(join(folder, archive), entry, context);
  const found = chart.dependencies.findLast(({ metadata }) => metadata.name === entry.name);
  if (found === undefined) return 'missing';
  return versionProblem(entry, found) ?? 'unpacked';
}

function isStrictVersion(text: string): boolean {
  try {
    strictNewVersion(text);
    return true;
  } catch {
    return false;
  }
}

async function archiveStatus(
  path: string,
  entry: ChartDependency,
  context: CliContext,
): Promise<string> {
  let chart: Chart;
  try {
    chart = await load(path, context);
  } catch {
    return 'corrupt';
  }
  if (chart.metadata.name !== entry.name) return 'misnamed';
  return versionProblem(entry, chart) ?? 'ok';
}

function versionProblem(entry: ChartDependency, { metadata }: Chart): string | undefined {
  if (metadata.version === entry.version) return undefined;
  try {
    const isRight = newConstraint(entry.version).check(newVersion(metadata.version));
    return isRight ? undefined : 'wrong version';
  } catch {
    return 'invalid version';
  }
}

/** Charts that lie there and that nobody wants. */
async function printUnknown(
  wanted: readonly ChartDependency[],
  { folder, there, context }: Charts,
): Promise<void> {
  for (const name of there) {
    const path = join(folder, name);
    const found = await stat(resolve(context.folder, path));
    if (!found.isDirectory() && !name.endsWith('.tgz')) continue;
    const chart = await load(path, context).catch(() => undefined);
    if (chart === undefined) context.stdout(`WARNING: ${quote(path)} is not a chart.\n`);
    else if (!wanted.some((entry) => entry.name === chart.metadata.name))
      context.stdout(`WARNING: ${quote(path)} is not in Chart.yaml.\n`);
  }
}
