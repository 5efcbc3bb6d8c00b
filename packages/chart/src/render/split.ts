// SPDX-License-Identifier: Apache-2.0

import type { Profile } from '../profile.ts';

/** Go's `\s`, which is not JavaScript's. */
const SEPARATOR = /(?:^|[\t\n\f\r ]*\n)---[\t\n\f\r ]*/;
/** Go's `unicode.IsSpace`, which has no byte order mark. */
const LEFT_SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const RIGHT_SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  return trimLeft(text).replace(RIGHT_SPACE, '');
}

function trimLeft(text: string): string {
  return text.replace(LEFT_SPACE, '');
}

/**
 * Splits a rendered file into its documents, in order.
 *
 * Source: helm v3.22.0 pkg/releaseutil/manifest.go (SplitManifests); helm4: v4.2.1 trims on the left only
 */
export function splitManifests(text: string, profile: Profile = 'helm3'): string[] {
  const isHelm3 = profile === 'helm3';
  const documents = (isHelm3 ? trimSpace(text) : trimLeft(text)).split(SEPARATOR);
  const trim = isHelm3 ? trimSpace : trimLeft;
  return documents
    .filter((document) => document !== '')
    .map(trim)
    .filter((document) => isHelm3 || document !== '');
}
