// SPDX-License-Identifier: Apache-2.0

/**
 * Stands between a client and an API server and breaks things on demand.
 *
 * It speaks HTTP/2 (and HTTP/1.1) over TLS to both sides and passes `Authorization` on, so a client needs a bearer token.
 */

import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createSecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { makeAuthority, makeServing } from '../control-plane/certificates.ts';

/** What a fault does to a request that it meets. */
export type Fault =
  /** The connection is cut, before the request reaches the API server. */
  | { readonly kind: 'cut' }
  /** The API server does its work; the connection is cut before the answer comes through. */
  | { readonly kind: 'cutAnswer' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The answer is this status with a Kubernetes Status body; the API server is not asked. */
  | {
      readonly kind: 'status';
      readonly status: 409 | 410 | 418 | 429 | 500 | 503 | 504;
      readonly retryAfterSeconds?: number;
    };

export interface FaultRule {
  readonly fault: Fault;
  /** Which requests it meets. */
  readonly matches: (request: { readonly method: string; readonly path: string }) => boolean;
  /** How many; afterwards the rule is gone. Default: for ever. */
  readonly times?: number;
}

export interface FaultProxy {
  readonly url: string;
  readonly authority: string;
  /** Adds a rule; the first that matches decides. @returns how many requests it met so far */
  inject(rule: FaultRule): { met(): number; remove(): void };
  /** Cuts every open connection (watches included). */
  cutAll(): void;
  readonly openStreams: () => number;
  stop(): Promise<void>;
}

interface ActiveRule {
  readonly rule: FaultRule;
  met: number;
}

const REASONS: Readonly<Record<number, string>> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};
const HOP_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'host']);

/** Starts a proxy in front of `target`. @param authority PEM of the target's certificate authority */
export async function startFaultProxy(target: string, authority: string): Promise<FaultProxy> {
  const ours = makeAuthority();
  const serving = makeServing(ours);
  const rules: ActiveRule[] = [];
  const sessions = new Set<Http2Session>();
  let openStreams = 0;
  const upstream = upstreamPool(target, authority);
  const server = createSecureServer({ key: serving.key, cert: serving.cert });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    openStreams++;
    stream.on('close', () => openStreams--);
    stream.on('error', () => undefined);
    const rule = take(rules, headers);
    void serve(stream, headers, { fault: rule?.fault, upstream }).catch(() => stream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cutAll = () => {
    for (const session of sessions) session.destroy();
  };
  return {
    url: `https://127.0.0.1:${port}`,
    authority: ours.cert,
    inject: (rule) => {
      const active: ActiveRule = { rule, met: 0 };
      rules.push(active);
      return {
        met: () => active.met,
        remove: () => {
          const at = rules.indexOf(active);
          if (at >= 0) rules.splice(at, 1);
        },
      };
    },
    cutAll,
    openStreams: () => openStreams,
    stop: async () => {
      cutAll();
      upstream.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function take(rules: ActiveRule[], headers: IncomingHttpHeaders): FaultRule | undefined {
  const request = { method: String(headers[':method']), path: String(headers[':path']) };
  for (const active of rules) {
    if (active.rule.times !== undefined && active.met >= active.rule.times) continue;
    if (!active.rule.matches(request)) continue;
    active.met++;
    return active.rule;
  }
  return undefined;
}

interface ServeContext {
  readonly fault: Fault | undefined;
  readonly upstream: UpstreamPool;
}

async function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { fault, upstream }: ServeContext,
): Promise<void> {
  if (fault?.kind === 'cut') {
    stream.session?.destroy();
    return;
  }
  if (fault?.kind === 'status') {
    refuse(stream, fault.status, fault.retryAfterSeconds);
    return;
  }
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
  const sent = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name) && name !== ':authority'),
  );
  const forwarded = await upstream.open(sent);
  stream.pipe(forwarded);
  forwarded.on('response', (answer) => {
    if (fault?.kind === 'cutAnswer') {
      stream.session?.destroy();
      return;
    }
    if (stream.destroyed) return;
    stream.respond(answer);
    forwarded.pipe(stream);
  });
  forwarded.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  stream.on('close', () => forwarded.close(constants.NGHTTP2_CANCEL));
}

function refuse(stream: ServerHttp2Stream, status: number, retryAfterSeconds?: number): void {
  const reason = REASONS[status] ?? 'Unknown';
  stream.respond({
    ':status': status,
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
  stream.end(
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `injected fault: ${reason}`,
      reason,
      code: status,
    }),
  );
}

interface UpstreamPool {
  open(headers: Record<string, string | string[] | undefined>): Promise<ClientHttp2Stream>;
  close(): void;
}

const STREAMS_PER_SESSION = 90;

/** An HTTP/2 session of the API server takes 100 streams; a new one is opened before that. */
function upstreamPool(target: string, authority: string): UpstreamPool {
  const used = new Map<ClientHttp2Session, number>();
  const free = async (): Promise<ClientHttp2Session> => {
    for (const [session, count] of used) {
      if (session.closed || session.destroyed) used.delete(session);
      else if (count < STREAMS_PER_SESSION) return session;
    }
    const session = connect(target, { ca: authority });
    session.on('error', () => used.delete(session));
    session.on('close', () => used.delete(session));
    await once(session, 'connect');
    used.set(session, 0);
    return session;
  };
  return {
    open: async (headers) => {
      const session = await free();
      used.set(session, (used.get(session) ?? 0) + 1);
      const stream = session.request(headers);
      stream.on('close', () => used.set(session, (used.get(session) ?? 1) - 1));
      return stream;
    },
    close: () => {
      for (const session of used.keys()) session.destroy();
    },
  };
}
