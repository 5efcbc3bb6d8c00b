// SPDX-License-Identifier: Apache-2.0

/** What `dependency build`, `dependency update` and `--dependency-update` share. Source: helm v3.22.0 cmd/helm/dependency.go. */

import { join } from 'node:path';
import { type CredentialSource, type Credentials, dockerCredentials } from '@helm-operator/fetch';
import {
  type DependencyContext,
  Getters,
  loadKeyRing,
  OciCharts,
  ociRegistries,
  openHelmRepositories,
  type VerifyPolicy,
} from '@helm-operator/helm';
import { settingsOf, sourceContext } from './chart-download.ts';
import type { CliContext } from './context.ts';
import { type Flag, type FlagValues, switchFlag, textFlag } from './flags/flag.ts';
import { keyringPath } from './flags/keyring.ts';
import { SETTINGS_FLAGS } from './flags/settings.ts';

export const DEPENDENCY_FLAGS: typeof SETTINGS_FLAGS & {
  readonly mustVerify: Flag<boolean>;
  readonly keyring: Flag<string>;
  readonly mustSkipRefresh: Flag<boolean>;
  readonly username: Flag<string>;
  readonly password: Flag<string>;
  readonly certFile: Flag<string>;
  readonly keyFile: Flag<string>;
  readonly caFile: Flag<string>;
  readonly isTlsUnchecked: Flag<boolean>;
  readonly isPlainHttp: Flag<boolean>;
} = {
  ...SETTINGS_FLAGS,
  mustVerify: switchFlag('verify', 'check the signatures of what is downloaded'),
  keyring: textFlag('keyring', 'file with the public keys; absent: that of GnuPG'),
  mustSkipRefresh: switchFlag('skip-refresh', 'use the indexes that are kept'),
  username: textFlag('username', 'user name for registries'),
  password: textFlag('password', 'password for registries'),
  certFile: textFlag('cert-file', 'client certificate for registries'),
  keyFile: textFlag('key-file', 'key of the client certificate'),
  caFile: textFlag('ca-file', "certificate authority of the registries' certificates"),
  isTlsUnchecked: switchFlag(
    'insecure-skip-tls-verify',
    "do not check the registries' certificates",
  ),
  isPlainHttp: switchFlag('plain-http', 'use HTTP without TLS for registries'),
};

type HelmFiles = 'registryConfig' | 'repositoryConfig' | 'repositoryCache';

/** What counts of the flags; other commands than `dependency` have them, too. */
export type DependencyFlags = Omit<
  FlagValues<typeof DEPENDENCY_FLAGS>,
  keyof typeof SETTINGS_FLAGS
> &
  Partial<Pick<FlagValues<typeof SETTINGS_FLAGS>, HelmFiles>>;

/** What a command line says, as the engine takes it. @param path of the chart, as it was written */
export async function dependencyContext(
  path: string,
  flags: DependencyFlags,
  strategy: VerifyPolicy['strategy'],
  context: CliContext,
): Promise<DependencyContext> {
  const settings = settingsOf(flags, context);
  const source = sourceContext(context);
  const getters = new Getters({ settings });
  const credentials = await registryCredentials(flags, context);
  const charts = new OciCharts({ login: await registryLogins(settings.registryConfig, context) });
  const ring = keyringPath(flags.keyring, context);
  return {
    folder: { shown: path, base: context.folder },
    repositories: await openHelmRepositories({ settings, getters, context: source }),
    registries: ociRegistries({ charts, credentialsOf: () => credentials, context: source }),
    verify: {
      strategy: flags.mustVerify ? strategy : 'never',
      keyRing: () => loadKeyRing(ring),
      nowMs: Date.now,
    },
    out: context.stdout,
    log: (line) => context.stderr(`${line}\n`),
    mustSkipRefresh: flags.mustSkipRefresh,
    now: () => new Date().toISOString(),
  };
}

async function registryCredentials(
  flags: DependencyFlags,
  context: CliContext,
): Promise<Credentials> {
  const { username, password, caFile, certFile, keyFile, isTlsUnchecked, isPlainHttp } = flags;
  const read = async (path: string) => (path === '' ? undefined : await context.readText(path));
  const tls = {
    ca: await read(caFile),
    cert: await read(certFile),
    key: await read(keyFile),
    isInsecure: isTlsUnchecked,
  };
  return {
    ...(username === '' && password === '' ? {} : { basic: { username, password } }),
    tls,
    isPlainHttp,
  };
}

/** What `helm registry login` and `docker login` have left. */
export async function registryLogins(path: string, context: CliContext): Promise<CredentialSource> {
  const folder = context.env.get('DOCKER_CONFIG') ?? join(context.homeFolder, '.docker');
  const sources: CredentialSource[] = [];
  for (const file of [path, join(folder, 'config.json')]) {
    const text = await context.readText(file);
    if (text !== undefined) sources.push(dockerCredentials(text, file));
  }
  return async (registry, signal) => {
    for (const find of sources) {
      const found = await find(registry, signal);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
