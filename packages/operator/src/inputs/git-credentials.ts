// SPDX-License-Identifier: Apache-2.0

/** What a Git repository asks for: from the Secret of the HelmRelease, else the operator's own SSH key. */

import { readFile } from 'node:fs/promises';
import type { ChartReference } from '@helm-operator/api';
import { type Credentials, parseGitUrl, type SshCredentials } from '@helm-operator/fetch';
import type { Cluster } from '@helm-operator/kube';
import { type ChartSecret, readChartSecret } from './chart-credentials.ts';

export interface GitCredentialPorts {
  readonly cluster: Pick<Cluster, 'get'>;
  /** Of private keys; the first that is there is used where no Secret holds one. Read anew each time. */
  readonly identityFiles: readonly string[];
  /** Hosts that are known where no Secret says; all that are there count. */
  readonly knownHostsFiles: readonly string[];
}

type GitReference = Extract<ChartReference, { kind: 'git' }>;

/** @throws {ChartSecretError} `operator/chart-secret` @throws {FetchError} `fetch/bad-url`, `fetch/unsupported` @throws {KubeError} */
export async function gitCredentials(
  { url, secret }: GitReference,
  ports: GitCredentialPorts,
  signal: AbortSignal,
): Promise<Credentials> {
  const { transport } = parseGitUrl(url);
  const held =
    secret === undefined
      ? undefined
      : await readChartSecret(secret, 'secretRef', ports.cluster, signal);
  if (transport === 'ssh') return { ssh: await sshCredentials(held, ports) };
  return held === undefined ? {} : held.basic();
}

/** Keys as Flux knows them: `identity`, `password` (the key's passphrase), `known_hosts`; or `ssh-privatekey`. */
async function sshCredentials(
  held: ChartSecret | undefined,
  { identityFiles, knownHostsFiles }: GitCredentialPorts,
): Promise<SshCredentials> {
  const own = held?.text('identity', 'ssh-privatekey');
  const knownHosts = held?.text('known_hosts') ?? (await readAll(knownHostsFiles)).join('\n');
  if (own !== undefined) return { privateKey: own, passphrase: held?.text('password'), knownHosts };
  const [privateKey] = await readAll(identityFiles);
  return { privateKey, knownHosts };
}

/** The texts of those that are there. */
async function readAll(paths: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const path of paths) {
    try {
      texts.push(await readFile(path, 'utf8'));
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isAbsent) throw error;
    }
  }
  return texts;
}
