// SPDX-License-Identifier: Apache-2.0

/** A server in this process that answers as a test says: HTTP/2, HTTP/1.1 over TLS, or plain. For tests of the client alone. */

import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createTls } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TestCertificate } from './certificates.ts';

export type TestRequest = IncomingMessage | Http2ServerRequest;
export type TestResponse = ServerResponse | Http2ServerResponse;

export interface ApiServerOptions {
  readonly protocol: 'h2' | 'https' | 'http';
  /** Needed but for `http`. */
  readonly certificate?: TestCertificate | undefined;
  readonly maxStreams?: number | undefined;
  /** Ask clients for a certificate, without verifying it. */
  readonly mustRequestCertificate?: boolean | undefined;
  readonly answer: (request: TestRequest, response: TestResponse, body: string) => void;
}

export interface ApiServer {
  readonly url: string;
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: number;
  readonly sessions: ReadonlySet<ServerHttp2Session>;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { protocol, certificate, maxStreams = 100 } = options;
  const listener = (request: TestRequest, response: TestResponse): void => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => options.answer(request, response, Buffer.concat(chunks).toString()));
  };
  const tls = {
    ...(certificate ?? {}),
    requestCert: options.mustRequestCertificate === true,
    rejectUnauthorized: false,
  };
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  let connections = 0;
  const server =
    protocol === 'h2'
      ? createSecureServer({ ...tls, settings: { maxConcurrentStreams: maxStreams } }, listener)
      : protocol === 'https'
        ? createTls(tls, listener)
        : createPlain(listener);
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.once('close', () => sessions.delete(session));
  });
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${protocol === 'http' ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    get connections() {
      return connections;
    },
    sessions,
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with JSON. */
export function answerJson(
  response: TestResponse,
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  const respond = response as ServerResponse;
  respond.writeHead(status, { 'content-type': 'application/json', ...headers });
  respond.end(JSON.stringify(body));
}

/** Answers with a Status object. */
export function answerStatus(
  response: TestResponse,
  code: number,
  reason: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  answerJson(response, { kind: 'Status', apiVersion: 'v1', code, reason, message }, code, headers);
}
