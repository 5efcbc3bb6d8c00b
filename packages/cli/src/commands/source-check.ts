// SPDX-License-Identifier: Apache-2.0

/** `source check`: fetches a chart step by step and says of each step how it went, for people who look for what is wrong. */

import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FetchError } from '@helm-operator/fetch';
import {
  ChartDownloader,
  chartOfArchive,
  createChartSources,
  credentialsOfEntry,
  type FetchedChart,
  fetchChart,
  OciCharts,
  type SourceContext,
  type SourceStep,
} from '@helm-operator/helm';
import type { SourcedChart } from '@helm-operator/operator';
import {
  referenceOptions,
  type SourceFlags,
  settingsOf,
  sourceContext,
  verifyDownload,
} from '../chart-download.ts';
import { type Command, defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { CHART_SOURCE_FLAGS } from '../flags/chart-source.ts';
import { GIT_FLAGS, type GitFlags } from '../flags/git.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { fetchGitChart, isGitUrl } from '../source-check/git-chart.ts';
import {
  fetchReleaseCharts,
  type ReleaseFile,
  readReleaseFile,
} from '../source-check/release-charts.ts';

const MAX_FILE_BYTES = 16 * 1024 * 1024;

export const sourceCheck: Command = defineCommand({
  name: 'check',
  usage: 'URL|REPO/CHART|NAME|FILE',
  summary: 'fetch a chart and explain each step: found, logged in, downloaded, verified, read',
  details:
    'With --repo the argument is the name of a chart. URLs of Git repositories are those over SSH, those that end with .git, and every one with --path. FILE is a chart, or YAML with HelmReleases (- reads standard input): their charts are fetched as the operator does, with Secrets of the same file or else of the cluster. Exit code 0: the chart can be used; 1: it cannot, and the last lines say at which step, why and how to mend it.',
  args: { min: 1, max: 1 },
  flags: { ...SETTINGS_FLAGS, ...CHART_SOURCE_FLAGS, ...GIT_FLAGS },
  run: async ({ flags, args: [reference = ''] }, context) => {
    const onStep = ({ step, detail, durationMs }: SourceStep) =>
      context.stdout(`✔ ${step}: ${detail} (${Math.round(durationMs)} ms)\n`);
    const onChart = ({ metadata: { name, version }, digest }: SourcedChart) =>
      context.stdout(`✔ chart: ${name} ${version}, content ${digest}\n`);
    const asked = sourceContext(context, { onStep });
    try {
      const file = flags.repo === '' ? await releaseFileAt(reference, context) : undefined;
      if (file === undefined) {
        const chart = await check(reference, flags, { context, asked });
        onChart(chart);
        return 0;
      }
      await fetchReleaseCharts(file, flags, context, {
        onStep,
        onChart,
        onRelease: ({ source: { namespace, name } }) =>
          context.stdout(`HelmRelease ${namespace}/${name}\n`),
      });
      return 0;
    } catch (error) {
      context.stdout(explained(error));
      return 1;
    }
  },
});

/** Archives are none: a file that begins with the mark of gzip is not read. */
async function releaseFileAt(
  reference: string,
  context: CliContext,
): Promise<ReleaseFile | undefined> {
  if (reference === '-') return readReleaseFile(await context.stdin());
  const path = resolve(context.folder, reference);
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true || facts.size > MAX_FILE_BYTES) return undefined;
  const bytes = await readFile(path);
  return bytes[0] === 0x1f ? undefined : readReleaseFile(bytes.toString('utf8'));
}

interface Surroundings {
  readonly context: CliContext;
  readonly asked: SourceContext;
}

async function check(
  reference: string,
  flags: SourceFlags & GitFlags,
  { context, asked }: Surroundings,
): Promise<FetchedChart> {
  const path = resolve(context.folder, reference);
  const isThere = (await stat(path).catch(() => undefined)) !== undefined;
  if (isThere && flags.repo === '') {
    const location = { kind: 'path', path } as const;
    return await fetchChart(createChartSources(), { location, credentials: {} }, asked);
  }
  if (isGitUrl(reference, flags)) return await fetchGitChart(reference, flags, context, asked);
  const options = referenceOptions(flags, context, flags.mustVerify ? 'always' : 'never');
  const settings = settingsOf(flags, context);
  // Files that cannot be read are found before anybody is asked.
  await credentialsOfEntry(options);
  const downloader = new ChartDownloader({
    settings,
    oci: new OciCharts(),
    dockerConfig: await readFile(settings.registryConfig, 'utf8').catch(() => undefined),
    onPluginOutput: (line) => context.stdout(`  the plugin says: ${line}\n`),
  });
  const found = await downloader.download(reference, options, asked);
  if (flags.mustVerify) {
    const verdict = await verifyDownload(found, flags.keyring, context);
    context.stdout(`✔ verify: ${verdict.trim().replaceAll('\n', '; ')}\n`);
  }
  return chartOfArchive(found.bytes, { origin: found.origin });
}

/** Step, reason and mend, one line each; then what stands around them. */
function explained(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!(at instanceof FetchError)) continue;
    const mend = at.mend === '' ? '' : `  to mend it: ${at.mend}\n`;
    const again = at.retry === 'transient' ? '  it may work later without a change\n' : '';
    return `✗ ${at.step}: ${at.url}: ${at.reason} [${at.code}]\n${mend}${again}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? ` [${String(error.code)}]` : '';
  return `✗ ${message}${code}\n`;
}
