// SPDX-License-Identifier: Apache-2.0

/** Bytes over HTTP and HTTPS, under limits. */

import { createHash } from 'node:crypto';
import { lookup as lookupHost } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { Agent, request } from 'undici';
import { FetchError } from '../errors.ts';

export interface FetchRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Basic authentication; sent to the host of `url` alone. */
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
  /** The entity tag of what the caller has. */
  readonly etag?: string | undefined;
  /** More bytes than this are refused. */
  readonly maxBytes: number;
  /** Time for the whole fetch, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type FetchResult =
  | { readonly kind: 'not-modified' }
  | {
      readonly kind: 'ok';
      readonly bytes: Uint8Array;
      /** `sha256:…` of the bytes. */
      readonly digest: string;
      readonly etag: string | undefined;
      /** Where the bytes came from, after redirects. */
      readonly url: string;
    };

const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Addresses that no URL of a user may reach: link-local ones, cloud metadata among them. */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');
FORBIDDEN.addAddress('100.100.100.200', 'ipv4');

function isForbidden(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && FORBIDDEN.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

class ForbiddenAddress extends Error {}

/** Checks the address at the moment of the connection, so that no second look-up can change it. */
const agent = new Agent({
  connect: {
    lookup: (host, options, callback) => {
      lookupHost(host, { ...options, all: true }, (error, addresses) => {
        const found = addresses ?? [];
        const allowed = found.filter(({ address }) => !isForbidden(address));
        if (error !== null) callback(error, []);
        else if (allowed.length === 0) callback(new ForbiddenAddress(host), []);
        else callback(null, allowed);
      });
    },
  },
});

/**
 * Fetches a URL; redirects are followed, credentials stay with their host.
 *
 * @throws {FetchError} `fetch/…`
 */
export async function fetchBytes(wanted: FetchRequest): Promise<FetchResult> {
  const timeout = AbortSignal.timeout(wanted.timeoutMs);
  const signal = wanted.signal === undefined ? timeout : AbortSignal.any([wanted.signal, timeout]);
  let url = checkedUrl(wanted.url);
  const origin = url.origin;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await ask(url, { wanted, signal, timeout, isOwnHost: url.origin === origin });
    const location = answer.headers['location'];
    if (!REDIRECTS.has(answer.statusCode) || typeof location !== 'string') {
      return await readAnswer(answer, url, { wanted, timeout });
    }
    await answer.body.dump();
    url = checkedUrl(new URL(location, url).href);
  }
  throw new FetchError(
    'fetch/too-many-redirects',
    wanted.url,
    `more than ${MAX_REDIRECTS} redirects`,
  );
}

function checkedUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new FetchError('fetch/bad-url', text, 'not a URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FetchError(
      'fetch/bad-url',
      text,
      `${url.protocol} is not fetched: use http or https`,
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isForbidden(host)) throw forbidden(text);
  return url;
}

function forbidden(url: string): FetchError {
  return new FetchError(
    'fetch/forbidden-address',
    url,
    'link-local and metadata addresses are not reached',
  );
}

interface AskContext {
  readonly wanted: FetchRequest;
  readonly signal: AbortSignal;
  readonly timeout: AbortSignal;
  readonly isOwnHost: boolean;
}

type Answer = Awaited<ReturnType<typeof request>>;

async function ask(url: URL, context: AskContext): Promise<Answer> {
  const { wanted, signal, isOwnHost } = context;
  const headers: Record<string, string> = { ...wanted.headers };
  if (wanted.etag !== undefined) headers['if-none-match'] = wanted.etag;
  if (wanted.credentials !== undefined && isOwnHost) {
    const { username, password } = wanted.credentials;
    headers['authorization'] = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
  try {
    return await request(url, { dispatcher: agent, headers, signal, method: 'GET' });
  } catch (error) {
    throw failure(error, url, context);
  }
}

function failure(
  error: unknown,
  url: URL,
  { wanted, timeout }: Pick<AskContext, 'wanted' | 'timeout'>,
): unknown {
  if (wanted.signal?.aborted === true) return error;
  if (timeout.aborted)
    return new FetchError('fetch/timeout', url.href, `no answer within ${wanted.timeoutMs} ms`, {
      cause: error,
    });
  if (error instanceof ForbiddenAddress) return forbidden(url.href);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason =
    code === ''
      ? error instanceof Error
        ? error.message
        : String(error)
      : `not reachable (${code})`;
  return new FetchError('fetch/unreachable', url.href, reason, { cause: error });
}

async function readAnswer(
  answer: Answer,
  url: URL,
  context: Pick<AskContext, 'wanted' | 'timeout'>,
): Promise<FetchResult> {
  const { wanted } = context;
  if (answer.statusCode === 304) {
    await answer.body.dump();
    return { kind: 'not-modified' };
  }
  if (answer.statusCode !== 200) {
    await answer.body.dump();
    throw new FetchError('fetch/status', url.href, `status ${answer.statusCode}`, {
      status: answer.statusCode,
    });
  }
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of answer.body as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > wanted.maxBytes) {
        throw new FetchError('fetch/too-large', url.href, `more than ${wanted.maxBytes} bytes`);
      }
      hash.update(part);
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof FetchError ? error : failure(error, url, context);
  }
  const etag = answer.headers['etag'];
  return {
    kind: 'ok',
    bytes: Buffer.concat(parts),
    digest: `sha256:${hash.digest('hex')}`,
    etag: typeof etag === 'string' ? etag : undefined,
    url: url.href,
  };
}
