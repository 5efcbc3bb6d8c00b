// SPDX-License-Identifier: Apache-2.0

export type FetchErrorCode =
  | 'fetch/bad-url'
  | 'fetch/forbidden-address'
  | 'fetch/status'
  | 'fetch/timeout'
  | 'fetch/too-large'
  | 'fetch/too-many-redirects'
  | 'fetch/unreachable';

const RETRY: Readonly<Record<FetchErrorCode, 'transient' | 'terminal'>> = {
  'fetch/bad-url': 'terminal',
  'fetch/forbidden-address': 'terminal',
  'fetch/status': 'transient',
  'fetch/timeout': 'transient',
  'fetch/too-large': 'terminal',
  'fetch/too-many-redirects': 'terminal',
  'fetch/unreachable': 'transient',
};

/** Bytes could not be fetched. The message names the URL without its credentials and query. */
export class FetchError extends Error {
  readonly code: FetchErrorCode;
  readonly retry: 'transient' | 'terminal';
  readonly status: number | undefined;
  constructor(
    code: FetchErrorCode,
    url: string,
    reason: string,
    more: { cause?: unknown; status?: number } = {},
  ) {
    super(
      `fetch ${printUrl(url)}: ${reason}`,
      more.cause === undefined ? undefined : { cause: more.cause },
    );
    this.name = 'FetchError';
    this.code = code;
    this.retry = RETRY[code];
    this.status = more.status;
  }
}

/** A URL as messages show it: no credentials, no query. */
export function printUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'a URL that cannot be read';
  }
}
