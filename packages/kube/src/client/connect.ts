// SPDX-License-Identifier: Apache-2.0

import { type Clock, systemClock } from '../clock.ts';
import type { Cluster } from '../cluster.ts';
import { credentialSource } from '../config/credentials.ts';
import type { KubeConfig } from '../config/kube-config.ts';
import { proxyFromEnv } from '../config/proxy-from-env.ts';
import { discover } from '../discovery/discover.ts';
import { DiscoveryCache } from '../discovery/discovery-cache.ts';
import { resourceTable } from '../discovery/resource-table.ts';
import { ClusterClient } from './cluster-client.ts';
import { decodeJsonObject } from './decode-objects.ts';
import { Requester } from './requester.ts';
import { type Http2Tuning, serverTransport } from './server-transport.ts';
import type { TransportStats } from './transport.ts';

export interface ConnectOptions {
  /** Version of this product, for the user agent; default `dev`. */
  readonly version?: string | undefined;
  /** Added to the user agent after a blank. */
  readonly userAgentSuffix?: string | undefined;
  /** The process environment: proxies, and what `exec` programs inherit; default empty. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly clock?: Clock | undefined;
  /** In [0, 1). */
  readonly random?: (() => number) | undefined;
  /** A watch failed and will be tried again. */
  readonly onTrouble?: ((error: Error, doing: string) => void) | undefined;
  /** The API server warned, e.g. of a deprecated version. */
  readonly onWarning?: ((warning: string, doing: string) => void) | undefined;
  readonly http2?: Http2Tuning | undefined;
}

/** A cluster and the connections to it. */
export interface ConnectedCluster extends Cluster {
  /** Ends all connections, those of other identities made by `as` included. */
  close(): void;
  stats(): TransportStats;
}

/** Opens nothing yet: the first call connects. Idle connections keep no process alive. */
export function connect(config: KubeConfig, options: ConnectOptions = {}): ConnectedCluster {
  const { clock = systemClock, random = Math.random, env = {} } = options;
  const credentials = credentialSource(config, clock, env);
  const proxyUrl = config.proxyUrl ?? proxyFromEnv(env, new URL(config.server));
  const transport = serverTransport({ config, credentials, proxyUrl }, options.http2);
  const suffix = options.userAgentSuffix ? ` ${options.userAgentSuffix}` : '';
  const requester = new Requester({
    server: config.server,
    transport,
    credentials,
    hasCertificateFile:
      config.clientCertificate !== undefined && 'file' in config.clientCertificate,
    clock,
    random,
    userAgent: `helm-operator/${options.version ?? 'dev'}${suffix}`,
    isCompressionDisabled: config.isCompressionDisabled,
    onWarning: options.onWarning,
  });
  const basePath = new URL(config.server).pathname.replace(/\/$/, '');
  const discovery = new DiscoveryCache(async (call) => {
    const rows = await discover(async (path, accept, { signal, timeoutMs }) => {
      const doing = `discover ${path}`;
      const answer = await requester.call({
        ...{ doing, method: 'GET', path: `${basePath}${path}`, identity: config.impersonate },
        ...{ accept, signal, timeoutMs, mayCompress: true },
      });
      return decodeJsonObject(answer.body, doing);
    }, call);
    return resourceTable(rows);
  }, clock);
  const client = new ClusterClient({
    requester,
    discovery,
    basePath,
    identity: config.impersonate,
    streaming: { isRefused: false },
    versions: new WeakMap(),
    onTrouble: options.onTrouble,
  });
  return Object.assign(client, {
    close: () => transport.close(),
    stats: () => transport.stats(),
  });
}
