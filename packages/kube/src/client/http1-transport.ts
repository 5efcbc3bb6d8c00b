// SPDX-License-Identifier: Apache-2.0

import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { KubeError } from '../errors.ts';
import type { OpenedSocket } from './open-socket.ts';
import {
  networkMessage,
  type Transport,
  type TransportAnswer,
  TransportError,
  type TransportRequest,
} from './transport.ts';

export interface Http1Options {
  readonly open: () => Promise<OpenedSocket>;
  /** The server URL, for `Host`. */
  readonly authority: string;
}

/** Most requests at once; watches have no limit. Counted here: the agent counts only sockets that are open already. */
const REQUEST_LIMIT = 16;
const IDLE_SOCKETS = 4;

type Callback = (error: Error | null, stream: Duplex) => void;

class ConnectingAgent extends Agent {
  readonly #open: () => Promise<OpenedSocket>;
  readonly open: Set<Socket> = new Set();
  #isRetired = false;

  constructor(open: () => Promise<OpenedSocket>) {
    super({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS });
    this.#open = open;
  }

  override createConnection(_options: unknown, callback?: Callback): Duplex | undefined {
    const done = callback as (error: Error | null, stream?: Duplex) => void;
    this.#open().then(
      ({ socket }) => {
        this.open.add(socket);
        socket.once('close', () => this.open.delete(socket));
        done(null, socket);
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
    return undefined;
  }

  /** Takes no connection back; those in use end with their request. */
  retire(): void {
    this.#isRetired = true;
    for (const sockets of Object.values(this.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  // The types say `void`; Node reads the answer.
  override keepSocketAlive(socket: Duplex): boolean {
    const mayKeep: unknown = this.#isRetired ? false : super.keepSocketAlive(socket);
    return mayKeep !== false;
  }
}

/** So many at once; the others wait in order. */
class Places {
  #left: number;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#left = limit;
  }

  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#left > 0) {
      this.#left -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => reject(signal.reason);
    this.#waiting.add(resolve);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiting.delete(resolve);
      signal.removeEventListener('abort', abort);
    }
  }

  giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#left += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

/** Requests over HTTP/1.1 connections that are kept, for servers without TLS and for proxies that cannot do better. */
export function http1Transport(options: Http1Options): Transport {
  const agents = () => ({
    request: new ConnectingAgent(options.open),
    watch: new ConnectingAgent(options.open),
  });
  let current = agents();
  let active = 0;
  const places = new Places(REQUEST_LIMIT);
  return {
    async send(request) {
      const isCounted = request.lane === 'request';
      if (isCounted) await places.take(request.signal);
      active += 1;
      const end = () => {
        active -= 1;
        if (isCounted) places.giveBack();
      };
      const client = begin(current[request.lane], options.authority, request, end);
      client.once('close', end);
      return answerOf(client, request);
    },
    renew() {
      current.request.retire();
      current.watch.retire();
      current = agents();
    },
    close() {
      for (const agent of [current.request, current.watch]) {
        agent.destroy();
        for (const socket of agent.open) socket.destroy();
      }
    },
    stats() {
      const connections = current.request.open.size + current.watch.open.size;
      return { protocol: 'http/1.1', connections, active };
    },
  };
}

/** @param onFailure called when no request came to be */
function begin(
  agent: Agent,
  authority: string,
  request: TransportRequest,
  onFailure: () => void,
): ClientRequest {
  try {
    return httpRequest({
      agent,
      method: request.method,
      path: request.path,
      headers: { ...outgoing(request), host: new URL(authority).host },
      signal: request.signal,
    });
  } catch (error) {
    onFailure();
    // A header that cannot be sent, e.g. a token with a line break: the same would happen again.
    throw new TransportError('a header cannot be sent', {
      wasSent: false,
      mayPass: false,
      cause: error,
    });
  }
}

function outgoing(request: TransportRequest): Record<string, string | string[]> {
  const headers = Object.entries(request.headers).map(
    ([name, value]): [string, string | string[]] => [
      name,
      typeof value === 'string' ? value : [...value],
    ],
  );
  return Object.fromEntries(headers);
}

async function answerOf(
  client: ClientRequest,
  request: TransportRequest,
): Promise<TransportAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<TransportAnswer>();
  client.on('error', (error) => {
    if (request.signal.aborted) return reject(request.signal.reason);
    if (error instanceof TransportError || error instanceof KubeError) return reject(error);
    reject(new TransportError(networkMessage(error), { wasSent: true, cause: error }));
  });
  client.once('response', (message: IncomingMessage) => {
    resolve({ status: message.statusCode ?? 0, headers: message.headers, body: message });
  });
  client.end(request.body);
  return promise;
}
