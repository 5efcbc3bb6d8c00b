// SPDX-License-Identifier: Apache-2.0

/** What all fetches of a process share, and what each is told. */

import type { ContentCache } from './cache/content-cache.ts';
import { createMemoryCache } from './cache/memory-cache.ts';
import { HostGate, type HostGateOptions } from './hosts/host-gate.ts';
import { type AddressPolicy, DEFAULT_ADDRESS_POLICY } from './http/address-policy.ts';
import { NO_PROXY_SETTINGS, type ProxySettings } from './http/proxy.ts';

/** Shared by all fetches of a process. */
export interface FetchPorts {
  readonly cache: ContentCache;
  readonly addresses: AddressPolicy;
  readonly proxy: ProxySettings;
  /** Fetches per host, and pauses after failures. */
  readonly hosts: HostGate;
  readonly userAgent: string;
  /** No fetch takes longer, whatever its own limit says. */
  readonly timeoutMs: number;
}

/** One fetch under way. */
export interface FetchContext {
  readonly ports: FetchPorts;
  readonly signal?: AbortSignal | undefined;
}

export interface FetchPortsOptions {
  readonly userAgent: string;
  /** Default: 64 MiB in memory. */
  readonly cache?: ContentCache | undefined;
  readonly addresses?: AddressPolicy | undefined;
  readonly proxy?: ProxySettings | undefined;
  readonly hosts?: HostGateOptions | undefined;
  /** Default: each fetch's own limit. */
  readonly timeoutMs?: number | undefined;
}

const MEMORY_CACHE_BYTES = 64 * 1024 * 1024;

export function createFetchPorts(options: FetchPortsOptions): FetchPorts {
  return {
    userAgent: options.userAgent,
    cache: options.cache ?? createMemoryCache(MEMORY_CACHE_BYTES),
    addresses: options.addresses ?? DEFAULT_ADDRESS_POLICY,
    proxy: options.proxy ?? NO_PROXY_SETTINGS,
    hosts: new HostGate(options.hosts),
    timeoutMs: options.timeoutMs ?? Number.POSITIVE_INFINITY,
  };
}
