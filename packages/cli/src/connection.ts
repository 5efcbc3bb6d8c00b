// SPDX-License-Identifier: Apache-2.0

/** The flags that say which cluster and namespace, as Helm has them. */

import { type Cluster, type KubeConfig, loadKubeconfig } from '@helm-operator/kube';
import { type Command, Option } from 'commander';
import type { CliContext } from './context.ts';

interface ConnectionFlags {
  readonly kubeconfig?: string;
  readonly kubeContext?: string;
  readonly namespace?: string;
  readonly kubeApiserver?: string;
  readonly kubeToken?: string;
  readonly kubeCaFile?: string;
  readonly kubeTlsServerName?: string;
  readonly kubeInsecureSkipTlsVerify?: boolean;
  readonly kubeAsUser?: string;
  readonly kubeAsGroup?: readonly string[];
}

export interface Connection {
  readonly cluster: Cluster;
  readonly config: KubeConfig;
  readonly namespace: string;
}

export function addConnectionFlags(command: Command): Command {
  return command
    .option('-n, --namespace <string>', 'namespace scope for this request')
    .option('--kubeconfig <string>', 'path to the kubeconfig file')
    .option('--kube-context <string>', 'name of the kubeconfig context to use')
    .option('--kube-apiserver <string>', 'address of the API server')
    .option('--kube-token <string>', 'bearer token used for authentication')
    .option('--kube-ca-file <string>', 'certificate authority file of the API server')
    .option('--kube-tls-server-name <string>', 'server name of the API server certificate')
    .option('--kube-insecure-skip-tls-verify', 'do not check the API server certificate')
    .option('--kube-as-user <string>', 'user to act as')
    .addOption(new Option('--kube-as-group <string...>', 'groups to act as'));
}

/** @throws {KubeError} `kube/config` */
export async function connectBy(flags: ConnectionFlags, context: CliContext): Promise<Connection> {
  const env = (name: string) => context.env.get(name);
  const file = flags.kubeconfig ?? '';
  const user = flags.kubeAsUser ?? env('HELM_KUBEASUSER');
  const config = await loadKubeconfig({
    paths: file === '' ? context.kubeconfigPaths : [file],
    mustExist: file !== '',
    overrides: {
      context: flags.kubeContext ?? env('HELM_KUBECONTEXT'),
      namespace: flags.namespace ?? env('HELM_NAMESPACE'),
      server: flags.kubeApiserver ?? env('HELM_KUBEAPISERVER'),
      token: flags.kubeToken ?? env('HELM_KUBETOKEN'),
      caFile: flags.kubeCaFile ?? env('HELM_KUBECAFILE'),
      serverName: flags.kubeTlsServerName ?? env('HELM_KUBETLS_SERVER_NAME'),
      isInsecure: flags.kubeInsecureSkipTlsVerify,
      impersonate: user === undefined ? undefined : { user, groups: flags.kubeAsGroup },
    },
  });
  return { config, cluster: context.connect(config), namespace: config.namespace };
}
