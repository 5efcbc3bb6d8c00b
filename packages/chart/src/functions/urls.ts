// SPDX-License-Identifier: Apache-2.0

/** URLs as dictionaries. Source: Masterminds/sprig v3.3.0 url.go */

import { Typed, types, type Value, type ValueMap } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { define } from './define.ts';
import { FunctionError } from './errors.ts';
import { formatUrl, formatUser, hostname, parseUrl, type UserInfo } from './go-url.ts';
import { kindOfSome } from './reflect.ts';

function within<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw new FunctionError(`unable to parse ${what}: ${error.message}`, { cause: error });
  }
}

function urlParse(text: string): ValueMap {
  const url = within('url', () => parseUrl(text));
  return new Map<string, Value>([
    ['scheme', url.scheme],
    ['host', url.host],
    ['hostname', hostname(url.host)],
    ['path', url.path],
    ['query', url.rawQuery],
    ['opaque', url.opaque],
    ['fragment', url.fragment],
    ['userinfo', url.user === undefined ? '' : formatUser(url.user)],
  ]);
}

function textAt(parts: ValueMap | null, key: string): string {
  const value = parts?.get(key);
  if (value === undefined) return '';
  const kind = kindOfSome(value);
  const text = value instanceof Typed ? value.data : value;
  if (typeof text === 'string') return text;
  throw new FunctionError(`unable to parse ${key} key, must be of type string, but ${kind} found`);
}

function userAt(parts: ValueMap | null): UserInfo | undefined {
  const info = textAt(parts, 'userinfo');
  if (info === '') return undefined;
  return within('userinfo in dict', () => parseUrl(`proto://${info}@host`)).user;
}

function urlJoin(parts: ValueMap | null): string {
  return formatUrl({
    scheme: textAt(parts, 'scheme'),
    host: textAt(parts, 'host'),
    path: textAt(parts, 'path'),
    rawQuery: textAt(parts, 'query'),
    opaque: textAt(parts, 'opaque'),
    fragment: textAt(parts, 'fragment'),
    user: userAt(parts),
  });
}

/** Sprig's functions over URLs. */
export const urlFunctions: readonly TemplateFunction[] = [
  define('urlParse', ['string'], types.map, urlParse),
  define('urlJoin', ['map'], types.string, urlJoin),
];
