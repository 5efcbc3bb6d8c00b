// SPDX-License-Identifier: Apache-2.0

/** URLs as Go reads and writes them. Source: Go 1.26 net/url */

import { quote } from '@helm-operator/gocompat';
import { fromBinary, toBinary } from './bytes.ts';
import { FunctionError } from './errors.ts';
import { type IpAddress, parseAddress } from './go-ip.ts';
import { toLower } from './go-strings.ts';

/** User and, where given, password; both unescaped. */
export interface UserInfo {
  readonly name: string;
  readonly password?: string | undefined;
}

/** The parts of a URL templates see. */
export interface GoUrl {
  readonly scheme: string;
  readonly opaque: string;
  readonly user?: UserInfo | undefined;
  readonly host: string;
  readonly path: string;
  readonly rawQuery: string;
  readonly fragment: string;
}

/** Where a text stands in a URL decides what must be escaped. */
type Place = 'path' | 'user' | 'host' | 'zone' | 'fragment';

const SAFE: Readonly<Record<Place, RegExp>> = {
  path: /[\w.~$&+,/:;=@-]/,
  user: /[\w.~$&+,;=-]/,
  host: /[\w.~!$&'()*+,;=:[\]<>"-]/,
  zone: /[\w.~!$&'()*+,;=:[\]<>"-]/,
  fragment: /[\w.~$&+,/:;=?@!()*-]/,
};

const CONTROL = /[\0-\x1f\x7f]/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const USER_INFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const PORT = /^(?::[0-9]*)?$/;
const HEX_PAIR = /^[0-9A-Fa-f]{2}$/;

function percentEncode(text: string, place: Place): string {
  return Array.from(toBinary(text), (char) => {
    if (SAFE[place].test(char)) return char;
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function checkEscape(triple: string, place: Place): void {
  const digits = triple.slice(1);
  if (!HEX_PAIR.test(digits))
    throw new FunctionError(`invalid URL escape ${quote(fromBinary(triple))}`);
  const byte = Number.parseInt(digits, 16);
  const isPlainInHost = place === 'host' && byte < 0x80 && triple !== '%25';
  const char = String.fromCharCode(byte);
  const isBadInZone = place === 'zone' && triple !== '%25' && char !== ' ' && !SAFE.host.test(char);
  if (isPlainInHost || isBadInZone)
    throw new FunctionError(`invalid URL escape ${quote(fromBinary(triple))}`);
}

function percentDecode(text: string, place: Place): string {
  const bytes = toBinary(text);
  let made = '';
  for (let i = 0; i < bytes.length; i++) {
    const char = bytes[i] ?? '';
    if (char === '%') {
      const triple = bytes.slice(i, i + 3);
      checkEscape(triple, place);
      made += String.fromCharCode(Number.parseInt(triple.slice(1), 16));
      i += 2;
      continue;
    }
    const isHost = place === 'host' || place === 'zone';
    if (isHost && char < '\x80' && !SAFE[place].test(char)) {
      throw new FunctionError(`invalid character ${quote(char)} in host name`);
    }
    made += char;
  }
  return fromBinary(made);
}

/** Text before and after the first `separator`; all before where there is none. */
function cut(text: string, separator: string): readonly [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function checkPort(port: string): void {
  if (!PORT.test(port)) throw new FunctionError(`invalid port ${quote(port)} after host`);
}

function bracketedAddress(text: string): IpAddress {
  try {
    return parseAddress(text);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw new FunctionError(`invalid host: ${error.message}`, { cause: error });
  }
}

function parseBracketed(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new FunctionError("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const name = host.slice(1, close);
  const zoneAt = name.indexOf('%25');
  const plain =
    zoneAt < 0
      ? percentDecode(name, 'host')
      : percentDecode(name.slice(0, zoneAt), 'host') + percentDecode(name.slice(zoneAt), 'zone');
  if (bracketedAddress(plain).bytes.length === 4) throw new FunctionError('invalid IP-literal');
  return `[${plain}]${percentDecode(port, 'host')}`;
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new FunctionError('invalid IP-literal');
  if (bracket === 0) return parseBracketed(host);
  const isStrict = scheme === 'http' || scheme === 'https';
  const colon = isStrict ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  return percentDecode(host, 'host');
}

function parseUser(info: string): UserInfo {
  if (!USER_INFO.test(info)) throw new FunctionError('net/url: invalid userinfo');
  const [name, password] = cut(info, ':');
  if (!info.includes(':')) return { name: percentDecode(name, 'user') };
  return { name: percentDecode(name, 'user'), password: percentDecode(password, 'user') };
}

interface Authority {
  readonly host: string;
  readonly user?: UserInfo | undefined;
}

function parseAuthority(scheme: string, authority: string): Authority {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  return at < 0 ? { host } : { host, user: parseUser(authority.slice(0, at)) };
}

const EMPTY: Omit<GoUrl, 'fragment'> = { scheme: '', opaque: '', host: '', path: '', rawQuery: '' };

function parseWithoutFragment(text: string): Omit<GoUrl, 'fragment'> {
  if (CONTROL.test(text)) throw new FunctionError('net/url: invalid control character in URL');
  if (text === '*') return { ...EMPTY, path: '*' };
  if (text.startsWith(':')) throw new FunctionError('missing protocol scheme');
  const written = SCHEME.exec(text)?.[0] ?? '';
  const scheme = toLower(written.slice(0, -1));
  const [rest, rawQuery] = cut(text.slice(written.length), '?');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...EMPTY, scheme, opaque: rest, rawQuery };
    if (cut(rest, '/')[0].includes(':')) {
      throw new FunctionError('first path segment in URL cannot contain colon');
    }
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  if (!hasAuthority) return { ...EMPTY, scheme, rawQuery, path: percentDecode(rest, 'path') };
  const slash = rest.indexOf('/', 2);
  const end = slash < 0 ? rest.length : slash;
  const authority = parseAuthority(scheme, rest.slice(2, end));
  return { ...EMPTY, scheme, rawQuery, ...authority, path: percentDecode(rest.slice(end), 'path') };
}

function parsePart<T>(url: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw new FunctionError(`parse ${quote(url)}: ${error.message}`, { cause: error });
  }
}

/**
 * `url.Parse`
 *
 * @throws {FunctionError} `parse "URL": …`
 */
export function parseUrl(text: string): GoUrl {
  const [before, fragment] = cut(text, '#');
  const url = parsePart(before, () => parseWithoutFragment(before));
  return { ...url, fragment: parsePart(text, () => percentDecode(fragment, 'fragment')) };
}

/**
 * `url.ParseRequestURI`: a URL without a fragment, absolute or with a rooted path.
 *
 * @throws {FunctionError} `parse "URL": …`
 */
export function parseRequestUri(text: string): GoUrl {
  const url = parsePart(text, () => {
    if (text === '') throw new FunctionError('empty url');
    const parsed = parseWithoutFragment(text);
    const isRooted = parsed.scheme !== '' || text.startsWith('/') || text === '*';
    if (!isRooted) throw new FunctionError('invalid URI for request');
    return parsed;
  });
  return { ...url, fragment: '' };
}

/** `URL.Hostname` */
export function hostname(host: string): string {
  const colon = host.lastIndexOf(':');
  const name = colon >= 0 && PORT.test(host.slice(colon)) ? host.slice(0, colon) : host;
  return name.startsWith('[') && name.endsWith(']') && name.length > 1 ? name.slice(1, -1) : name;
}

/** `Userinfo.String` */
export function formatUser({ name, password }: UserInfo): string {
  const user = percentEncode(name, 'user');
  return password === undefined ? user : `${user}:${percentEncode(password, 'user')}`;
}

function formatAuthority({ scheme, host, user, path }: GoUrl): string {
  if (scheme === '' && host === '' && user === undefined) return '';
  const slashes = host !== '' || path !== '' || user !== undefined ? '//' : '';
  const login = user === undefined ? '' : `${formatUser(user)}@`;
  return slashes + login + percentEncode(host, 'host');
}

function formatHierarchy(url: GoUrl, before: string): string {
  const start = before + formatAuthority(url);
  const path = url.path === '*' ? '*' : percentEncode(url.path, 'path');
  const slash = path !== '' && !path.startsWith('/') && url.host !== '' ? '/' : '';
  // Without "./" a colon in the first segment would read as a scheme.
  const isAmbiguous = start + slash === '' && cut(path, '/')[0].includes(':');
  return `${start}${slash}${isAmbiguous ? './' : ''}${path}`;
}

/** `URL.String` */
export function formatUrl(url: GoUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const body = url.opaque === '' ? formatHierarchy(url, scheme) : scheme + url.opaque;
  const query = url.rawQuery === '' ? '' : `?${url.rawQuery}`;
  const fragment = url.fragment === '' ? '' : `#${percentEncode(url.fragment, 'fragment')}`;
  return body + query + fragment;
}
