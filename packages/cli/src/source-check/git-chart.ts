// SPDX-License-Identifier: Apache-2.0

/** A chart out of a Git repository that a command line names. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Credentials, GitRepositories, parseGitUrl } from '@helm-operator/fetch';
import {
  createChartSources,
  credentialsOfEntry,
  type FetchedChart,
  fetchChart,
  GitSource,
  type SourceContext,
} from '@helm-operator/helm';
import { referenceOptions, type SourceFlags } from '../chart-download.ts';
import type { CliContext } from '../context.ts';
import type { GitFlags } from '../flags/git.ts';

const GIT_URL = /^(?:ssh|git\+ssh|git\+https?):\/\/|^[^/:@\s]+@[^/:@\s]+:|\.git\/?$/;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Whether an argument is a repository's URL rather than a chart's. */
export function isGitUrl(reference: string, { path }: GitFlags): boolean {
  return path !== '' || GIT_URL.test(reference);
}

/** @throws {FetchError} @throws {SourceError} */
export async function fetchGitChart(
  reference: string,
  flags: SourceFlags & GitFlags,
  context: CliContext,
  asked: SourceContext,
): Promise<FetchedChart> {
  const url = reference.replace(/^git\+(?=https?:)/, '');
  const credentials = await gitCredentials(url, flags, context);
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-git-'));
  try {
    const path = context.env.get('PATH') ?? DEFAULT_PATH;
    const env = { path, sshAgent: context.env.get('SSH_AUTH_SOCK') };
    const repositories = new GitRepositories({ folder, env });
    const sources = createChartSources({ git: new GitSource({ repositories }) });
    const ref = flags.ref === '' ? {} : { any: flags.ref };
    const location = { kind: 'git', url, ref, path: flags.path, dependencies: 'skip' } as const;
    return await fetchChart(sources, { location, credentials }, asked);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws {FetchError} `fetch/bad-url`, `fetch/unsupported` @throws {SourceError} a file cannot be read */
async function gitCredentials(
  url: string,
  flags: SourceFlags & GitFlags,
  context: CliContext,
): Promise<Credentials> {
  if (parseGitUrl(url).transport !== 'ssh')
    return (await credentialsOfEntry(referenceOptions(flags, context, 'never'))).credentials;
  const read = (path: string) => readFile(resolve(context.folder, path), 'utf8');
  const privateKey = flags.identityFile === '' ? undefined : await read(flags.identityFile);
  const knownHosts =
    flags.knownHosts === ''
      ? await context.readText(join(context.homeFolder, '.ssh/known_hosts'))
      : await read(flags.knownHosts);
  return { ssh: { privateKey, knownHosts } };
}
