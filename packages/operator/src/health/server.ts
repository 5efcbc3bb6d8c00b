// SPDX-License-Identifier: Apache-2.0

/** `/healthz`, `/readyz`, `/metrics`, and `/api/v1/sync-git` of Helm Operator. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Metrics } from '../metrics/metrics.ts';

export interface HealthOptions {
  /** `:3030`, `127.0.0.1:3030`. */
  readonly listen: string;
  readonly metrics: Metrics;
  readonly isReady: () => boolean;
  /** Called before metrics are shown. */
  readonly refresh: () => void;
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
      const isPost = request.method === 'POST';
      if (isPost) options.syncGit();
      response.writeHead(isPost ? 200 : 405, isPost ? {} : { allow: 'POST' });
      response.end(isPost ? 'OK' : 'POST only');
    } else response.writeHead(404).end();
  });
  server.listen(port, host === '' ? undefined : host);
  await once(server, 'listening');
  return server;
}
