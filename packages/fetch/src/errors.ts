// SPDX-License-Identifier: Apache-2.0

import { maskUrl } from './mask.ts';

/** Why bytes could not be had, in one table: whether to try again, and how to mend it. */

export type FetchErrorCode =
  | 'fetch/aborted'
  | 'fetch/backing-off'
  | 'fetch/bad-answer'
  | 'fetch/bad-credentials'
  | 'fetch/bad-url'
  | 'fetch/cache'
  | 'fetch/certificate'
  | 'fetch/certificate-expired'
  | 'fetch/dns'
  | 'fetch/forbidden'
  | 'fetch/forbidden-address'
  | 'fetch/not-found'
  | 'fetch/plugin'
  | 'fetch/rate-limited'
  | 'fetch/refused-host-key'
  | 'fetch/status'
  | 'fetch/timeout'
  | 'fetch/tls'
  | 'fetch/too-large'
  | 'fetch/too-many-redirects'
  | 'fetch/truncated'
  | 'fetch/unauthorized'
  | 'fetch/unreachable'
  | 'fetch/unsupported'
  | 'fetch/wrong-digest';

/** What was being done when it broke; `source check` prints one line for each. */
export type FetchStep =
  | 'url'
  | 'cache'
  | 'connect'
  | 'authenticate'
  | 'redirect'
  | 'resolve'
  | 'download'
  | 'verify'
  | 'run';

/** What a code means for the next attempt. */
export interface FetchFailure {
  readonly retry: 'transient' | 'terminal';
  readonly step: FetchStep;
  /** What a person can do; empty where the reason says it all. */
  readonly mend: string;
}

const transient = (step: FetchStep, mend: string): FetchFailure => ({
  retry: 'transient',
  step,
  mend,
});
const terminal = (step: FetchStep, mend: string): FetchFailure => ({
  retry: 'terminal',
  step,
  mend,
});

/** `terminal`: the same fetch cannot succeed before somebody changes something. `status` is judged by its number. */
export const FETCH_FAILURES: Readonly<Record<FetchErrorCode, FetchFailure>> = {
  'fetch/aborted': transient('download', ''),
  'fetch/backing-off': transient('connect', 'it is asked again when the pause is over'),
  'fetch/bad-answer': transient('download', 'check that the URL is the one of a source'),
  'fetch/bad-credentials': terminal('authenticate', 'mend the credentials'),
  'fetch/bad-url': terminal('url', 'mend the URL'),
  'fetch/cache': transient('cache', 'check the cache folder: its owner, its mode, its free space'),
  'fetch/certificate': terminal('connect', 'give the authority that signed it (CA file)'),
  'fetch/certificate-expired': transient('connect', "renew the server's certificate"),
  'fetch/dns': transient('connect', "check the host's name"),
  'fetch/forbidden': terminal('authenticate', 'these credentials lack the right to read it'),
  'fetch/forbidden-address': terminal('url', 'use a host outside these networks, or allow them'),
  'fetch/not-found': terminal('resolve', 'check the URL, the name and the version'),
  'fetch/plugin': transient('run', 'run the plugin by hand with the same URL'),
  'fetch/rate-limited': transient('download', 'ask less often, or with credentials'),
  'fetch/refused-host-key': terminal('connect', "add the host's key to known_hosts"),
  'fetch/status': transient('download', ''),
  'fetch/timeout': transient('download', 'check the way to the host, or give it more time'),
  'fetch/tls': terminal('connect', 'check certificate, key and authority'),
  'fetch/too-large': terminal('download', 'make it smaller, or raise the limit'),
  'fetch/too-many-redirects': terminal('redirect', 'give the final URL'),
  'fetch/truncated': transient('download', ''),
  'fetch/unauthorized': terminal(
    'authenticate',
    'give user name and password, or a token, that it accepts',
  ),
  'fetch/unreachable': transient('connect', 'check host, port and network policies'),
  'fetch/unsupported': terminal('url', ''),
  'fetch/wrong-digest': transient('verify', 'the source or something in between changed it'),
};

/** Answers of a server that says no for now: request timeout, too early, too many requests. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

export interface FetchErrorDetails {
  readonly cause?: unknown;
  /** Default: the one of the code. */
  readonly step?: FetchStep | undefined;
  /** Default: the one of the code. */
  readonly mend?: string | undefined;
  /** The status of the answer and its text: `404`, `Not Found`. */
  readonly status?: number | undefined;
  readonly statusText?: string | undefined;
  /** How long the server wants not to be asked, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** Bytes could not be fetched. Neither `message` nor `url` holds the URL's credentials, query or fragment. */
export class FetchError extends Error {
  override readonly name: string = 'FetchError';
  readonly code: FetchErrorCode;
  readonly retry: 'transient' | 'terminal';
  /** Masked. */
  readonly url: string;
  readonly step: FetchStep;
  /** Without URL and mend. */
  readonly reason: string;
  readonly mend: string;
  readonly status: number | undefined;
  readonly statusText: string | undefined;
  readonly retryAfterMs: number | undefined;

  /** @param reason what happened; must hold no credential */
  constructor(code: FetchErrorCode, url: string, reason: string, details: FetchErrorDetails = {}) {
    const kind = FETCH_FAILURES[code];
    const mend = details.mend ?? kind.mend;
    const masked = maskUrl(url);
    super(
      `fetch ${masked}: ${reason}${mend === '' ? '' : ` (${mend})`}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.url = masked;
    this.step = details.step ?? kind.step;
    this.reason = reason;
    this.mend = mend;
    this.status = details.status;
    this.statusText = details.statusText;
    this.retryAfterMs = details.retryAfterMs;
    this.retry = code === 'fetch/status' ? retryOfStatus(details.status ?? 500) : kind.retry;
  }
}

/** The code for a status that is none of success. */
export function codeOfStatus(status: number): FetchErrorCode {
  switch (status) {
    case 401:
    case 407:
      return 'fetch/unauthorized';
    case 403:
      return 'fetch/forbidden';
    case 404:
    case 410:
      return 'fetch/not-found';
    case 429:
      return 'fetch/rate-limited';
    default:
      return 'fetch/status';
  }
}

function retryOfStatus(status: number): 'transient' | 'terminal' {
  return status >= 500 || PASSING_STATUSES.has(status) ? 'transient' : 'terminal';
}
