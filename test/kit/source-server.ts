// SPDX-License-Identifier: Apache-2.0

/** A server in front of a source that does what servers do to clients: refuse, hang, cut, send elsewhere. Loopback only. */

import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './authority.ts';

/** A request as it came. */
export interface HeardRequest {
  readonly method: string;
  readonly path: string;
  /** Every header, as one text. */
  readonly headers: string;
  readonly hasClientCertificate: boolean;
}

/** Answers a request itself, or returns false: then the source answers. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface SourceServer {
  readonly url: string;
  readonly heard: readonly HeardRequest[];
  /** Until it is called again. */
  inject(fault: Fault | undefined): void;
  stop(): Promise<void>;
}

export interface SourceServerOptions {
  /** Serve HTTPS. */
  readonly certificate?: Certificate | undefined;
  /** PEM of the authority of client certificates; then one is required. */
  readonly clientAuthority?: string | undefined;
}

export async function startSourceServer(
  source: RequestListener,
  { certificate, clientAuthority }: SourceServerOptions = {},
): Promise<SourceServer> {
  const heard: HeardRequest[] = [];
  let fault: Fault | undefined;
  const listener: RequestListener = (request, response) => {
    const { method = '', url = '', rawHeaders, socket } = request;
    heard.push({
      method,
      path: url,
      headers: rawHeaders.join('\n'),
      hasClientCertificate: 'authorized' in socket && socket.authorized === true,
    });
    if (fault?.(request, response) !== true) source(request, response);
  };
  const server: Server =
    certificate === undefined
      ? createHttpServer(listener)
      : createHttpsServer(
          {
            cert: certificate.cert,
            key: certificate.key,
            ...(clientAuthority === undefined
              ? {}
              : { ca: clientAuthority, requestCert: true, rejectUnauthorized: true }),
          },
          listener,
        );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    heard,
    inject: (wanted) => {
      fault = wanted;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Files by their path, with entity tags; HEAD, too. */
export function staticSource(files: ReadonlyMap<string, Uint8Array | string>): RequestListener {
  return (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const content = files.get(path);
    if (content === undefined) {
      response.writeHead(404).end('not found');
      return;
    }
    const body = Buffer.from(content);
    const etag = `"${body.length}-${body.subarray(-64).toString('hex')}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { etag, 'content-length': body.length }).end(body);
  };
}
