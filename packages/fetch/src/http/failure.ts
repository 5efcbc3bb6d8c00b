// SPDX-License-Identifier: Apache-2.0

/** What broke on the way, as an error with a reason a person can act on. */

import { FetchError, type FetchErrorCode } from '../errors.ts';
import { maskUrl } from '../mask.ts';
import { ForbiddenAddressError } from './address-policy.ts';

const UNREACHABLE: FetchErrorCode = 'fetch/unreachable';

type Reason = readonly [code: FetchErrorCode, reason: string, mend?: string];

const REASONS: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ['ECONNREFUSED', [UNREACHABLE, 'connection refused']],
  ['ECONNRESET', [UNREACHABLE, 'the connection was reset']],
  ['EPIPE', [UNREACHABLE, 'the connection was closed']],
  ['EHOSTUNREACH', [UNREACHABLE, 'no route to the host']],
  ['ENETUNREACH', [UNREACHABLE, 'no route to the network']],
  ['ENOTFOUND', ['fetch/dns', 'no such host']],
  ['EAI_AGAIN', ['fetch/dns', 'the name server does not answer']],
  ['ETIMEDOUT', ['fetch/timeout', 'no answer to the connection']],
  ['UND_ERR_CONNECT_TIMEOUT', ['fetch/timeout', 'no answer to the connection']],
  ['UND_ERR_SOCKET', [UNREACHABLE, 'the server closed the connection']],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', ['fetch/truncated', 'shorter than announced']],
  ['UND_ERR_HEADERS_OVERFLOW', ['fetch/bad-answer', 'the headers of the answer are too large']],
  ['CERT_HAS_EXPIRED', ['fetch/certificate-expired', "the server's certificate has expired"]],
  [
    'CERT_NOT_YET_VALID',
    ['fetch/certificate-expired', "the server's certificate is not yet valid"],
  ],
  ['SELF_SIGNED_CERT_IN_CHAIN', ['fetch/certificate', 'signed by an unknown authority']],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', ['fetch/certificate', 'the certificate is signed by itself']],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', ['fetch/certificate', 'signed by an unknown authority']],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', ['fetch/certificate', 'signed by an unknown authority']],
  [
    'ERR_SSL_WRONG_VERSION_NUMBER',
    ['fetch/tls', 'the server does not speak TLS', 'check the port; http:// is another address'],
  ],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    [
      'fetch/certificate',
      'the certificate is for another host',
      'use a name the certificate is for',
    ],
  ],
]);

const TLS_CODE =
  /CERT|^ERR_TLS|^ERR_SSL|^ERR_OSSL|SELF_SIGNED|VERIFY_LEAF|UNABLE_TO_|ISSUER|^CRL_|HOSTNAME_MISMATCH|INVALID_CA/;

/** Whether a connection from the pool was already dead when the request was put on it. */
export function isStaleConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

/** Who may have ended a fetch before its time. */
export interface Ends {
  readonly signal: AbortSignal | undefined;
  readonly timeout: AbortSignal;
  readonly timeoutMs: number;
  /** The proxy that was asked instead of the host. */
  readonly proxy?: string | undefined;
}

/** A server that misses a certificate may say so by hanging up. */
const CLOSED_MEND =
  'check host, port and network policies, and whether the server wants another client certificate';
const PROXY_MEND = 'check HTTP_PROXY, HTTPS_PROXY and NO_PROXY';

/** The error for what `undici` threw. @param isReading the answer had begun */
export function failureOf(error: unknown, url: string, ends: Ends, isReading = false): FetchError {
  if (error instanceof FetchError) return error;
  if (ends.signal?.aborted === true)
    return new FetchError('fetch/aborted', url, 'given up', { cause: ends.signal.reason });
  if (ends.timeout.aborted) {
    const reason = `not done within ${ends.timeoutMs / 1000} s`;
    return new FetchError('fetch/timeout', url, reason, { cause: error });
  }
  if (error instanceof ForbiddenAddressError) return forbidden(url, error);
  const code = codeOf(error);
  const [kind, reason, mend] = REASONS.get(code) ?? [undefined, reasonOf(error, code)];
  const isClosed = url.startsWith('https:') && isStaleConnection(error);
  const details = { cause: error, mend: isClosed ? CLOSED_MEND : mend };
  if (isReading && (kind === UNREACHABLE || kind === undefined))
    return new FetchError(
      'fetch/truncated',
      url,
      `ended before its end (${code || reason})`,
      details,
    );
  const isTls = TLS_CODE.test(code) || (code === 'EPROTO' && /ssl|tls/i.test(reason));
  const found = kind ?? (isTls ? 'fetch/tls' : UNREACHABLE);
  const told = kind === undefined ? reason : `${reason} (${code})`;
  if (ends.proxy === undefined || isTls) return new FetchError(found, url, told, details);
  const through = `${told}, through the proxy ${maskUrl(ends.proxy)}`;
  return new FetchError(found, url, through, { cause: error, mend: PROXY_MEND });
}

export function forbidden(url: string, cause?: unknown): FetchError {
  const reason = 'its address is not reached from here (link-local, metadata or loopback)';
  return new FetchError('fetch/forbidden-address', url, reason, { cause });
}

/** The code of an error, or of the first of those it stands for. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function reasonOf(error: unknown, code: string): string {
  // OpenSSL's own messages hold addresses of memory; its reason does not.
  const isOpenSsl = error instanceof Error && 'library' in error && 'reason' in error;
  const message = isOpenSsl
    ? String(error.reason)
    : error instanceof Error
      ? error.message
      : String(error);
  return code === '' || message.includes(code) ? message : `${message} (${code})`;
}
