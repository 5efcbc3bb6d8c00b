// SPDX-License-Identifier: Apache-2.0

/** A registry client for one source: its credentials, its trust, the process's ports. */

import type { Credentials } from '../credentials.ts';
import { FetchError } from '../errors.ts';
import type { FetchPorts } from '../ports.ts';
import {
  ANONYMOUS,
  type CredentialSource,
  dockerCredentials,
  type RegistryCredential,
} from './docker-config.ts';
import { apiHost } from './reference.ts';
import { RegistryClient } from './registry-client.ts';
import { undiciTransport } from './undici-transport.ts';

/** Time for one request to a registry. Helm waits two minutes for a chart. */
const REQUEST_TIMEOUT_MS = 120_000;

export interface OpenRegistryOptions {
  /** Name and port, as in the reference. */
  readonly registry: string;
  readonly credentials: Credentials;
  readonly ports: FetchPorts;
  readonly timeoutMs?: number | undefined;
  /** Logs in where `credentials` say nothing of the registry: the provider's own way. */
  readonly login?: CredentialSource | undefined;
  /** Milliseconds since the epoch. Default: the clock of this machine. */
  readonly nowMs?: (() => number) | undefined;
}

/** @throws {FetchError} `fetch/bad-credentials`, `fetch/unsupported` */
export function openRegistry(options: OpenRegistryOptions): RegistryClient {
  const { registry, credentials, ports } = options;
  if (credentials.ssh !== undefined) {
    throw new FetchError('fetch/unsupported', `oci://${registry}`, 'registries know no SSH keys');
  }
  return new RegistryClient({
    transport: undiciTransport({
      ports,
      tls: credentials.tls ?? {},
      ownHost: apiHost(registry),
      timeoutMs: Math.min(options.timeoutMs ?? REQUEST_TIMEOUT_MS, ports.timeoutMs),
    }),
    credentials: credentialsOf(options),
    isPlainHttp: credentials.isPlainHttp === true,
    userAgent: ports.userAgent,
    nowMs: options.nowMs ?? Date.now,
  });
}

/** What is given for the source itself comes before what a file holds for many registries. */
function credentialsOf(options: OpenRegistryOptions): CredentialSource {
  const { registry, credentials, login = ANONYMOUS } = options;
  const own = ownCredential(credentials);
  const file =
    credentials.dockerConfig === undefined
      ? ANONYMOUS
      : dockerCredentials(credentials.dockerConfig, 'the Docker config');
  return async (host, signal) => {
    if (own !== undefined) return host === registry ? own : undefined;
    return (await file(host, signal)) ?? (await login(host, signal));
  };
}

function ownCredential({ basic, bearerToken }: Credentials): RegistryCredential | undefined {
  if (bearerToken !== undefined) return { kind: 'access-token', token: bearerToken };
  if (basic === undefined) return undefined;
  return { kind: 'basic', username: basic.username, password: basic.password };
}
