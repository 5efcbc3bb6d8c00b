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

/** What is answered, and to whom. */
export const ROUTES = {
  '/healthz': { methods: 'any', about: '200 `OK` as long as the process lives' },
  '/readyz': {
    methods: 'any',
    about: '200 `OK` once the caches are filled, or while another one leads; else 503',
  },
  '/metrics': { methods: 'any', about: 'the metrics, in the text format of Prometheus' },
  '/api/v1/sync-git': {
    methods: 'POST',
    about:
      'asks all Git repositories of charts for new commits, now; answers 200 `OK` at once. With `--api-token-file` only to `Authorization: Bearer TOKEN`, else 401. Other methods: 405',
  },
} as const;

type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthOptions,
) => void | Promise<void>;

const ANSWERS: ReadonlyMap<string, Answer> = new Map<keyof typeof ROUTES, Answer>([
  ['/healthz', (_, response) => void response.end('OK')],
  [
    '/readyz',
    (_, response, { isReady }) => {
      const now = isReady();
      response.writeHead(now ? 200 : 503).end(now ? 'OK' : 'caches are not synced yet');
    },
  ],
  ['/metrics', answerMetrics],
  ['/api/v1/sync-git', answerSyncGit],
]);

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
    const answer = ANSWERS.get(path ?? '');
    if (answer === undefined) response.writeHead(404).end();
    else void answer(request, response, options);
  });
  server.listen(port, host === '' ? undefined : host);
  await once(server, 'listening');
  return server;
}

async function answerMetrics(
  _: IncomingMessage,
  response: ServerResponse,
  { metrics, refresh }: HealthOptions,
): Promise<void> {
  refresh();
  try {
    const { contentType, text } = await metrics.page();
    response.writeHead(200, { 'content-type': contentType }).end(text);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
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
