// SPDX-License-Identifier: Apache-2.0

/**
 * URLs of a repository: its index, its charts.
 *
 * Source:  helm v3.22.0 pkg/repo/chartrepo.go (ResolveReferenceURL)
 * Differs: the result is normalised as browsers do (default port, case of the host); the repository must be an absolute URL.
 */

import { quote } from '@helm-operator/gocompat';
import { SourceError } from './errors.ts';

const ABSOLUTE = /^[a-zA-Z][a-zA-Z0-9+.-]*:/;
const BAD_ESCAPE = /%(?![0-9a-fA-F]{2}).{0,2}/;
/** Characters Go escapes in a path and browsers do not. */
const ESCAPED_BY_GO = /[\\|^]/g;

/**
 * A chart's URL: one that is relative stands below the repository; the query of the repository replaces its own.
 *
 * @throws {SourceError} `source/index`: one of them is no URL
 */
export function resolveChartUrl(repository: string, reference: string): string {
  refuseBadUrl(reference);
  if (ABSOLUTE.test(reference)) return reference;
  refuseBadUrl(repository);
  const base = URL.parse(repository);
  if (base === null) throw notUrl(repository, 'it must be an absolute URL');
  const query = base.search;
  base.search = '';
  base.pathname = `${base.pathname.replace(/\/$/, '')}/`;
  const escaped = reference.replace(
    ESCAPED_BY_GO,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const resolved = URL.parse(escaped, base.href);
  if (resolved === null) throw notUrl(reference, 'it cannot be read');
  resolved.search = query;
  return resolved.href;
}

/** `REPOSITORY/index.yaml`; the query stays. @throws {SourceError} `source/index` */
export function indexUrlOf(repository: string): string {
  return resolveChartUrl(repository, 'index.yaml');
}

function refuseBadUrl(text: string): void {
  const path = text.split(/[?#]/, 1)[0] ?? '';
  const bad = BAD_ESCAPE.exec(path)?.[0];
  if (bad !== undefined)
    throw notUrl(text, `parse ${quote(text)}: invalid URL escape ${quote(bad)}`);
  if (text.startsWith(':')) throw notUrl(text, `parse ${quote(text)}: missing protocol scheme`);
}

function notUrl(text: string, reason: string): SourceError {
  return new SourceError(
    'source/index',
    `failed to make chart URL absolute: failed to parse ${text} as URL: ${reason}`,
  );
}
