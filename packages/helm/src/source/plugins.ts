// SPDX-License-Identifier: Apache-2.0

/**
 * Helm's downloader plugins: which there are, and how one is run.
 *
 * Source:  helm v3.22.0 pkg/plugin/plugin.go, pkg/getter/plugingetter.go
 * Differs: a plugin has limits of time and size; certificates that are not files of the caller are given as files of a
 *          private folder that goes away; only `plugin.yaml` of Helm 3.
 */

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Credentials, type FetchLimits, runProgram, secretsOf } from '@helm-operator/fetch';
import { decodeYaml, quote, type Value, type ValueMap } from '@helm-operator/gocompat';
import { SourceError } from './errors.ts';
import { type HelmSettings, pluginEnv } from './helm-settings.ts';

/** One way of a plugin to fetch. */
export interface Downloader {
  readonly plugin: string;
  readonly folder: string;
  /** Program, relative to `folder`, and arguments, separated by single spaces. */
  readonly command: string;
  readonly protocols: readonly string[];
}

const PLUGIN_NAME = /^[A-Za-z0-9_-]+$/;
const MAX_PLUGIN_FILE_BYTES = 1024 * 1024;

/** Fields of plugin.yaml; others are faults. `hooks` is found by any case, as Go does. */
const FIELDS: ReadonlySet<string> = new Set([
  'name',
  'version',
  'usage',
  'description',
  'platformcommand',
  'command',
  'ignoreflags',
  'platformhooks',
  'hooks',
  'downloaders',
  'usetunnel',
]);

/**
 * Every downloader of every plugin, in the order in which they are asked.
 *
 * @throws {SourceError} `source/unsupported`: a plugin.yaml is wrong, or two plugins have one name
 */
export async function findDownloaders({ plugins }: HelmSettings): Promise<readonly Downloader[]> {
  const found: Downloader[] = [];
  for (const base of plugins.split(delimiter).filter((path) => path !== '')) {
    const folders = new Map<string, string>();
    for (const folder of await foldersIn(base)) {
      const text = await pluginFile(join(folder, 'plugin.yaml'));
      if (text === undefined) continue;
      const { name, downloaders } = readPlugin(text, folder);
      const other = folders.get(name);
      if (other !== undefined)
        throw unusable(
          `two plugins claim the name ${quote(name)} at ${quote(other)} and ${quote(folder)}`,
        );
      folders.set(name, folder);
      found.push(...downloaders);
    }
  }
  return found;
}

async function foldersIn(base: string): Promise<string[]> {
  try {
    return (await readdir(base)).sort().map((name) => join(base, name));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function pluginFile(path: string): Promise<string | undefined> {
  try {
    if ((await stat(path)).size > MAX_PLUGIN_FILE_BYTES)
      throw unusable(`failed to load plugin at ${quote(path)}: it is too large`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))
  );
}

function readPlugin(text: string, folder: string): { name: string; downloaders: Downloader[] } {
  const path = join(folder, 'plugin.yaml');
  const wrong = (reason: string) => unusable(`failed to load plugin at ${quote(path)}: ${reason}`);
  let root: Value;
  try {
    root = decodeYaml(text, { strict: true });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const map = root instanceof Map ? root : new Map<string, Value>();
  for (const key of map.keys()) {
    if (!FIELDS.has(key.toLowerCase()))
      throw wrong(
        `error unmarshaling JSON: while decoding JSON: json: unknown field ${quote(key)}`,
      );
  }
  const name = textAt(map, 'name');
  if (!PLUGIN_NAME.test(name)) throw unusable(`invalid plugin name at ${quote(path)}`);
  const list = map.get('downloaders');
  const downloaders = (Array.isArray(list) ? list : []).flatMap((item): Downloader[] => {
    if (!(item instanceof Map)) return [];
    const protocols = item.get('protocols');
    return [
      {
        plugin: name,
        folder,
        command: textAt(item, 'command'),
        protocols: Array.isArray(protocols) ? protocols.filter((p) => typeof p === 'string') : [],
      },
    ];
  });
  return { name, downloaders };
}

function textAt(map: ValueMap, name: string): string {
  const value = map.get(name);
  return typeof value === 'string' ? value : '';
}

function unusable(message: string): SourceError {
  return new SourceError('source/unsupported', message);
}

/** Paths of certificate, key and authority where the caller has them as files; a plugin gets these. */
export interface CredentialFiles {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

export interface DownloaderRun {
  readonly url: string;
  readonly credentials: Credentials;
  readonly files?: CredentialFiles | undefined;
  readonly limits: FetchLimits;
  readonly signal: AbortSignal;
  /** Told each line of its standard error, masked. */
  readonly onStderr?: ((line: string) => void) | undefined;
}

/** @throws {FetchError} `fetch/plugin`, `fetch/timeout`, `fetch/too-large`, `fetch/aborted` */
export async function runDownloader(
  downloader: Downloader,
  settings: HelmSettings,
  run: DownloaderRun,
): Promise<Uint8Array> {
  const { credentials } = run;
  const [program = '', ...args] = downloader.command.split(' ');
  const given = await filesOf(run);
  const env: Record<string, string> = {};
  const wanted = {
    ...pluginEnv(settings, downloader.plugin, downloader.folder),
    HELM_PLUGIN_USERNAME: credentials.basic?.username ?? '',
    HELM_PLUGIN_PASSWORD: credentials.basic?.password ?? '',
    HELM_PLUGIN_PASS_CREDENTIALS_ALL: String(credentials.mustPassToOtherHosts === true),
  };
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) env[name] = value;
  try {
    const { cert = '', key = '', ca = '' } = given.files;
    return await runProgram({
      url: run.url,
      command: join(downloader.folder, program),
      args: [...args, cert, key, ca, run.url],
      env,
      limits: run.limits,
      secrets: secretsOf(credentials),
      signal: run.signal,
      onStderr: run.onStderr,
    });
  } finally {
    if (given.folder !== undefined) await rm(given.folder, { recursive: true, force: true });
  }
}

async function filesOf({
  credentials,
  files,
}: DownloaderRun): Promise<{ files: CredentialFiles; folder?: string }> {
  const { cert, key, ca } = credentials.tls ?? {};
  if (files !== undefined) return { files };
  const contents = Object.entries({ cert, key, ca }).filter(([, text]) => text !== undefined);
  if (contents.length === 0) return { files: {} };
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-plugin-'));
  const paths: Record<string, string> = {};
  for (const [name, text] of contents) {
    paths[name] = join(folder, `${name}.pem`);
    await writeFile(join(folder, `${name}.pem`), text ?? '', { mode: 0o600 });
  }
  return { files: { cert: paths['cert'], key: paths['key'], ca: paths['ca'] }, folder };
}
