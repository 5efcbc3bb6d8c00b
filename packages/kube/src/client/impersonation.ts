// SPDX-License-Identifier: Apache-2.0

import type { Identity } from '../cluster.ts';
import type { HeaderValue } from './transport.ts';

/**
 * The headers that make the API server act as `identity`.
 *
 * Source: kubernetes@v1.36.3 client-go/transport/round_trippers.go (impersonatingRoundTripper, headerKeyEscape)
 */
export function impersonationHeaders(identity: Identity | undefined): Record<string, HeaderValue> {
  if (identity === undefined) return {};
  const headers: Record<string, HeaderValue> = { 'impersonate-user': identity.user };
  if (identity.uid) headers['impersonate-uid'] = identity.uid;
  if (identity.groups !== undefined && identity.groups.length > 0) {
    headers['impersonate-group'] = identity.groups;
  }
  for (const [name, values] of identity.extra ?? []) {
    if (values.length > 0) headers[`impersonate-extra-${escapeKey(name)}`] = values;
  }
  return headers;
}

/** Percent-encodes what may not stand in a header's name. */
function escapeKey(name: string): string {
  const bytes = Buffer.from(name.toLowerCase(), 'utf8');
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (/[a-z0-9!#$&'*+.^_`|~-]/.test(character)) return character;
    return `%${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}
