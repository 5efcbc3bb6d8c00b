// SPDX-License-Identifier: Apache-2.0

/** URIs, their fragments and JSON pointers, as far as schemas use them. Source: RFC 3986, RFC 6901. */

import { encodeUtf8 } from '../text/text.ts';

/** Splits at the first `#`, which is in neither part. */
export function splitFragment(uri: string): [uri: string, fragment: string] {
  const hash = uri.indexOf('#');
  return hash < 0 ? [uri, ''] : [uri.slice(0, hash), uri.slice(hash + 1)];
}

const PARTS = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/;

interface Parts {
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string | undefined;
}

function partsOf(uri: string): Parts {
  const [, scheme, authority, path = '', query] = PARTS.exec(uri) ?? [];
  return { scheme, authority, path, query };
}

/** A reference without fragment, relative to a base URI. */
export function resolveUri(base: string, reference: string): string {
  if (reference === '') return base;
  const from = partsOf(base);
  const to = partsOf(reference);
  if (to.scheme !== undefined) return reference;
  const isOpaque = from.authority === undefined && !from.path.startsWith('/');
  if (isOpaque) return base;
  const scheme = from.scheme === undefined ? '' : `${from.scheme}:`;
  if (to.authority !== undefined) return `${scheme}${reference}`;
  const path =
    to.path === '' ? from.path : withoutDots(to.path.startsWith('/') ? to.path : merged(from, to));
  const query = to.query ?? (to.path === '' ? from.query : undefined);
  const authority = from.authority === undefined ? '' : `//${from.authority}`;
  return `${scheme}${authority}${path}${query === undefined ? '' : `?${query}`}`;
}

function merged(from: Parts, to: Parts): string {
  const directory = from.path.slice(0, from.path.lastIndexOf('/') + 1);
  return (directory === '' ? '/' : directory) + to.path;
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/');
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') {
      if (kept.length > 1) kept.pop();
      if (isLast) kept.push('');
    } else if (segment !== '.') {
      kept.push(segment);
    } else if (isLast) {
      kept.push('');
    }
  }
  return kept.join('/');
}

/** Decodes `%XX`; `undefined` for a `%` without two digits. */
export function decodePercent(text: string): string | undefined {
  if (!text.includes('%')) return text;
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Encodes the tokens of a pointer as Go's url.PathEscape does, but leaves the slashes. */
export function encodePointer(pointer: string): string {
  if (/^[A-Za-z0-9\-_.~$&+:=@/]*$/.test(pointer)) return pointer;
  let encoded = '';
  for (const byte of encodeUtf8(pointer)) {
    const char = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9\-_.~$&+:=@/]/.test(char)
      ? char
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

export function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A token of a pointer in the clear; `undefined` for a bad `~`. */
export function unescapeToken(token: string): string | undefined {
  if (/~(?![01])/.test(token)) return undefined;
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

export function pointerOf(tokens: readonly string[]): string {
  return tokens.map((token) => `/${escapeToken(token)}`).join('');
}
