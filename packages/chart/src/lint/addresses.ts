// SPDX-License-Identifier: Apache-2.0

/** What counts as a URL or an e-mail address in Chart.yaml. Source: govalidator v0.0.0-20230301143203 (IsURL, IsRequestURL, IsEmail). */

import { byteLength, compileRegexp, type GoRegexp, runes } from '@helm-operator/gocompat';
import { parseRequestUri, parseUrl } from '../functions/go-url.ts';

const MAX_URL_RUNES = 2083;
const MIN_URL_BYTES = 3;

/** Letters beyond ASCII that an address may hold. */
const FOREIGN = '\\x{00A0}-\\x{D7FF}\\x{F900}-\\x{FDCF}\\x{FDF0}-\\x{FFEF}';
const ATOM = `[a-zA-Z0-9!#$%&'*+\\-/=?^_\`{|}~${FOREIGN}]+`;
const FOLD = '(?:(?:[ \\t]*\\r\\n)?[ \\t]+)?';
const QUOTED = `"(?:${FOLD}[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x21\\x23-\\x5b\\x5d-\\x7f${FOREIGN}])*${FOLD}"`;
const EDGE = `[a-zA-Z0-9${FOREIGN}]`;
const DOMAIN = `(?:${EDGE}|${EDGE}[a-zA-Z0-9\\-._~${FOREIGN}]*${EDGE})\\.`;
const TOP = `[a-zA-Z${FOREIGN}]`;
const TOP_DOMAIN = `(?:${TOP}|${TOP}[a-zA-Z0-9\\-_~${FOREIGN}]*${TOP})`;
const EMAIL = `^(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})@(?:${DOMAIN})+${TOP_DOMAIN}\\.?$`;

const BYTE = '(?:\\d{1,2}|1\\d\\d|2[0-4]\\d|25[0-5])';
const IPV4 = `(?:[1-9]\\d?|1\\d\\d|2[01]\\d|22[0-3]|24\\d|25[0-5])(?:\\.${BYTE}){2}\\.(?:\\d\\d?|1\\d\\d|2[0-4]\\d|25[0-5])`;
const IPV6 = '\\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%[0-9a-zA-Z]+)?\\]';
const UNICODE = 'a-zA-Z\\x{00a1}-\\x{ffff}';
const LABELS = '[a-zA-Z0-9](?:[a-zA-Z0-9\\-_]+)?[a-zA-Z0-9](?:[-.][a-zA-Z0-9]+)*';
const SUBDOMAIN = '(?:www\\.|[a-zA-Z0-9]+(?:[-_.]?[a-zA-Z0-9])*[a-zA-Z0-9]\\.[a-zA-Z0-9]+)';
const NAME = `(?:${LABELS}|${SUBDOMAIN}?)?(?:[${UNICODE}0-9]+-?-?)*[${UNICODE}0-9]+(?:\\.[${UNICODE}]+)?`;
const URL_PATTERN = `^(?:(?:ftp|tcp|udp|wss?|https?)://)?(?:\\S+(?::\\S*)?@)?(?:${IPV4}|${IPV6}|${NAME})\\.?(?::\\d{1,5})?(?:[/?#]\\S*)?$`;

let email: GoRegexp | undefined;
let url: GoRegexp | undefined;

export function isEmail(text: string): boolean {
  email ??= compileRegexp(EMAIL);
  return email.matchString(text);
}

/** A URL, also without its scheme. */
export function isUrl(text: string): boolean {
  if (text === '' || text.startsWith('.') || byteLength(text) <= MIN_URL_BYTES) return false;
  if (runes(text).length >= MAX_URL_RUNES || !hasHost(text)) return false;
  url ??= compileRegexp(URL_PATTERN);
  return url.matchString(text);
}

function hasHost(text: string): boolean {
  const isSchemeMissing = text.includes(':') && !text.includes('://');
  try {
    const { host, path } = parseUrl(isSchemeMissing ? `http://${text}` : text);
    return !host.startsWith('.') && (host !== '' || path === '' || path.includes('.'));
  } catch {
    return false;
  }
}

/** A URL with its scheme, as a request could have it. */
export function isRequestUrl(text: string): boolean {
  try {
    return parseRequestUri(text).scheme !== '';
  } catch {
    return false;
  }
}
