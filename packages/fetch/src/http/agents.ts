// SPDX-License-Identifier: Apache-2.0

/** Connections kept for later fetches: one pool for each way to trust, to be trusted and to get there. */

import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { TlsOptions } from '../credentials.ts';
import { type AddressPolicy, guardedLookup } from './address-policy.ts';

/** Pools kept at the same time. */
const MAX_AGENTS = 64;
const CONNECT_LIMIT_MS = 30_000;

/** How to get to a host. */
export interface Route {
  readonly tls: TlsOptions;
  readonly addresses: AddressPolicy;
  /** URL of a proxy. */
  readonly proxy: string | undefined;
}

/** The least recently used first. */
const agents = new Map<string, Dispatcher>();

/** The pool for a route; the one not used for longest is closed when there are too many. */
export function agentOf(route: Route): Dispatcher {
  const key = keyOf(route);
  const agent = agents.get(key) ?? createAgent(route);
  agents.delete(key);
  agents.set(key, agent);
  for (const [oldest, unused] of agents) {
    if (agents.size <= MAX_AGENTS) break;
    agents.delete(oldest);
    // Fetches under way are let finish. A failure to close has nobody to be told to.
    unused.close().catch(() => undefined);
  }
  return agent;
}

/** Key material is not kept as the key of a map. */
function keyOf({ tls, addresses, proxy }: Route): string {
  const { ca, cert, key, isInsecure } = tls;
  const parts = [ca, cert, key, isInsecure === true, numberOf(addresses), proxy];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

const policies = new WeakMap<AddressPolicy, number>();
let lastPolicy = 0;

function numberOf(policy: AddressPolicy): number {
  const known = policies.get(policy) ?? ++lastPolicy;
  policies.set(policy, known);
  return known;
}

function createAgent({ tls, addresses, proxy }: Route): Dispatcher {
  const { ca, cert, key, isInsecure } = tls;
  const secure = {
    timeout: CONNECT_LIMIT_MS,
    rejectUnauthorized: isInsecure !== true,
    minVersion: 'TLSv1.2' as const,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
  // The limits of a whole fetch stand above those of its parts.
  const limits = { headersTimeout: 0, bodyTimeout: 0 };
  if (proxy === undefined) {
    return new Agent({ ...limits, connect: { ...secure, lookup: guardedLookup(addresses) } });
  }
  // The proxy looks up the name; it is of the one who runs this process, as is what it lets through.
  // The name is always left to the proxy, which is what the `h` asks for.
  const uri = proxy.replace(/^socks5h:/, 'socks5:');
  return new ProxyAgent({ ...limits, uri, requestTls: secure, ...proxyToken(proxy) });
}

function proxyToken(proxy: string): { token?: string } {
  const { username, password } = new URL(proxy);
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { token: `Basic ${Buffer.from(pair).toString('base64')}` };
}
