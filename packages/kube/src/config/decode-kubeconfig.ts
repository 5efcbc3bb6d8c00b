// SPDX-License-Identifier: Apache-2.0

/**
 * Kubeconfig text → entries by name. Nothing is read from disk here.
 *
 * Source: kubernetes@v1.36.3 client-go/tools/clientcmd/api/v1/types.go
 */

import { decodeYaml, type Value, type ValueMap } from '@helm-operator/gocompat';
import { KubeError } from '../errors.ts';
import type { ExecConfig } from './kube-config.ts';

export interface ClusterEntry {
  readonly server: string;
  readonly serverName: string | undefined;
  readonly isInsecure: boolean;
  readonly caFile: string | undefined;
  readonly caData: string | undefined;
  readonly proxyUrl: string | undefined;
  readonly isCompressionDisabled: boolean;
}

export interface UserEntry {
  readonly certificateFile: string | undefined;
  readonly certificateData: string | undefined;
  readonly keyFile: string | undefined;
  readonly keyData: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly as: string | undefined;
  readonly asUid: string | undefined;
  readonly asGroups: readonly string[];
  readonly asUserExtra: ReadonlyMap<string, readonly string[]>;
  readonly authProvider: string | undefined;
  readonly exec: ExecConfig | undefined;
}

export interface ContextEntry {
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string | undefined;
}

/** Entries of one or more kubeconfig files; the first file that names an entry wins. */
export interface KubeconfigEntries {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
}

/**
 * @param origin       where the text came from, for messages
 * @param resolvePath  makes a path of the file absolute (relative ones are relative to the file's directory)
 * @throws {KubeError} `kube/config`: not YAML or not a kubeconfig. The text itself is never part of the message: it holds credentials.
 */
export function decodeKubeconfig(
  text: string,
  origin: string,
  resolvePath: (path: string) => string = (path) => path,
): KubeconfigEntries {
  const root = asMap(decodeText(text, origin));
  if (root === undefined) throw configError(origin, 'it is not a mapping');
  const kind = stringOf(root, 'kind');
  if (kind !== undefined && kind !== 'Config') {
    throw configError(origin, `its kind is "${kind}", not "Config"`);
  }
  const resolve = (path: string | undefined) =>
    path === undefined ? undefined : resolvePath(path);
  return {
    currentContext: stringOf(root, 'current-context'),
    clusters: entriesOf(root, 'clusters', 'cluster', (map) => decodeCluster(map, resolve)),
    users: entriesOf(root, 'users', 'user', (map) => decodeUser(map, resolve, origin)),
    contexts: entriesOf(root, 'contexts', 'context', decodeContext),
  };
}

/** Merges in order: for each name, and for the current context, the first one wins. */
export function mergeKubeconfigs(parts: readonly KubeconfigEntries[]): KubeconfigEntries {
  const first = <T>(maps: readonly ReadonlyMap<string, T>[]): ReadonlyMap<string, T> =>
    new Map(maps.toReversed().flatMap((map) => [...map]));
  return {
    currentContext: parts.map((part) => part.currentContext).find((name) => name !== undefined),
    clusters: first(parts.map((part) => part.clusters)),
    users: first(parts.map((part) => part.users)),
    contexts: first(parts.map((part) => part.contexts)),
  };
}

export function configError(origin: string, problem: string, cause?: unknown): KubeError {
  return new KubeError({
    code: 'kube/config',
    message: `load the kubeconfig of ${origin}: ${problem}`,
    cause,
  });
}

function decodeText(text: string, origin: string): Value {
  try {
    return decodeYaml(text);
  } catch (error) {
    const line = /line \d+/.exec(error instanceof Error ? error.message : '')?.[0];
    throw configError(origin, `it is not valid YAML${line === undefined ? '' : ` (${line})`}`);
  }
}

function entriesOf<T>(
  root: ValueMap,
  list: string,
  field: string,
  decode: (map: ValueMap) => T,
): ReadonlyMap<string, T> {
  const entries = new Map<string, T>();
  const items = root.get(list);
  for (const item of Array.isArray(items) ? items : []) {
    const named = asMap(item);
    const name = named === undefined ? undefined : stringOf(named, 'name');
    if (named === undefined || name === undefined || entries.has(name)) continue;
    entries.set(name, decode(asMap(named.get(field) ?? null) ?? new Map()));
  }
  return entries;
}

type ResolvePath = (path: string | undefined) => string | undefined;

function decodeCluster(map: ValueMap, resolve: ResolvePath): ClusterEntry {
  return {
    server: stringOf(map, 'server') ?? '',
    serverName: stringOf(map, 'tls-server-name'),
    isInsecure: map.get('insecure-skip-tls-verify') === true,
    caFile: resolve(stringOf(map, 'certificate-authority')),
    caData: stringOf(map, 'certificate-authority-data'),
    proxyUrl: stringOf(map, 'proxy-url'),
    isCompressionDisabled: map.get('disable-compression') === true,
  };
}

function decodeUser(map: ValueMap, resolve: ResolvePath, origin: string): UserEntry {
  const extra = asMap(map.get('as-user-extra') ?? null) ?? new Map<string, Value>();
  const provider = asMap(map.get('auth-provider') ?? null);
  return {
    certificateFile: resolve(stringOf(map, 'client-certificate')),
    certificateData: stringOf(map, 'client-certificate-data'),
    keyFile: resolve(stringOf(map, 'client-key')),
    keyData: stringOf(map, 'client-key-data'),
    token: stringOf(map, 'token'),
    tokenFile: resolve(stringOf(map, 'tokenFile')),
    username: stringOf(map, 'username'),
    password: stringOf(map, 'password'),
    as: stringOf(map, 'as'),
    asUid: stringOf(map, 'as-uid'),
    asGroups: stringsOf(map.get('as-groups')),
    asUserExtra: new Map([...extra].map(([name, value]) => [name, stringsOf(value)])),
    authProvider: provider === undefined ? undefined : (stringOf(provider, 'name') ?? 'unnamed'),
    exec: decodeExec(asMap(map.get('exec') ?? null), resolve, origin),
  };
}

function decodeExec(
  map: ValueMap | undefined,
  resolve: ResolvePath,
  origin: string,
): ExecConfig | undefined {
  if (map === undefined) return undefined;
  const command = stringOf(map, 'command');
  if (command === undefined) throw configError(origin, 'an exec entry names no command');
  const mode = stringOf(map, 'interactiveMode') ?? 'IfAvailable';
  if (mode !== 'Never' && mode !== 'IfAvailable' && mode !== 'Always') {
    throw configError(origin, `an exec entry has the unknown interactiveMode "${mode}"`);
  }
  const env = map.get('env');
  return {
    // As in a shell: a name is looked up in PATH, a path is relative to the kubeconfig.
    command: command.includes('/') ? (resolve(command) ?? command) : command,
    args: stringsOf(map.get('args')),
    env: (Array.isArray(env) ? env : []).flatMap((item) => {
      const pair = asMap(item);
      const name = pair === undefined ? undefined : stringOf(pair, 'name');
      return pair === undefined || name === undefined
        ? []
        : [{ name, value: stringOf(pair, 'value') ?? '' }];
    }),
    apiVersion: stringOf(map, 'apiVersion') ?? '',
    mustProvideClusterInfo: map.get('provideClusterInfo') === true,
    interactiveMode: mode,
    installHint: stringOf(map, 'installHint') ?? '',
  };
}

function decodeContext(map: ValueMap): ContextEntry {
  return {
    cluster: stringOf(map, 'cluster') ?? '',
    user: stringOf(map, 'user') ?? '',
    namespace: stringOf(map, 'namespace'),
  };
}

function asMap(value: Value): ValueMap | undefined {
  return value instanceof Map ? value : undefined;
}

function stringOf(map: ValueMap, name: string): string | undefined {
  const value = map.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function stringsOf(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
