// SPDX-License-Identifier: Apache-2.0

/** What messages may show of URLs and of what other programs print. */

const SCP_LIKE = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.*)$/s;
const MASK = '***';
/** Shorter ones would destroy every message and hide nothing. */
const MIN_SECRET_LENGTH = 4;

/** A URL as messages show it: no credentials, no query, no fragment; scp-like Git URLs keep host and path. */
export function maskUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.host === '' && !url.includes('://'))) {
    const [, host, path] = SCP_LIKE.exec(url) ?? [];
    return host === undefined ? 'a URL that cannot be read' : `${host}:${path}`;
  }
  if (parsed.host === '' && parsed.protocol !== 'file:')
    return `a URL of scheme ${parsed.protocol.slice(0, -1)}`;
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

const URL_USER_INFO = /([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)[^\s/@]*@/g;

/**
 * Text of another program (git, a plugin) without the secrets it was given and without user information in URLs.
 *
 * @param secrets as they were given; their escaped and base64 forms are masked, too
 */
export function maskText(text: string, secrets: readonly string[]): string {
  let masked = text.replace(URL_USER_INFO, `$1${MASK}@`);
  const forms = secrets
    .filter(({ length }) => length >= MIN_SECRET_LENGTH)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
    .sort((a, b) => b.length - a.length);
  for (const form of forms) masked = masked.replaceAll(form, MASK);
  return masked;
}
