// SPDX-License-Identifier: Apache-2.0

/**
 * Kubeconfig files → the configuration of one context.
 *
 * Effects: reads the kubeconfig files; certificates and tokens they point to are read later, for each connection.
 * Source:  kubernetes@v1.36.3 client-go/tools/clientcmd (loader.go, client_config.go)
 * Differs: no `localhost:8080` where no server is named; token and tokenFile together: the file wins.
 */

import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Identity } from '../cluster.ts';
import {
  type ClusterEntry,
  configError,
  decodeKubeconfig,
  type KubeconfigEntries,
  mergeKubeconfigs,
  type UserEntry,
} from './decode-kubeconfig.ts';
import type { CredentialConfig, KubeConfig, Material } from './kube-config.ts';

/** What a kubeconfig may make this process do. */
export interface KubeconfigTrust {
  /** Run `exec` plug-ins. */
  readonly mayRunPrograms: boolean;
  /** Read certificates and tokens from files of this process's own disk. */
  readonly mayReadFiles: boolean;
  /** Honour `insecure-skip-tls-verify`. */
  readonly maySkipVerification: boolean;
  /** Connect to link-local addresses, cloud metadata among them. */
  readonly mayUseLinkLocal: boolean;
}

/** For kubeconfigs of the person who runs this process. */
export const OWN_KUBECONFIG: KubeconfigTrust = {
  mayRunPrograms: true,
  mayReadFiles: true,
  maySkipVerification: true,
  mayUseLinkLocal: true,
};

/** For kubeconfigs from a user's Secret: only what is written in it counts. */
export const FOREIGN_KUBECONFIG: KubeconfigTrust = {
  mayRunPrograms: false,
  mayReadFiles: false,
  maySkipVerification: false,
  mayUseLinkLocal: false,
};

/** What takes the place of entries of the file, as the flags of `kubectl` do. */
export interface KubeconfigOverrides {
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
  readonly server?: string | undefined;
  readonly serverName?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly token?: string | undefined;
  readonly isInsecure?: boolean | undefined;
  readonly isCompressionDisabled?: boolean | undefined;
  readonly impersonate?: Identity | undefined;
}

export interface LoadKubeconfigOptions {
  /** Files in order of precedence (the entries of `KUBECONFIG`, or one file). */
  readonly paths: readonly string[];
  /** A missing file is an error (`--kubeconfig`), not skipped (`KUBECONFIG`). */
  readonly mustExist?: boolean | undefined;
  readonly overrides?: KubeconfigOverrides | undefined;
}

export interface DecodeKubeconfigOptions {
  /** Where the text came from, for messages: `Secret apps/prod-cluster`. */
  readonly origin: string;
  readonly trust: KubeconfigTrust;
  readonly overrides?: KubeconfigOverrides | undefined;
}

/**
 * The files `kubectl` would read: each entry of `KUBECONFIG`, else `~/.kube/config`.
 *
 * @param home the home directory; `undefined` where there is none
 */
export function kubeconfigPaths(variable: string | undefined, home: string | undefined): string[] {
  const listed = (variable ?? '').split(':').filter((path) => path !== '');
  if (listed.length > 0) return [...new Set(listed)];
  return home === undefined ? [] : [join(home, '.kube', 'config')];
}

/**
 * Loads and merges kubeconfig files and picks the context.
 *
 * @throws {KubeError} `kube/config`
 */
export async function loadKubeconfig(options: LoadKubeconfigOptions): Promise<KubeConfig> {
  const parts: KubeconfigEntries[] = [];
  for (const path of options.paths) {
    const text = await readKubeconfig(path, options.mustExist === true);
    if (text === undefined) continue;
    const directory = dirname(resolve(path));
    parts.push(
      decodeKubeconfig(text, path, (file) => (isAbsolute(file) ? file : join(directory, file))),
    );
  }
  const origin = options.paths.join(', ') || 'no file';
  if (parts.length === 0 && options.overrides?.server === undefined) {
    throw configError(
      origin,
      'there is no such file; set KUBECONFIG or name one with --kubeconfig',
    );
  }
  return resolveContext(mergeKubeconfigs(parts), {
    origin,
    trust: OWN_KUBECONFIG,
    overrides: options.overrides,
  });
}

/**
 * Picks the context of a kubeconfig that is already in memory.
 *
 * @throws {KubeError} `kube/config`: also when it needs what `trust` does not allow and has no other credential
 */
export function kubeconfigFromText(text: string, options: DecodeKubeconfigOptions): KubeConfig {
  return resolveContext(decodeKubeconfig(text, options.origin), options);
}

async function readKubeconfig(path: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && !mustExist) return undefined;
    throw configError(path, error instanceof Error ? error.message : 'it cannot be read', error);
  }
}

function resolveContext(entries: KubeconfigEntries, options: DecodeKubeconfigOptions): KubeConfig {
  const { origin, trust, overrides = {} } = options;
  const contextName = overrides.context ?? entries.currentContext;
  const context = contextName === undefined ? undefined : entries.contexts.get(contextName);
  if (overrides.context !== undefined && context === undefined) {
    throw configError(
      origin,
      `context "${overrides.context}" does not exist${among(entries.contexts)}`,
    );
  }
  const clusterName = overrides.cluster ?? context?.cluster ?? '';
  const cluster = entries.clusters.get(clusterName);
  const userName = overrides.user ?? context?.user ?? '';
  const user = entries.users.get(userName);
  if (cluster === undefined && overrides.server === undefined) {
    const name =
      contextName === undefined
        ? 'no current context is set'
        : `cluster "${clusterName}" does not exist`;
    throw configError(
      origin,
      `${name}${among(contextName === undefined ? entries.contexts : entries.clusters)}`,
    );
  }
  if (user === undefined && userName !== '') {
    throw configError(origin, `user "${userName}" does not exist${among(entries.users)}`);
  }
  return composeConfig({ options, cluster, user, namespace: context?.namespace, trust });
}

interface Picked {
  readonly options: DecodeKubeconfigOptions;
  readonly trust: KubeconfigTrust;
  readonly cluster: ClusterEntry | undefined;
  readonly user: UserEntry | undefined;
  readonly namespace: string | undefined;
}

function composeConfig(picked: Picked): KubeConfig {
  const { options, trust, cluster, user } = picked;
  const { origin, overrides = {} } = options;
  const material = (name: string, data: string | undefined, file: string | undefined) =>
    materialOf({ origin, trust, name }, data, file);
  const hasCertificate = user?.certificateData ?? user?.certificateFile;
  const isInsecure =
    trust.maySkipVerification && (overrides.isInsecure ?? cluster?.isInsecure ?? false);
  return {
    origin,
    server: serverUrl(overrides.server ?? cluster?.server ?? '', origin),
    namespace: overrides.namespace ?? picked.namespace ?? 'default',
    ca: overrides.caFile
      ? { file: overrides.caFile }
      : material('certificate-authority', cluster?.caData, cluster?.caFile),
    clientCertificate: overrides.certificateFile
      ? { file: overrides.certificateFile }
      : material('client-certificate', user?.certificateData, user?.certificateFile),
    clientKey: overrides.keyFile
      ? { file: overrides.keyFile }
      : material('client-key', user?.keyData, user?.keyFile),
    isInsecure,
    serverName: overrides.serverName ?? cluster?.serverName,
    proxyUrl: cluster?.proxyUrl,
    isCompressionDisabled:
      overrides.isCompressionDisabled ?? cluster?.isCompressionDisabled ?? false,
    credential: overrides.token
      ? { kind: 'token', token: overrides.token }
      : credentialOf(user, trust, origin, hasCertificate !== undefined),
    impersonate: overrides.impersonate ?? identityOf(user),
    mustAvoidLinkLocal: !trust.mayUseLinkLocal,
  };
}

function materialOf(
  { origin, trust, name }: { origin: string; trust: KubeconfigTrust; name: string },
  data: string | undefined,
  file: string | undefined,
): Material | undefined {
  if (data !== undefined) {
    const pem = Buffer.from(data, 'base64').toString('latin1');
    if (!pem.includes('-----BEGIN')) throw configError(origin, `${name}-data is not base64 of PEM`);
    return { pem };
  }
  if (file === undefined) return undefined;
  if (!trust.mayReadFiles) {
    throw configError(origin, `${name} names a file; put its content in ${name}-data`);
  }
  return { file };
}

function credentialOf(
  user: UserEntry | undefined,
  trust: KubeconfigTrust,
  origin: string,
  hasCertificate: boolean,
): CredentialConfig {
  if (user === undefined) return { kind: 'none' };
  if (user.tokenFile !== undefined && trust.mayReadFiles) {
    return { kind: 'tokenFile', file: user.tokenFile };
  }
  if (user.token !== undefined) return { kind: 'token', token: user.token };
  if (user.tokenFile !== undefined) {
    throw configError(origin, 'tokenFile names a file; put its content in token');
  }
  if (user.username !== undefined) {
    return { kind: 'basic', username: user.username, password: user.password ?? '' };
  }
  if (user.exec !== undefined && trust.mayRunPrograms) return { kind: 'exec', exec: user.exec };
  if (hasCertificate) return { kind: 'none' };
  if (user.exec !== undefined) {
    throw configError(
      origin,
      'it needs a program for its credentials, which is not allowed; use a token or a client certificate',
    );
  }
  if (user.authProvider !== undefined) {
    throw configError(
      origin,
      `the auth-provider "${user.authProvider}" is no longer part of Kubernetes clients; use exec, a token or a client certificate`,
    );
  }
  return { kind: 'none' };
}

function identityOf(user: UserEntry | undefined): Identity | undefined {
  if (user?.as === undefined) return undefined;
  return { user: user.as, groups: user.asGroups, uid: user.asUid, extra: user.asUserExtra };
}

function serverUrl(server: string, origin: string): string {
  const text = server.includes('://') ? server : `https://${server}`;
  if (server === '' || !URL.canParse(text))
    throw configError(origin, `"${server}" is not a server URL`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw configError(origin, `the server URL has the unknown scheme "${url.protocol}"`);
  }
  if (url.username !== '' || url.password !== '') {
    throw configError(origin, 'the server URL holds a credential; put it in the user entry');
  }
  return text.replace(/\/+$/, '');
}

function among(names: ReadonlyMap<string, unknown>): string {
  return names.size === 0 ? '' : ` (there are: ${[...names.keys()].toSorted().join(', ')})`;
}
