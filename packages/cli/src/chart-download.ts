// SPDX-License-Identifier: Apache-2.0

/** Charts from repositories, registries and URLs, as Helm's commands fetch them. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createFetchPorts, proxySettingsOf } from '@helm-operator/fetch';
import {
  ChartDownloader,
  type DownloadedChart,
  type HelmSettings,
  helmSettingsOf,
  loadKeyRing,
  OciCharts,
  printVerdict,
  type ReferenceOptions,
  type SourceContext,
  type SourceStep,
  verifyProvenance,
} from '@helm-operator/helm';
import type { CliContext } from './context.ts';
import type { ChartSourceFlags } from './flags/chart-source.ts';
import { keyringPath } from './flags/keyring.ts';
import type { Settings } from './flags/settings.ts';

/** Where Helm's files are; every command of Helm has these flags. */
type HelmFileFlags = Partial<
  Pick<Settings, 'registryConfig' | 'repositoryConfig' | 'repositoryCache'>
>;

export type SourceFlags = ChartSourceFlags & HelmFileFlags;

/** Helm's folders and files, the flags before the environment. */
export function settingsOf(flags: HelmFileFlags, { env, homeFolder }: CliContext): HelmSettings {
  const settings = helmSettingsOf(Object.fromEntries(env), homeFolder);
  const or = (given: string | undefined, known: string) => given || known;
  return {
    ...settings,
    registryConfig: or(flags.registryConfig, settings.registryConfig),
    repositoryConfig: or(flags.repositoryConfig, settings.repositoryConfig),
    repositoryCache: or(flags.repositoryCache, settings.repositoryCache),
  };
}

/** Nothing is kept between two commands: as Helm, each asks anew. */
export function sourceContext(
  context: CliContext,
  options: { readonly timeoutMs?: number; readonly onStep?: (step: SourceStep) => void } = {},
): SourceContext {
  const { timeoutMs, onStep } = options;
  const ports = createFetchPorts({
    userAgent: `helm-operator/${context.version}`,
    proxy: proxySettingsOf(Object.fromEntries(context.env)),
    // A person's own URLs go wherever that person may go.
    addresses: { mayUseLoopback: true, mayUseLinkLocal: true },
    timeoutMs,
  });
  return { fetch: ports, signal: context.signal, onStep };
}

export function referenceOptions(
  flags: ChartSourceFlags,
  context: CliContext,
  provenance: ReferenceOptions['provenance'],
): ReferenceOptions {
  const path = (given: string) => (given === '' ? '' : resolve(context.folder, given));
  return {
    version: flags.version.trim(),
    mayUsePrerelease: flags.isDevel,
    repository: flags.repo,
    isPlainHttp: flags.isPlainHttp,
    provenance,
    username: flags.username,
    password: flags.password,
    certFile: path(flags.certFile),
    keyFile: path(flags.keyFile),
    caFile: path(flags.caFile),
    isInsecure: flags.isTlsUnchecked,
    mustPassCredentials: flags.mustPassCredentials,
  };
}

/** @throws {FetchError} @throws {SourceError} with Helm's texts */
export async function downloadChart(
  reference: string,
  flags: SourceFlags,
  { context, options }: { readonly context: CliContext; readonly options: ReferenceOptions },
): Promise<DownloadedChart> {
  const settings = settingsOf(flags, context);
  const downloader = new ChartDownloader({
    settings,
    oci: new OciCharts(),
    dockerConfig: await context.readText(settings.registryConfig),
    onPluginOutput: (line) => context.stderr(`${line}\n`),
  });
  return await downloader.download(reference, options, sourceContext(context));
}

/** @returns what Helm prints of a signature that counts @throws {SourceError} `source/verification` */
export async function verifyDownload(
  chart: DownloadedChart,
  keyring: string,
  context: CliContext,
): Promise<string> {
  const { bytes: archive, provenance, fileName } = chart;
  const path = keyringPath(keyring, context);
  const verdict = await verifyProvenance({
    archive,
    provenance: provenance ?? new Uint8Array(),
    fileName,
    keyRing: await loadKeyRing(path),
    nowMs: Date.now(),
  });
  return printVerdict(verdict);
}

/** Downloads into Helm's cache. @returns the archive's path */
export async function downloadIntoCache(
  reference: string,
  flags: SourceFlags,
  context: CliContext,
): Promise<string> {
  const options = referenceOptions(flags, context, flags.mustVerify ? 'always' : 'never');
  const chart = await downloadChart(reference, flags, { context, options });
  if (flags.mustVerify) await verifyDownload(chart, flags.keyring, context);
  const { repositoryCache } = settingsOf(flags, context);
  await mkdir(repositoryCache, { recursive: true });
  return await saveArchive(chart, repositoryCache);
}

/** Writes the archive, and its provenance beside it. @returns its path */
export async function saveArchive(chart: DownloadedChart, folder: string): Promise<string> {
  const path = join(folder, chart.fileName);
  await writeFile(path, chart.bytes, { mode: 0o644 });
  if (chart.provenance !== undefined)
    await writeFile(`${path}.prov`, chart.provenance, { mode: 0o644 });
  return path;
}
