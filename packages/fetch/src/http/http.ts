// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes over HTTP and HTTPS, under limits.
 *
 * Effects: looks up names, connects, reads. Retried within its time only if `limits.retries` says so, and once when a
 *          kept connection turns out to be dead.
 * Differs: credentials and client certificates stay with the scheme, host and port they were given for, and do not come
 *          back when a chain of redirects does (as Go since 1.23.5); contents are inflated only when it was asked for.
 */

import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { createGunzip } from 'node:zlib';
import { type Dispatcher, request } from 'undici';
import type { Credentials } from '../credentials.ts';
import { codeOfStatus, FetchError } from '../errors.ts';
import type { FetchLimits } from '../limits.ts';
import { maskUrl } from '../mask.ts';
import type { FetchContext, FetchPorts } from '../ports.ts';
import { isForbidden } from './address-policy.ts';
import { agentOf } from './agents.ts';
import { type Ends, failureOf, forbidden, isStaleConnection } from './failure.ts';
import { proxyFor } from './proxy.ts';
import { retryAfterMs } from './retry-after.ts';

/** What is wanted. */
export interface FetchRequest {
  /** `http:` or `https:`; credentials in it are used as if they were given. */
  readonly url: string;
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** `authorization`, `cookie` and what begins with `x-amz-` stay with the host of `url`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `basic`, `bearerToken` and `tls` are used; sent to the scheme, host and port of `url` alone. */
  readonly credentials?: Credentials | undefined;
  /** The entity tag of what the caller has. */
  readonly etag?: string | undefined;
  /** `Last-Modified` of what the caller has. */
  readonly lastModified?: string | undefined;
  readonly limits: FetchLimits;
  /** Ask for gzip, and inflate it; the limit counts both. */
  readonly mayCompress?: boolean | undefined;
  /** Statuses besides 200 (and 304 to a condition) that are no error; their body is read like any other. */
  readonly isWanted?: ((status: number) => boolean) | undefined;
}

/** An answer while it is read. */
export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case; of repeated ones, the first. */
  readonly headers: ReadonlyMap<string, string>;
  /** Where it came from, after redirects; without credentials. */
  readonly url: string;
  /** Throws `FetchError`. What is not read is dropped. */
  readonly body: AsyncIterable<Uint8Array>;
}

export type FetchResult =
  | { readonly kind: 'not-modified' }
  | {
      readonly kind: 'ok';
      readonly bytes: Uint8Array;
      /** `sha256:…` of the bytes. */
      readonly digest: string;
      readonly etag: string | undefined;
      readonly lastModified: string | undefined;
      /** Where the bytes came from, after redirects; without credentials. */
      readonly url: string;
    };

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Bytes of a body nobody wants that are read to keep its connection. */
const MAX_DUMPED_BYTES = 64 * 1024;
const PRIVATE_HEADER = /^(?:authorization|cookie|proxy-authorization|x-amz-.*)$/i;

/** One fetch under way. */
interface Run {
  readonly wanted: FetchRequest;
  readonly ports: FetchPorts;
  readonly signal: AbortSignal;
  readonly ends: Ends;
}

/**
 * Fetches a URL into memory; redirects are followed.
 *
 * @throws {FetchError} `fetch/…`; `retry` says whether the same fetch may succeed later
 */
export function fetchBytes(wanted: FetchRequest, context: FetchContext): Promise<FetchResult> {
  return withAnswer(wanted, context, async (answer): Promise<FetchResult> => {
    if (answer.status === 304) return { kind: 'not-modified' };
    const hash = createHash('sha256');
    const parts: Uint8Array[] = [];
    for await (const part of answer.body) {
      hash.update(part);
      parts.push(part);
    }
    return {
      kind: 'ok',
      bytes: parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts),
      digest: `sha256:${hash.digest('hex')}`,
      etag: answer.headers.get('etag'),
      lastModified: answer.headers.get('last-modified'),
      url: answer.url,
    };
  });
}

/**
 * Fetches a URL and reads the answer while the host's place is held. `read` runs again when the fetch is retried.
 *
 * @throws {FetchError} `fetch/…` @throws what `read` throws
 */
export async function withAnswer<T>(
  wanted: FetchRequest,
  { ports, signal }: FetchContext,
  read: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  const url = checkedUrl(wanted.url, ports);
  const { retries } = wanted.limits;
  const timeoutMs = Math.min(wanted.limits.timeoutMs, ports.timeoutMs);
  const timeout = AbortSignal.timeout(timeoutMs);
  const run: Run = {
    wanted: withUrlCredentials(wanted, url),
    ports,
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    ends: { signal, timeout, timeoutMs },
  };
  for (let attempt = 0; ; attempt++) {
    try {
      const place = { host: url.host, url: url.href, signal: run.signal };
      return await ports.hosts.run(place, () => fetchOnce(new URL(url), run, read));
    } catch (error) {
      const failure = run.signal.aborted ? failureOf(error, url.href, run.ends) : error;
      if (!isWorthARetry(failure) || attempt >= retries) throw failure;
      await pauseBeforeRetry(attempt, failure, url, run);
    }
  }
}

/** The error that caused the pause is told when there is no time left for another try. */
async function pauseBeforeRetry(
  attempt: number,
  failure: FetchError,
  url: URL,
  run: Run,
): Promise<void> {
  try {
    await run.ports.hosts.pause(attempt, failure, run.signal);
  } catch (error) {
    if (run.ends.signal?.aborted === true) throw failureOf(error, url.href, run.ends);
    throw failure;
  }
}

function isWorthARetry(error: unknown): error is FetchError {
  return (
    error instanceof FetchError &&
    error.retry === 'transient' &&
    !['fetch/aborted', 'fetch/timeout', 'fetch/backing-off', 'fetch/dns'].includes(error.code)
  );
}

async function fetchOnce<T>(
  start: URL,
  run: Run,
  read: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  const { maxRedirects } = run.wanted.limits;
  const { origin } = start;
  let url = start;
  let isOwn = true;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    isOwn &&= url.origin === origin;
    const answer = await ask(url, isOwn, run);
    const target = await redirectOf(answer, url, run);
    if (target === undefined) return await readAnswer(answer, url, run, read);
    url = target;
  }
  throw new FetchError(
    'fetch/too-many-redirects',
    start.href,
    `more than ${maxRedirects} redirects`,
  );
}

function checkedUrl(text: string, { addresses }: FetchPorts, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new FetchError('fetch/bad-url', text, 'not a URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const reason = `${url.protocol} is not fetched: use http or https`;
    throw new FetchError('fetch/bad-url', url.href, reason);
  }
  if (isForbidden(url.hostname.replace(/^\[|\]$/g, ''), addresses)) throw forbidden(url.href);
  return url;
}

/** Takes the credentials out of a URL; those that were given come first. */
function withUrlCredentials(wanted: FetchRequest, url: URL): FetchRequest {
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  const { credentials } = wanted;
  if (username === '' || credentials?.basic !== undefined || credentials?.bearerToken !== undefined)
    return wanted;
  const basic = { username: unescaped(username), password: unescaped(password) };
  return { ...wanted, credentials: { ...credentials, basic } };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that escapes nothing stands for itself.
    return text;
  }
}

async function ask(url: URL, isOwn: boolean, run: Run): Promise<Dispatcher.ResponseData> {
  const { ca, cert, key, isInsecure } = run.wanted.credentials?.tls ?? {};
  const tls = isOwn ? { ca, cert, key, isInsecure } : { ca, isInsecure };
  const { addresses } = run.ports;
  const { method = 'GET', body } = run.wanted;
  const proxy = proxyFor(url, run.ports.proxy);
  const ends = { ...run.ends, proxy };
  const options = {
    dispatcher: agentFor({ tls, addresses, proxy }, url),
    headers: headersOf(run, isOwn),
    signal: run.signal,
    method,
    ...(body === undefined ? {} : { body }),
  };
  try {
    return await request(url, options);
  } catch (error) {
    if (run.signal.aborted || !isStaleConnection(error)) throw failureOf(error, url.href, ends);
  }
  try {
    return await request(url, options);
  } catch (error) {
    throw failureOf(error, url.href, ends);
  }
}

const PROXY = /^(?:https?|socks5h?):/;

function agentFor(route: Parameters<typeof agentOf>[0], url: URL): Dispatcher {
  if (route.proxy !== undefined && !(PROXY.test(route.proxy) && URL.canParse(route.proxy))) {
    const reason = `${maskUrl(route.proxy)} is no proxy that can be asked: http, https or socks5`;
    throw new FetchError('fetch/bad-url', url.href, reason, {
      mend: 'mend HTTP_PROXY or HTTPS_PROXY',
    });
  }
  try {
    return agentOf(route);
  } catch (error) {
    // Key, certificate and authority are read when the pool is made.
    const reason = error instanceof Error ? error.message : String(error);
    throw new FetchError('fetch/tls', url.href, reason, { cause: error });
  }
}

function headersOf({ wanted, ports }: Run, isOwn: boolean): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': ports.userAgent };
  for (const [name, value] of Object.entries(wanted.headers ?? {})) {
    if (isOwn || !PRIVATE_HEADER.test(name)) headers[name.toLowerCase()] = value;
  }
  if (wanted.mayCompress === true) headers['accept-encoding'] = 'gzip';
  if (wanted.etag !== undefined) headers['if-none-match'] = wanted.etag;
  if (wanted.lastModified !== undefined) headers['if-modified-since'] = wanted.lastModified;
  const { basic, bearerToken } = wanted.credentials ?? {};
  if (!isOwn) return headers;
  if (bearerToken !== undefined) headers['authorization'] = `Bearer ${bearerToken}`;
  else if (basic !== undefined) {
    const pair = Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
    headers['authorization'] = `Basic ${pair}`;
  }
  return headers;
}

/** Where an answer sends us; credentials that it puts into the URL are left out. */
async function redirectOf(
  answer: Dispatcher.ResponseData,
  url: URL,
  run: Run,
): Promise<URL | undefined> {
  const location = answer.headers['location'];
  if (!REDIRECTS.has(answer.statusCode) || typeof location !== 'string') return undefined;
  if (run.wanted.isWanted?.(answer.statusCode) === true) return undefined;
  await dump(answer, url, run);
  const target = checkedUrl(location, run.ports, url);
  target.username = '';
  target.password = '';
  target.hash = '';
  return target;
}

async function dump(answer: Dispatcher.ResponseData, url: URL, run: Run): Promise<void> {
  try {
    await answer.body.dump({ limit: MAX_DUMPED_BYTES, signal: run.signal });
  } catch (error) {
    throw failureOf(error, url.href, run.ends);
  }
}

async function readAnswer<T>(
  answer: Dispatcher.ResponseData,
  url: URL,
  run: Run,
  read: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  const { statusCode: status } = answer;
  const { wanted } = run;
  const isConditional = wanted.etag !== undefined || wanted.lastModified !== undefined;
  const isUnchanged = status === 304 && isConditional;
  if (status !== 200 && !isUnchanged && wanted.isWanted?.(status) !== true) {
    await dump(answer, url, run);
    throw statusError(answer, url);
  }
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(answer.headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers.set(name.toLowerCase(), first);
  }
  try {
    return await read({ status, headers, url: url.href, body: bodyOf(answer, url, run) });
  } finally {
    // Whatever is left of it has no reader any more.
    answer.body.on('error', () => undefined).destroy();
  }
}

function statusError(answer: Dispatcher.ResponseData, url: URL): FetchError {
  const status = answer.statusCode;
  const statusText = answer.statusText || (STATUS_CODES[status] ?? '');
  return new FetchError(
    codeOfStatus(status),
    url.href,
    `the server answered ${status} ${statusText}`.trimEnd(),
    { status, statusText, retryAfterMs: retryAfterMs(answer.headers['retry-after']) },
  );
}

async function* bodyOf(
  answer: Dispatcher.ResponseData,
  url: URL,
  run: Run,
): AsyncGenerator<Uint8Array> {
  const { maxBytes } = run.wanted.limits;
  const isPacked = run.wanted.mayCompress === true && answer.headers['content-encoding'] === 'gzip';
  let size = 0;
  try {
    if (Number(answer.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(url, maxBytes);
    for await (const part of isPacked ? inflated(answer.body) : answer.body) {
      size += part.length;
      if (size > maxBytes) throw tooLarge(url, maxBytes);
      yield part;
    }
  } catch (error) {
    throw failureOf(error, url.href, run.ends, true);
  }
}

function inflated(packed: Dispatcher.ResponseData['body']): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  packed.on('error', (error: Error) => gunzip.destroy(error));
  return packed.pipe(gunzip);
}

function tooLarge(url: URL, maxBytes: number): FetchError {
  return new FetchError('fetch/too-large', url.href, `more than ${maxBytes} bytes`);
}
