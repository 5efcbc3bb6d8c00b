// SPDX-License-Identifier: Apache-2.0

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configError } from './decode-kubeconfig.ts';
import type { KubeConfig } from './kube-config.ts';

/** Where the kubelet puts the credentials of a pod's service account. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InClusterOptions {
  /** The process environment: `KUBERNETES_SERVICE_HOST`, `KUBERNETES_SERVICE_PORT`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory?: string | undefined;
}

/**
 * The configuration of the pod this process runs in. Token and CA are read again as the kubelet renews them.
 *
 * Source: kubernetes@v1.36.3 client-go/rest/config.go InClusterConfig
 * @throws {KubeError} `kube/config`: this process does not run in a pod with a service account
 */
export async function inClusterConfig(options: InClusterOptions): Promise<KubeConfig> {
  const host = options.env['KUBERNETES_SERVICE_HOST'];
  const port = options.env['KUBERNETES_SERVICE_PORT'];
  const directory = options.directory ?? SERVICE_ACCOUNT_DIRECTORY;
  const tokenFile = join(directory, 'token');
  const token = await readIfThere(tokenFile);
  if (!host || !port || token === undefined) {
    throw configError('this pod', 'there is no service account; outside a cluster set KUBECONFIG');
  }
  return {
    origin: 'this pod',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: (await readIfThere(join(directory, 'namespace'))) || 'default',
    ca: { file: join(directory, 'ca.crt') },
    isInsecure: false,
    isCompressionDisabled: false,
    credential: { kind: 'tokenFile', file: tokenFile },
    mustAvoidLinkLocal: false,
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw configError('this pod', `${path} cannot be read`, error);
  }
}
