// SPDX-License-Identifier: Apache-2.0

/** URLs of Git repositories: `https://`, `http://`, `ssh://`, `user@host:path` and `[user@host:port]:path`; no other protocol of git's. */

import { FetchError } from '../errors.ts';
import { maskUrl } from '../mask.ts';

export type GitTransport = 'https' | 'http' | 'ssh';

export interface GitUrl {
  readonly transport: GitTransport;
  /** Without brackets. */
  readonly host: string;
  /** `undefined`: the transport's own. */
  readonly port: number | undefined;
  /** As written in the URL, unescaped; empty for none. */
  readonly username: string;
  readonly password: string;
  /** What git is told: without credentials, but with the user name where it is SSH. */
  readonly href: string;
}

const SCP_LIKE = /^(?:([^@/:[\]]+)@)?(\[[^/[\]]+\]|[^/:@[\]]+):([\s\S]+)$/;
/** What may stand in brackets: a user, a host, an IPv6 address alone, a port. Source: git v2.39 connect.c (get_host_and_port). */
const BRACKETED =
  /^\[(?:([^@:]+)@)?(?:([0-9a-fA-F]*:[0-9a-fA-F:.]*)|([^:]+?)(?::([0-9]{1,5}))?)\]$/;
const TRANSPORTS: ReadonlyMap<string, GitTransport> = new Map([
  ['https:', 'https'],
  ['http:', 'http'],
  ['ssh:', 'ssh'],
  ['git+ssh:', 'ssh'],
]);
/** Nothing in it can mean more to ssh than a name does. */
const HOST = /^(?:[a-zA-Z0-9_][a-zA-Z0-9._-]*|[0-9a-fA-F:.]+)$/;
const MAX_PORT = 65_535;
/** What git or ssh could take for an option or for the end of a line. */
const CONTROL = /[\u0000-\u001f\u007f]/;

/** @throws {FetchError} `fetch/bad-url`, `fetch/unsupported` */
export function parseGitUrl(text: string): GitUrl {
  if (CONTROL.test(text)) throw bad(text, 'it holds control characters');
  return text.includes('://') ? parseUrl(text) : parseScpLike(text);
}

function parseUrl(text: string): GitUrl {
  const url = URL.parse(text);
  if (url === null) throw bad(text, 'not a URL');
  const transport = TRANSPORTS.get(url.protocol);
  if (transport === undefined) throw unsupported(text, url.protocol.slice(0, -1));
  const username = unescaped(url.username);
  const password = unescaped(url.password);
  const port = url.port === '' ? undefined : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!HOST.test(host)) throw bad(text, 'its host is no name and no address');
  checkName(username, 'user', text);
  if (url.pathname === '' || url.pathname === '/') throw bad(text, 'it names no repository');
  const parts = { transport, host, port, username, password };
  if (transport !== 'ssh') {
    url.username = '';
    url.password = '';
    url.hash = '';
    return { ...parts, href: url.href };
  }
  const at = username === '' ? 'git' : username;
  const name = host.includes(':') ? `[${host}]` : host;
  const path = unescaped(url.pathname);
  const href = `ssh://${encodeURIComponent(at)}@${name}${port === undefined ? '' : `:${port}`}${path}`;
  return { ...parts, username: at, password: '', href };
}

function parseScpLike(text: string): GitUrl {
  const [, user, bracketed, path] = SCP_LIKE.exec(text) ?? [];
  if (bracketed === undefined || path === undefined || path.startsWith(':'))
    throw bad(text, 'write https://HOST/PATH, ssh://USER@HOST:PORT/PATH or USER@HOST:PATH');
  const [isBracketed, inner, address, name, digits] = BRACKETED.exec(bracketed) ?? [];
  const host = (isBracketed === undefined ? bracketed : (address ?? name)) ?? '';
  const username = user ?? inner ?? 'git';
  const port = digits === undefined ? undefined : Number(digits);
  if (!HOST.test(host) || (port ?? 1) > MAX_PORT)
    throw bad(text, 'its host is no name and no address');
  checkName(username, 'user', text);
  checkName(path, 'path', text);
  const shown =
    isBracketed === undefined ? host : `[${host}${port === undefined ? '' : `:${port}`}]`;
  const href = `${username}@${shown}:${path}`;
  return { transport: 'ssh', host, port, username, password: '', href };
}

function checkName(name: string, what: string, url: string): void {
  if (name.startsWith('-') || CONTROL.test(name)) throw bad(url, `${what} is no name`);
}

/**
 * The URL of a submodule, which may be relative to its parent's.
 *
 * @throws {FetchError} `fetch/bad-url`
 */
export function resolveGitUrl(parent: GitUrl, url: string): string {
  if (!url.startsWith('./') && !url.startsWith('../')) return url;
  const scp = parent.href.includes('://') ? null : SCP_LIKE.exec(parent.href);
  const base = scp === null ? new URL(parent.href).pathname : (scp[3] ?? '');
  const parts = base.replace(/\/+$/, '').split('/');
  for (const part of url.split('/')) {
    if (part === '..') {
      if (parts.length === 0 || (parts.length === 1 && parts[0] === '')) {
        throw bad(parent.href, `the submodule's ${url} lies above the host`);
      }
      parts.pop();
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  const path = parts.join('/');
  if (scp !== null) return `${parent.href.slice(0, parent.href.length - base.length)}${path}`;
  const resolved = new URL(parent.href);
  resolved.pathname = path;
  return resolved.href;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function bad(url: string, reason: string): FetchError {
  return new FetchError('fetch/bad-url', url, reason);
}

function unsupported(url: string, protocol: string): FetchError {
  return new FetchError('fetch/unsupported', url, `git over ${protocol} is not used`, {
    step: 'url',
    mend: `use https or ssh instead of ${maskUrl(url)}`,
  });
}
