// SPDX-License-Identifier: Apache-2.0

/** `/healthz`, `/readyz`, `/metrics`, and `/api/v1/sync-git` of Helm Operator. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Metrics } from '../metrics/metrics.ts';

export interface HealthOptions {
  /** `:3030`, `127.0.0.1:3030`. */
  readonly listen: string;
  readonly metrics: Metrics;
  readonly isReady: () => boolean;
  /** Called before metrics are shown. */
  readonly refresh: () => void;
  /** Whether who shows this `Authorization` may use the API. */
  readonly isAllowed: (authorization: string | undefined) => Promise<boolean>;
  /** `POST /api/v1/sync-git`: answers at once, whatever comes of it. */
  readonly syncGit: () => void;
}

/** Starts to listen. @throws {Error} the address is taken or wrong */
export async function serveHealth(options: HealthOptions): Promise<Server> {
  const colon = options.listen.lastIndexOf(':');
  const host = options.listen.slice(0, Math.max(colon, 0));
  const port = Number(options.listen.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port)) {
    throw new Error(`--listen ${options.listen}: write HOST:PORT or :PORT`);
  }
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path === '/healthz') response.end('OK');
    else if (path === '/readyz') {
      const isReady = options.isReady();
      response.writeHead(isReady ? 200 : 503).end(isReady ? 'OK' : 'caches are not synced yet');
    } else if (path === '/metrics') {
      options.refresh();
      options.metrics.page().then(
        ({ contentType, text }) =>
          response.writeHead(200, { 'content-type': contentType }).end(text),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    } else if (path === '/api/v1/sync-git') {
      void answerSyncGit(request, response, options);
    } else response.writeHead(404).end();
  });
  server.listen(port, host === '' ? undefined : host);
  await once(server, 'listening');
  return server;
}

async function answerSyncGit(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  { isAllowed, syncGit }: HealthOptions,
): Promise<void> {
  if (method !== 'POST') {
    response.writeHead(405, { allow: 'POST' }).end('POST only');
    return;
  }
  if (!(await isAllowed(headers.authorization))) {
    response
      .writeHead(401, { 'www-authenticate': 'Bearer' })
      .end('show the token of --api-token-file: Authorization: Bearer TOKEN');
    return;
  }
  syncGit();
  response.writeHead(200).end('OK');
}
