// SPDX-License-Identifier: Apache-2.0

/** `git http-backend` behind a server on the loopback that can ask for passwords and certificates, and can fail. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  type Certificate,
  makeAuthority,
  makeClient,
  makeServing,
} from './control-plane/certificates.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

export interface GitHttpServer {
  /** Of the folder with the repositories: add `/NAME`. */
  readonly url: string;
  readonly requests: SeenRequest[];
  /** What a client trusts it by; empty for plain HTTP. */
  readonly ca: string;
  readonly client: Certificate | undefined;
  readonly authority: Certificate;
  /** Answers requests instead of git; returns whether it did. */
  intercept(
    answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined,
  ): void;
  stop(): Promise<void>;
}

export interface GitHttpOptions {
  /** Holds the repositories. */
  readonly root: string;
  readonly isPlain?: boolean;
  /** The one header that is let in. */
  readonly authorization?: string;
  readonly mustShowCertificate?: boolean;
  /** Signs the server's certificate; default: one of its own. */
  readonly authority?: Certificate;
}

export async function startGitHttpServer(options: GitHttpOptions): Promise<GitHttpServer> {
  const backend = gitBackend(options.root);
  const requests: SeenRequest[] = [];
  let answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, path: url, authorization: headers.authorization });
    if (answer?.(request, response) === true) return;
    if (options.authorization !== undefined && headers.authorization !== options.authorization) {
      const status = headers.authorization === undefined ? 401 : 403;
      response.writeHead(status, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    backend(request, response);
  };
  const authority = options.authority ?? makeAuthority();
  const serving = makeServing(authority);
  const mustShow = options.mustShowCertificate === true;
  const server =
    options.isPlain === true
      ? createServer(listener)
      : createSecureServer(
          {
            key: serving.key,
            cert: serving.cert,
            ca: authority.cert,
            requestCert: mustShow,
            rejectUnauthorized: mustShow,
          },
          listener,
        );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.isPlain === true ? 'http' : 'https'}://localhost:${port}`,
    requests,
    ca: options.isPlain === true ? '' : authority.cert,
    authority,
    client: mustShow ? makeClient(authority, 'reader', []) : undefined,
    intercept: (next) => {
      answer = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Serves the repositories of a folder to whoever asks. */
export function gitBackend(root: string): RequestListener {
  const folder = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim();
  const backend = join(folder, 'git-http-backend');
  if (!existsSync(backend)) throw new Error(`${backend} is not there: install git in full`);
  return (request, response) => runBackend(backend, root, request, response);
}

/** CGI, as the backend speaks it: headers, an empty line, the body. */
function runBackend(
  backend: string,
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '', 'http://localhost');
  const header = (name: string) => String(request.headers[name] ?? '');
  const child = spawn(backend, {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: header('content-length'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  response.on('close', () => child.kill());
  let head = Buffer.alloc(0);
  let isBody = false;
  child.stdout.on('data', (part: Buffer) => {
    if (isBody) {
      response.write(part);
      return;
    }
    head = Buffer.concat([head, part]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    isBody = true;
    for (const line of head.toString('latin1', 0, end).split('\r\n')) {
      const colon = line.indexOf(': ');
      const [name, value] = [line.slice(0, colon), line.slice(colon + 2)];
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
  });
  child.stdout.on('end', () => response.end());
}
