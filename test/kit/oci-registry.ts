// SPDX-License-Identifier: Apache-2.0

/** The CNCF distribution registry on the loopback: open, with basic authentication, or with a token server; with or without TLS. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createPort } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashSync } from 'bcryptjs';
import { ensureTool } from '../tools/tools.ts';
import { selfSigned, type TestCertificate } from './api-server/certificates.ts';

export const REGISTRY_USER = 'robot';
export const REGISTRY_PASSWORD = 'correct-horse-battery';

export interface OciRegistryOptions {
  readonly auth?: 'none' | 'basic' | 'token' | undefined;
  readonly tls?: TestCertificate | undefined;
  /** Tags per page of the listing. */
  readonly maxTags?: number | undefined;
}

export interface OciRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** What was asked of the token server, as `GET ?…` with `Basic` or `-`. */
  readonly tokenRequests: readonly string[];
  stop(): Promise<void>;
}

/** Starts a registry that keeps its contents in a folder of its own, and waits until it answers. */
export async function startOciRegistry(options: OciRegistryOptions = {}): Promise<OciRegistry> {
  const binary = await ensureTool('registry');
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  const port = await freePort();
  const tokens = options.auth === 'token' ? await startTokenServer() : undefined;
  const config = join(folder, 'config.yml');
  await writeFile(config, JSON.stringify(await configOf(options, { folder, port, tokens })));
  const log = join(folder, 'registry.log');
  const child = spawn('sh', ['-c', `exec "$0" serve "$1" >"$2" 2>&1`, binary, config, log], {
    stdio: 'ignore',
    env: { OTEL_TRACES_EXPORTER: 'none', PATH: process.env['PATH'] ?? '' },
  });
  await waitForPort(port, child, log);
  return {
    host: `127.0.0.1:${port}`,
    tokenRequests: tokens?.requests ?? [],
    stop: async () => {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
      await tokens?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly tokens: TokenServer | undefined;
}

async function configOf(options: OciRegistryOptions, place: Place): Promise<unknown> {
  const { folder, port, tokens } = place;
  const http: Record<string, unknown> = {
    addr: `127.0.0.1:${port}`,
    secret: 'of-a-test',
  };
  if (options.tls !== undefined) {
    const certificate = join(folder, 'tls.crt');
    const key = join(folder, 'tls.key');
    await writeFile(certificate, options.tls.cert);
    await writeFile(key, options.tls.key);
    http['tls'] = { certificate, key };
  }
  return {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, 'data') },
      delete: { enabled: true },
      ...(options.maxTags === undefined ? {} : { tag: { concurrencylimit: 4 } }),
    },
    ...(options.maxTags === undefined ? {} : { tags: { maxtags: options.maxTags } }),
    http,
    ...(await authOf(options.auth ?? 'none', folder, tokens)),
  };
}

async function authOf(
  auth: 'none' | 'basic' | 'token',
  folder: string,
  tokens: TokenServer | undefined,
): Promise<Record<string, unknown>> {
  if (auth === 'none') return {};
  if (auth === 'basic') {
    const path = join(folder, 'htpasswd');
    await writeFile(path, `${REGISTRY_USER}:${hashSync(REGISTRY_PASSWORD, 5)}\n`);
    return { auth: { htpasswd: { realm: 'charts', path } } };
  }
  const rootcertbundle = join(folder, 'token.crt');
  await writeFile(rootcertbundle, tokens?.certificate.cert ?? '');
  const realm = `${tokens?.url}/token`;
  return { auth: { token: { realm, service: 'charts', issuer: 'test', rootcertbundle } } };
}

interface TokenServer {
  readonly url: string;
  readonly certificate: TestCertificate;
  readonly requests: string[];
  stop(): Promise<void>;
}

/** Gives signed tokens for what is asked to whoever knows the password; to others none. */
async function startTokenServer(): Promise<TokenServer> {
  const certificate = selfSigned('token');
  const requests: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { authorization } = request.headers;
    requests.push(`${request.method} ${url.search} ${authorization === undefined ? '-' : 'Basic'}`);
    const wanted = `Basic ${Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64')}`;
    if (authorization !== wanted) {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"details":"incorrect username or password"}');
      return;
    }
    const token = signToken(certificate, url.searchParams);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ token, expires_in: 300 }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    certificate,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function signToken({ cert, key }: TestCertificate, query: URLSearchParams): string {
  const now = Math.floor(Date.now() / 1000);
  const access = query.getAll('scope').flatMap((scope) => {
    const [type, name, actions = ''] = scope.split(':');
    return [{ type, name, actions: actions.split(',') }];
  });
  const x5c = [new X509Certificate(cert).raw.toString('base64')];
  const header = { typ: 'JWT', alg: 'RS256', x5c };
  const claims = {
    iss: 'test',
    sub: REGISTRY_USER,
    aud: query.get('service') ?? '',
    exp: now + 300,
    nbf: now - 10,
    iat: now,
    jti: createHash('sha256').update(`${now}${query}`).digest('hex'),
    access,
  };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part(header)}.${part(claims)}`;
  const signature = sign('RSA-SHA256', Buffer.from(text), createPrivateKey(key));
  return `${text}.${signature.toString('base64url')}`;
}

async function freePort(): Promise<number> {
  const server = createPort();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function waitForPort(port: number, child: ChildProcess, log: string): Promise<void> {
  const { connect } = await import('node:net');
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null)
      throw new Error(`the registry ended: ${await readFile(log, 'utf8')}`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`the registry does not start: ${await readFile(log, 'utf8')}`);
}
