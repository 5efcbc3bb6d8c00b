// SPDX-License-Identifier: Apache-2.0

/** Which proxy a URL goes through. Source: golang.org/x/net v0.44 http/httpproxy (proxy.go), as Go's net/http uses it. */

import { BlockList, isIP } from 'node:net';

export interface ProxySettings {
  /** For `http:` URLs. */
  readonly http?: string | undefined;
  /** For `https:` URLs. */
  readonly https?: string | undefined;
  /** Comma-separated hosts, domains, addresses and networks that are reached directly; `*` is all. */
  readonly none?: string | undefined;
}

export const NO_PROXY_SETTINGS: ProxySettings = {};

/** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in capitals or not. */
export function proxySettingsOf(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  const of = (name: string) => env[name] || env[name.toLowerCase()] || undefined;
  return { http: of('HTTP_PROXY'), https: of('HTTPS_PROXY'), none: of('NO_PROXY') };
}

/** The proxy of a URL, or `undefined`: the host is reached directly. Loopback always is. */
export function proxyFor(url: URL, settings: ProxySettings): string | undefined {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http;
  if (proxy === undefined || isDirect(url, settings.none ?? '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isDirect(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || isLoopback(host)) return true;
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, host, port));
}

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const network = /^(.+)\/([0-9]{1,3})$/.exec(entry);
  if (network !== null) return isInNetwork(host, network[1] ?? '', Number(network[2]));
  const [, name = entry, wantedPort] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]+))?$/.exec(entry) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return host === bare;
  const domain = bare.replace(/^\*\./, '.');
  if (domain.startsWith('.')) return host.endsWith(domain);
  return host === domain || host.endsWith(`.${domain}`);
}

function isInNetwork(host: string, address: string, bits: number): boolean {
  const family = isIP(host);
  if (family === 0 || family !== isIP(address) || bits > (family === 4 ? 32 : 128)) return false;
  const name = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, bits, name);
  return list.check(host, name);
}
