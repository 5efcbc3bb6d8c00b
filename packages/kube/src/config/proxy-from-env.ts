// SPDX-License-Identifier: Apache-2.0

import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name for a server; `undefined` for a direct connection.
 *
 * Source: golang.org/x/net/http/httpproxy (rules of NO_PROXY)
 */
export function proxyFromEnv(env: Environment, server: URL): string | undefined {
  const read = (name: string) => env[name] || env[name.toLowerCase()] || undefined;
  const proxy = read(server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (proxy === undefined || isLoopback(server.hostname)) return undefined;
  const rules = (read('NO_PROXY') ?? '').split(',').map((rule) => rule.trim().toLowerCase());
  if (rules.some((rule) => rule !== '' && isExempt(rule, server))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isExempt(rule: string, server: URL): boolean {
  if (rule === '*') return true;
  const host = bareHost(server.hostname);
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  const withPort = /^(.*[^:]):(\d+)$/.exec(rule);
  if (withPort?.[1] !== undefined && isIP(rule) === 0) {
    return withPort[2] === port && isExempt(withPort[1], server);
  }
  const [network, bits] = rule.split('/');
  if (bits !== undefined && network !== undefined) return isInside(host, network, Number(bits));
  if (isIP(host) !== 0) return bareHost(rule) === host;
  const suffix = rule.replace(/^\*(?=\.)/, '');
  if (suffix.startsWith('.')) return host.endsWith(suffix);
  return host === suffix || host.endsWith(`.${suffix}`);
}

function isInside(host: string, network: string, bits: number): boolean {
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version || !Number.isInteger(bits)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (bits < 0 || bits > (version === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}

function isLoopback(hostname: string): boolean {
  const host = bareHost(hostname);
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
