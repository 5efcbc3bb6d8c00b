// SPDX-License-Identifier: Apache-2.0

/** Formats of URIs. Source: santhosh-tekuri/jsonschema v6.0.3 format.go, Go 1.26 net/url Parse */

import { quote } from '../strconv/quote.ts';
import { ipv6Problem, parseAddressProblem } from './format-host.ts';

interface Url {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
}

export function uriProblem(text: string): string {
  const url = parseUrl(text);
  if (typeof url === 'string') return url;
  return url.scheme === '' ? 'relative url' : '';
}

export function uriReferenceProblem(text: string): string {
  if (text.includes('\\')) return 'contains \\';
  const url = parseUrl(text);
  return typeof url === 'string' ? url : '';
}

export function uriTemplateProblem(text: string): string {
  const url = parseUrl(text);
  if (typeof url === 'string') return url;
  // Go keeps the raw path only where it differs from how it would write it.
  if (encodeURI(url.path) === url.path) return '';
  for (const token of url.path.split('/')) {
    let isOpen = false;
    for (const brace of token.replaceAll(/[^{}]/g, '')) {
      if ((brace === '{') === isOpen) return 'nested curly braces';
      isOpen = !isOpen;
    }
    if (isOpen) return 'no matching closing brace';
  }
  return '';
}

/** Reads a URL as net/url does, as far as it finds problems. */
function parseUrl(text: string): Url | string {
  const problem = (reason: string): string => `parse ${quote(text)}: ${reason}`;
  if (/[\0-\x1f\x7f]/.test(text)) return problem('net/url: invalid control character in URL');
  const [withoutFragment, fragment = ''] = cut(text, '#');
  const badFragment = escapeProblem(fragment);
  if (badFragment !== '') return problem(badFragment);
  const whole = (reason: string): string => `parse ${quote(withoutFragment)}: ${reason}`;
  if (withoutFragment === '*') return { scheme: '', host: '', path: '*' };
  if (withoutFragment.startsWith(':')) return whole('missing protocol scheme');
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*(?=:)/.exec(withoutFragment)?.[0] ?? '';
  const rest = scheme === '' ? withoutFragment : withoutFragment.slice(scheme.length + 1);
  const [path] = cut(rest, '?');
  if (!path.startsWith('/')) {
    if (scheme !== '') return { scheme, host: '', path: '' };
    const [first] = cut(path, '/');
    if (first.includes(':')) return whole('first path segment in URL cannot contain colon');
  }
  const authority = /^\/\/([^/]*)/.exec(path)?.[1];
  const isAuthority = authority !== undefined && (scheme !== '' || !path.startsWith('///'));
  const host = isAuthority ? authority : '';
  const badHost = isAuthority ? authorityProblem(scheme.toLowerCase(), host) : '';
  if (badHost.startsWith('!')) return badHost.slice(1);
  if (badHost !== '') return whole(badHost);
  const local = isAuthority ? path.slice(2 + host.length) : path;
  const badPath = escapeProblem(local);
  return badPath === '' ? { scheme, host, path: local } : whole(badPath);
}

function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function escapeProblem(text: string): string {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text)?.[0];
  return bad === undefined ? '' : `invalid URL escape ${quote(bad)}`;
}

/** Problems of its own, not of the URL as a whole, start with `!`. */
function authorityProblem(scheme: string, authority: string): string {
  const at = authority.lastIndexOf('@');
  const userinfo = at < 0 ? '' : authority.slice(0, at);
  const host = authority.slice(at + 1);
  const problem = hostProblem(scheme, host);
  if (problem !== '') return problem;
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) return 'net/url: invalid userinfo';
  const bad = escapeProblem(userinfo);
  if (bad !== '') return bad;
  const bracketed = /^\[([^\]]*)\]/.exec(host)?.[1];
  const name = bracketed ?? host.replace(/:[0-9]*$/, '');
  if (!name.includes(':')) return '';
  if (bracketed === undefined) return '!ipv6 address not enclosed in brackets';
  const address = ipv6Problem(name);
  return address === '' ? '' : `!invalid ipv6 address: ${address}`;
}

function hostProblem(scheme: string, host: string): string {
  const open = host.lastIndexOf('[');
  if (open > 0) return 'invalid IP-literal';
  if (open === 0) return literalProblem(host);
  const first = host.indexOf(':');
  const last = host.lastIndexOf(':');
  const colon = scheme === 'http' || scheme === 'https' ? first : last;
  const badPort = colon < 0 ? '' : portProblem(host.slice(colon));
  if (badPort !== '') return badPort;
  return hostTextProblem(host);
}

function hostTextProblem(text: string): string {
  const badEscape = escapeProblem(text);
  if (badEscape !== '') return badEscape;
  const bad = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.exec(text)?.[0];
  return bad === undefined ? '' : `invalid character ${quote(bad)} in host name`;
}

/** A host in brackets, which must be an IPv6 address. */
function literalProblem(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) return "missing ']' in host";
  const badPort = portProblem(host.slice(close + 1));
  if (badPort !== '') return badPort;
  const name = host.slice(1, close);
  const badText = hostTextProblem(name);
  if (badText !== '') return badText;
  const address = name.replace('%25', '%');
  const problem = parseAddressProblem(address);
  if (problem !== '') return `invalid host: ${problem}`;
  return address.includes(':') ? '' : 'invalid IP-literal';
}

function portProblem(text: string): string {
  return text === '' || /^:[0-9]*$/.test(text) ? '' : `invalid port ${quote(text)} after host`;
}
