// SPDX-License-Identifier: Apache-2.0

/** What a chart's source asks for: from the Secret of the HelmRelease, else from the repositories that were imported. */

import type { ChartReference, SecretReference } from '@helm-operator/api';
import type { Credentials } from '@helm-operator/fetch';
import type { Value, ValueMap } from '@helm-operator/gocompat';
import {
  credentialsOfEntry,
  entryForUrl,
  loadRepositoriesFile,
  type RepositoryEntry,
} from '@helm-operator/helm';
import type { Cluster } from '@helm-operator/kube';

/** A Secret that is missing or holds nothing that could be used. Its content is never shown. */
export class ChartSecretError extends Error {
  override readonly name: string = 'ChartSecretError';
  readonly code = 'operator/chart-secret';
  readonly retry = 'waiting';
}

export interface CredentialPorts {
  readonly cluster: Pick<Cluster, 'get'>;
  /** Paths of repositories files (`repositories.yaml` of Helm), read anew each time: they may be mounted Secrets. */
  readonly repositoryFiles: readonly string[];
}

/**
 * @throws {ChartSecretError} `operator/chart-secret`
 * @throws {SourceError} `source/bad-reference`: a repositories file cannot be read
 * @throws {KubeError} the API server
 */
export async function chartCredentials(
  reference: ChartReference,
  { cluster, repositoryFiles }: CredentialPorts,
  signal: AbortSignal,
): Promise<Credentials> {
  if (reference.kind !== 'helm-repository') return {};
  if (reference.secret !== undefined) {
    const { namespace, name } = reference.secret;
    const object = await cluster.get(
      { apiVersion: 'v1', kind: 'Secret', namespace, name },
      { signal },
    );
    return credentialsOfSecret(object, reference.secret);
  }
  const entries: RepositoryEntry[] = [];
  for (const path of repositoryFiles)
    entries.push(...((await loadRepositoriesFile(path))?.repositories ?? []));
  const entry = entryForUrl(entries, reference.url);
  return entry === undefined ? {} : (await credentialsOfEntry(entry)).credentials;
}

/** Keys as Flux knows them: `username`, `password`, `bearerToken`, `.dockerconfigjson`, and PEM in `ca.crt`, `tls.crt`, `tls.key` or their older names. */
function credentialsOfSecret(
  object: ValueMap | undefined,
  { namespace, name }: SecretReference,
): Credentials {
  const what = `Secret ${namespace}/${name} of spec.chart.chartPullSecret`;
  if (object === undefined) throw new ChartSecretError(`${what} does not exist: create it`);
  const data: Value = object.get('data') ?? null;
  const text = (...keys: readonly string[]): string | undefined => {
    for (const key of keys) {
      const held = data instanceof Map ? data.get(key) : undefined;
      if (typeof held === 'string') return Buffer.from(held, 'base64').toString('utf8');
    }
    return undefined;
  };
  const username = text('username');
  const password = text('password');
  const bearerToken = text('bearerToken');
  const dockerConfig = text('.dockerconfigjson', '.dockercfg');
  const tls = {
    ca: text('ca.crt', 'caFile'),
    cert: text('tls.crt', 'certFile'),
    key: text('tls.key', 'keyFile'),
  };
  if ((username === undefined) !== (password === undefined))
    throw new ChartSecretError(`${what} needs both username and password: add the other one`);
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new ChartSecretError(`${what} needs both tls.crt and tls.key: add the other one`);
  const hasTls = Object.values(tls).some((part) => part !== undefined);
  if ([username, bearerToken, dockerConfig].every((one) => one === undefined) && !hasTls)
    throw new ChartSecretError(
      `${what} holds nothing that is known: it needs username and password, bearerToken, .dockerconfigjson, ca.crt, or tls.crt and tls.key`,
    );
  return {
    basic: username === undefined || password === undefined ? undefined : { username, password },
    bearerToken,
    dockerConfig,
    tls: hasTls ? tls : undefined,
  };
}
