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

/** A Secret that is missing, holds nothing that could be used, or is refused. Its content is never shown. */
export class ChartSecretError extends Error {
  override readonly name: string = 'ChartSecretError';
  readonly code = 'operator/chart-secret';
  readonly retry: 'waiting' | 'terminal';
  /** What a person can do, where the message does not end with it. */
  readonly mend: string | undefined;

  constructor(
    message: string,
    details: {
      readonly retry?: 'terminal' | undefined;
      readonly mend?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.retry = details.retry ?? 'waiting';
    this.mend = details.mend;
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['fetch/unauthorized', 'fetch/forbidden']);

/** An error of a fetch; one that says that the Secret of the chart is refused names that Secret. */
export function namingSecret(
  error: unknown,
  reference: Extract<ChartReference, { kind: 'helm-repository' | 'git' }>,
): unknown {
  const { secret, kind } = reference;
  if (secret === undefined || !(error instanceof Error)) return error;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (!('code' in at) || !REFUSALS.has(String(at.code))) continue;
    const field = kind === 'git' ? 'secretRef' : 'chartPullSecret';
    const place = `Secret ${secret.namespace}/${secret.name}`;
    return new ChartSecretError(`${place} of spec.chart.${field} is refused: ${error.message}`, {
      // Asked too often with a wrong password, hosts lock accounts; a change of the Secret is noticed at once.
      ...{ retry: 'terminal', cause: error },
      mend: `correct what ${place} holds; it is noticed at once`,
    });
  }
  return error;
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
  reference: Extract<ChartReference, { kind: 'helm-repository' }>,
  { cluster, repositoryFiles }: CredentialPorts,
  signal: AbortSignal,
): Promise<Credentials> {
  if (reference.secret !== undefined)
    return (await readChartSecret(reference.secret, 'chartPullSecret', cluster, signal)).basic();
  const entries: RepositoryEntry[] = [];
  for (const path of repositoryFiles)
    entries.push(...((await loadRepositoriesFile(path))?.repositories ?? []));
  const entry = entryForUrl(entries, reference.url);
  return entry === undefined ? {} : (await credentialsOfEntry(entry)).credentials;
}

/** What a Secret holds, read the way one kind of source needs it. */
export interface ChartSecret {
  /** The text of the first key that is there. */
  text(...keys: readonly string[]): string | undefined;
  /** User name and password, token, certificates. @throws {ChartSecretError} there is none, or half of a pair */
  basic(): Credentials;
  /** To be thrown. */
  wrong(reason: string): ChartSecretError;
}

/** @param field of `spec.chart`, for messages @throws {ChartSecretError} there is no such Secret @throws {KubeError} */
export async function readChartSecret(
  { namespace, name }: SecretReference,
  field: string,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<ChartSecret> {
  const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name };
  const object: ValueMap | undefined = await cluster.get(ref, { signal });
  const wrong = (reason: string) =>
    new ChartSecretError(`Secret ${namespace}/${name} of spec.chart.${field} ${reason}`);
  if (object === undefined) throw wrong('does not exist: create it');
  const data: Value = object.get('data') ?? null;
  const text = (...keys: readonly string[]): string | undefined => {
    for (const key of keys) {
      const held = data instanceof Map ? data.get(key) : undefined;
      if (typeof held === 'string') return Buffer.from(held, 'base64').toString('utf8');
    }
    return undefined;
  };
  return { text, wrong, basic: () => basicCredentials(text, wrong) };
}

/** Keys as Flux knows them: `username`, `password`, `bearerToken`, `.dockerconfigjson`, and PEM in `ca.crt`, `tls.crt`, `tls.key` or their older names. */
function basicCredentials(text: ChartSecret['text'], wrong: ChartSecret['wrong']): Credentials {
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
    throw wrong('needs both username and password: add the other one');
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw wrong('needs both tls.crt and tls.key: add the other one');
  const hasTls = Object.values(tls).some((part) => part !== undefined);
  if ([username, bearerToken, dockerConfig].every((one) => one === undefined) && !hasTls)
    throw wrong(
      'holds nothing that is known: it needs username and password, bearerToken, .dockerconfigjson, ca.crt, or tls.crt and tls.key',
    );
  return {
    basic: username === undefined || password === undefined ? undefined : { username, password },
    bearerToken,
    dockerConfig,
    tls: hasTls ? tls : undefined,
  };
}
