// SPDX-License-Identifier: Apache-2.0

/** The registry client's transport over undici, under the rules of this room: address policy, trust, time. */

import { type Dispatcher, request } from 'undici';
import type { TlsOptions } from '../credentials.ts';
import { codeOfStatus, FetchError } from '../errors.ts';
import { isForbidden } from '../http/address-policy.ts';
import { agentOf } from '../http/agents.ts';
import { failureOf, forbidden, isStaleConnection } from '../http/failure.ts';
import { proxyFor } from '../http/proxy.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import type { FetchPorts } from '../ports.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/** Bytes of a body nobody wants that are read to keep its connection. */
const MAX_DUMPED_BYTES = 64 * 1024;

export interface UndiciTransportOptions {
  readonly ports: FetchPorts;
  /** Its client certificate is shown to `ownHost` alone. */
  readonly tls: TlsOptions;
  /** Name and port. */
  readonly ownHost: string;
  /** Time for one exchange, its body included, in milliseconds. */
  readonly timeoutMs: number;
}

export function undiciTransport(options: UndiciTransportOptions): Transport {
  return async (wanted) => {
    const url = new URL(wanted.url);
    const { ports } = options;
    if (isForbidden(url.hostname.replace(/^\[|\]$/g, ''), ports.addresses)) {
      throw forbidden(url.href);
    }
    const host = { host: url.host, url: url.href, signal: wanted.signal };
    return await ports.hosts.run(host, () => exchange(wanted, url, options));
  };
}

async function exchange(
  wanted: TransportRequest,
  url: URL,
  options: UndiciTransportOptions,
): Promise<TransportResponse> {
  const { ports, ownHost, timeoutMs } = options;
  const { ca, cert, key, isInsecure } = options.tls;
  const tls = url.host === ownHost ? { ca, cert, key, isInsecure } : { ca, isInsecure };
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([wanted.signal, timeout]);
  const ends = { signal: wanted.signal, timeout, timeoutMs };
  const send = () =>
    request(url, {
      dispatcher: agentOf({ tls, addresses: ports.addresses, proxy: proxyFor(url, ports.proxy) }),
      method: wanted.method,
      headers: wanted.headers,
      body: wanted.body ?? null,
      signal,
    });
  let answer: Dispatcher.ResponseData;
  try {
    answer = await send().catch((error: unknown) => {
      if (signal.aborted || !isStaleConnection(error)) throw error;
      return send();
    });
  } catch (error) {
    throw failureOf(error, url.href, ends);
  }
  if (answer.statusCode === 429 || answer.statusCode >= 500) {
    // Thrown here, so that it counts against the host.
    throw await passingRefusal(answer, url);
  }
  return {
    status: answer.statusCode,
    header: (name) => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: checkedBody(answer, url.href, ends),
    discard: async () => {
      try {
        await answer.body.dump({ limit: MAX_DUMPED_BYTES, signal });
      } catch (error) {
        throw failureOf(error, url.href, ends, true);
      }
    },
  };
}

async function passingRefusal(answer: Dispatcher.ResponseData, url: URL): Promise<FetchError> {
  const { statusCode: status } = answer;
  await answer.body.dump({ limit: MAX_DUMPED_BYTES });
  return new FetchError(codeOfStatus(status), url.href, `the registry answered ${status}`, {
    status,
    retryAfterMs: retryAfterMs(answer.headers['retry-after']),
  });
}

async function* checkedBody(
  answer: Dispatcher.ResponseData,
  url: string,
  ends: Parameters<typeof failureOf>[2],
): AsyncGenerator<Uint8Array, void, undefined> {
  let isDone = false;
  try {
    for await (const part of answer.body as AsyncIterable<Uint8Array>) yield part;
    isDone = true;
  } catch (error) {
    isDone = true;
    throw failureOf(error, url, ends, true);
  } finally {
    // Whoever stops reading in the middle does not want the rest.
    if (!isDone) answer.body.on('error', () => undefined).destroy();
  }
}
