// SPDX-License-Identifier: Apache-2.0

/** `helm pull`. Source: helm v3.22.0 cmd/helm/pull.go, pkg/action/pull.go, pkg/chartutil/expand.go. */

import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { loadArchive, unpackArchive } from '@helm-operator/chart';
import { archivePorts, type DownloadedChart } from '@helm-operator/helm';
import {
  downloadChart,
  referenceOptions,
  type SourceFlags,
  saveArchive,
  verifyDownload,
} from '../chart-download.ts';
import { type Command, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { CHART_SOURCE_FLAGS } from '../flags/chart-source.ts';
import { type FlagValues, switchFlag, textFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';

const PULL_FLAGS = {
  ...SETTINGS_FLAGS,
  ...CHART_SOURCE_FLAGS,
  mustUnpack: switchFlag('untar', 'unpack the archive'),
  mustFetchProvenance: switchFlag('prov', 'fetch the provenance file, without verifying it'),
  unpackFolder: textFlag('untardir', 'folder to unpack into', { initial: '.' }),
  destination: textFlag('destination', 'folder to write the archive into', {
    short: 'd',
    initial: '.',
  }),
};

type PullFlags = FlagValues<typeof PULL_FLAGS>;

export const helmPull: Command = defineCommand({
  name: 'pull',
  aliases: ['fetch'],
  usage: '[chart URL | repo/chartname] [...]',
  summary: 'download a chart from a repository and, if asked to, unpack it',
  args: { min: 1 },
  flags: PULL_FLAGS,
  run: async ({ flags, args }, context) => {
    for (const reference of args) await pull(reference, flags, context);
    return 0;
  },
});

async function pull(reference: string, flags: PullFlags, context: CliContext): Promise<void> {
  const mustHave = flags.mustVerify
    ? 'always'
    : flags.mustFetchProvenance
      ? 'if-possible'
      : 'never';
  const options = referenceOptions(flags, context, mustHave);
  const chart = await downloadChart(reference, flags as SourceFlags, { context, options });
  if (mustHave === 'if-possible' && chart.provenance === undefined)
    context.stdout(
      `WARNING: Verification not found for ${reference}: there is no provenance file\n`,
    );
  const destination = resolve(context.folder, flags.destination);
  if (!flags.mustUnpack) {
    await refuseMissingFolder(destination);
    await saveArchive(chart, destination);
  }
  const verdict = flags.mustVerify ? await verifyDownload(chart, flags.keyring, context) : '';
  if (flags.mustUnpack) await unpack(reference, chart, { flags, destination });
  context.stdout(verdict);
}

async function refuseMissingFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new UsageError(`open ${join(folder, 'tmp')}: no such file or directory`);
}

async function unpack(
  reference: string,
  chart: DownloadedChart,
  { flags, destination }: { readonly flags: PullFlags; readonly destination: string },
): Promise<void> {
  const folder = isAbsolute(flags.unpackFolder)
    ? flags.unpackFolder
    : join(destination, flags.unpackFolder);
  const checked = join(folder, basename(reference));
  if ((await stat(checked).catch(() => undefined)) !== undefined)
    throw new UsageError(
      `failed to untar: a file or directory with the name ${checked} already exists`,
    );
  await mkdir(checked, { recursive: true });
  await expand(chart.bytes, folder);
}

/** Into a folder called as the chart; a bad archive is found before anything is written. */
async function expand(bytes: Uint8Array, folder: string): Promise<void> {
  const { name } = loadArchive(bytes, archivePorts).metadata;
  const root = join(folder, name);
  for (const file of unpackArchive(bytes, archivePorts)) {
    const path = resolve(root, file.name);
    if (!path.startsWith(root + sep))
      throw new UsageError(`${file.name} lies outside of the chart`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.data, { mode: 0o644 });
  }
}
