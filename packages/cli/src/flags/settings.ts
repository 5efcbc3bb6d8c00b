// SPDX-License-Identifier: Apache-2.0

/** The flags every command has: which cluster and namespace, where Helm's files are. Source: helm v3.22.0 pkg/cli/environment.go. */

import type { Profile } from '@helm-operator/helm';
import { type ConnectedCluster, type KubeConfig, loadKubeconfig } from '@helm-operator/kube';
import type { CliContext } from '../context.ts';
import { type Flag, type FlagValues, numberFlag, switchFlag, textFlag, textsFlag } from './flag.ts';
import { profileFlag } from './profile.ts';

/** Which cluster, as whom, in which namespace. */
export const CONNECTION_FLAGS: {
  readonly namespace: Flag<string>;
  readonly kubeconfig: Flag<string>;
  readonly kubeContext: Flag<string>;
  readonly kubeToken: Flag<string>;
  readonly kubeAsUser: Flag<string>;
  readonly kubeAsGroups: Flag<readonly string[]>;
  readonly kubeApiServer: Flag<string>;
  readonly kubeCaFile: Flag<string>;
  readonly kubeTlsServerName: Flag<string>;
  readonly isKubeInsecure: Flag<boolean>;
} = {
  namespace: textFlag('namespace', 'namespace of this request', {
    short: 'n',
    env: 'HELM_NAMESPACE',
  }),
  kubeconfig: textFlag('kubeconfig', 'the kubeconfig file'),
  kubeContext: textFlag('kube-context', 'context of the kubeconfig', { env: 'HELM_KUBECONTEXT' }),
  kubeToken: textFlag('kube-token', 'bearer token to authenticate with', { env: 'HELM_KUBETOKEN' }),
  kubeAsUser: textFlag('kube-as-user', 'user to act as', { env: 'HELM_KUBEASUSER' }),
  kubeAsGroups: textsFlag('kube-as-group', 'group to act as; can be repeated', {
    env: 'HELM_KUBEASGROUPS',
  }),
  kubeApiServer: textFlag('kube-apiserver', 'address of the API server', {
    env: 'HELM_KUBEAPISERVER',
  }),
  kubeCaFile: textFlag('kube-ca-file', "file with the API server's certificate authority", {
    env: 'HELM_KUBECAFILE',
  }),
  kubeTlsServerName: textFlag(
    'kube-tls-server-name',
    "name the API server's certificate must have, instead of its host's",
    { env: 'HELM_KUBETLS_SERVER_NAME' },
  ),
  isKubeInsecure: switchFlag(
    'kube-insecure-skip-tls-verify',
    "do not check the API server's certificate",
    { env: 'HELM_KUBEINSECURE_SKIP_TLS_VERIFY' },
  ),
};

const NO_COLOURS = 'accepted, without effect: tables have no colours';

/** The flags of every command under `helm`. */
export const SETTINGS_FLAGS: typeof CONNECTION_FLAGS & {
  readonly isDebug: Flag<boolean>;
  readonly registryConfig: Flag<string>;
  readonly repositoryConfig: Flag<string>;
  readonly repositoryCache: Flag<string>;
  readonly burstLimit: Flag<number>;
  readonly qps: Flag<string>;
  readonly profile: Flag<Profile>;
  readonly color: Flag<string>;
  readonly colour: Flag<string>;
  readonly contentCache: Flag<string>;
} = {
  ...CONNECTION_FLAGS,
  isDebug: switchFlag('debug', 'tell more', { env: 'HELM_DEBUG' }),
  registryConfig: textFlag('registry-config', 'file with the logins of registries', {
    env: 'HELM_REGISTRY_CONFIG',
  }),
  repositoryConfig: textFlag('repository-config', 'file with the names and URLs of repositories', {
    env: 'HELM_REPOSITORY_CONFIG',
  }),
  repositoryCache: textFlag('repository-cache', 'folder of cached repository indexes', {
    env: 'HELM_REPOSITORY_CACHE',
  }),
  burstLimit: numberFlag('burst-limit', 'accepted, without effect: requests are not throttled', {
    initial: 100,
    env: 'HELM_BURST_LIMIT',
  }),
  qps: textFlag('qps', 'accepted, without effect: requests are not throttled', {
    value: 'float32',
  }),
  profile: profileFlag(),
  color: textFlag('color', NO_COLOURS),
  colour: textFlag('colour', NO_COLOURS),
  contentCache: textFlag(
    'content-cache',
    'accepted, without effect: charts are kept in the repository cache',
    { env: 'HELM_CONTENT_CACHE' },
  ),
};

export type Settings = FlagValues<typeof SETTINGS_FLAGS>;
type ConnectionFlags = FlagValues<typeof CONNECTION_FLAGS>;

export interface Connection {
  readonly cluster: ConnectedCluster;
  readonly config: KubeConfig;
  readonly namespace: string;
}

/** @throws {KubeError} `kube/config` */
export async function loadConfig(flags: ConnectionFlags, context: CliContext): Promise<KubeConfig> {
  const given = (text: string) => (text === '' ? undefined : text);
  const user = given(flags.kubeAsUser);
  return await loadKubeconfig({
    paths: flags.kubeconfig === '' ? context.kubeconfigPaths : [flags.kubeconfig],
    mustExist: flags.kubeconfig !== '',
    overrides: {
      context: given(flags.kubeContext),
      namespace: given(flags.namespace),
      server: given(flags.kubeApiServer),
      token: given(flags.kubeToken),
      caFile: given(flags.kubeCaFile),
      serverName: given(flags.kubeTlsServerName),
      isInsecure: flags.isKubeInsecure || undefined,
      impersonate: user === undefined ? undefined : { user, groups: flags.kubeAsGroups },
    },
  });
}

/** @throws {KubeError} `kube/config` */
export async function connectBy(flags: ConnectionFlags, context: CliContext): Promise<Connection> {
  const config = await loadConfig(flags, context);
  const cluster = context.connect(config, warningPrinter(context));
  return { config, cluster, namespace: config.namespace };
}

/** What the API server warns of: deprecated versions, unknown fields. Each is told once. */
function warningPrinter({ stderr }: CliContext): (warning: string) => void {
  const told = new Set<string>();
  return (warning) => {
    if (told.has(warning)) return;
    told.add(warning);
    stderr(`Warning: ${warning}\n`);
  };
}

/** The namespace of a command that may do without a cluster. */
export async function namespaceOf(flags: ConnectionFlags, context: CliContext): Promise<string> {
  try {
    return (await loadConfig(flags, context)).namespace;
  } catch {
    return flags.namespace === '' ? 'default' : flags.namespace;
  }
}
