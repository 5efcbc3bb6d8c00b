// SPDX-License-Identifier: Apache-2.0

/** `WWW-Authenticate` as registries send it. Source: RFC 9110 §11.6.1; distribution token specification. */

export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      readonly realm: string;
      readonly service: string;
      readonly scopes: readonly string[];
    };

/** Reads the first challenge that a client can answer. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const match = /^\s*(basic|bearer)(?:\s+(.*))?$/is.exec(header ?? '');
  if (match === null) return undefined;
  if (match[1]?.toLowerCase() === 'basic') return { scheme: 'basic' };
  const params = new Map<string, string>();
  for (const [, name = '', quoted, bare] of (match[2] ?? '').matchAll(
    /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/gi,
  )) {
    params.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
  }
  const scope = params.get('scope') ?? '';
  return {
    scheme: 'bearer',
    realm: params.get('realm') ?? '',
    service: params.get('service') ?? '',
    scopes: scope.split(' ').filter((text) => text !== ''),
  };
}
