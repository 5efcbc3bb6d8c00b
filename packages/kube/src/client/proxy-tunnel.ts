// SPDX-License-Identifier: Apache-2.0

/** A tunnel through an HTTP(S) proxy (CONNECT) or a SOCKS5 one (RFC 1928, RFC 1929). */

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { networkMessage, TransportError } from './transport.ts';

export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

export interface TunnelOptions {
  readonly lookup: LookupFunction | undefined;
  readonly signal: AbortSignal;
}

/**
 * @param proxy may hold a user name and password; they never reach a message
 * @throws {TransportError}
 */
export async function tunnel(
  proxy: URL,
  target: TunnelTarget,
  options: TunnelOptions,
): Promise<Socket> {
  try {
    switch (proxy.protocol) {
      case 'http:':
      case 'https:':
        return await connectTunnel(proxy, target, options);
      case 'socks5:':
      case 'socks5h:':
        return await socksTunnel(proxy, target, options);
      default:
        throw new Error(`the scheme "${proxy.protocol}" is unknown; use http, https or socks5`);
    }
  } catch (error) {
    throw new TransportError(`proxy ${proxy.protocol}//${proxy.host}: ${networkMessage(error)}`, {
      wasSent: false,
      cause: error,
    });
  }
}

function userOf(proxy: URL): { name: string; password: string } | undefined {
  if (proxy.username === '') return undefined;
  return { name: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) };
}

async function connectTunnel(
  proxy: URL,
  { host, port }: TunnelTarget,
  { lookup, signal }: TunnelOptions,
): Promise<Socket> {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const user = userOf(proxy);
  const pair = user && Buffer.from(`${user.name}:${user.password}`).toString('base64');
  const open = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = open({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(pair ? { 'proxy-authorization': `Basic ${pair}` } : {}) },
    agent: false,
    signal,
    ...(lookup === undefined ? {} : { lookup }),
  });
  request.end();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  request.once('error', reject);
  request.once('response', (answer) => {
    answer.destroy();
    reject(new Error(`it answered with status ${answer.statusCode}`));
  });
  request.once('connect', (answer, socket, head) => {
    if (answer.statusCode !== 200) {
      socket.destroy();
      return reject(new Error(`it answered with status ${answer.statusCode}`));
    }
    if (head.length > 0) socket.unshift(head);
    resolve(asSocket(socket));
  });
  return promise;
}

/** `CONNECT` hands out the very socket it was sent on. */
function asSocket(socket: Duplex): Socket {
  return socket as Socket;
}

const SOCKS_VERSION = 5;
const SOCKS_NO_AUTH = 0;
const SOCKS_PASSWORD = 2;
const SOCKS_REFUSALS: readonly string[] = [
  'it failed',
  'its rules do not allow this connection',
  'the network is unreachable',
  'the host is unreachable',
  'the connection was refused',
  'the time to live expired',
  'it does not know CONNECT',
  'it does not know this kind of address',
];

async function socksTunnel(
  proxy: URL,
  target: TunnelTarget,
  { lookup, signal }: TunnelOptions,
): Promise<Socket> {
  const socket = connect({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: Number(proxy.port || 1080),
    noDelay: true,
    ...(lookup === undefined ? {} : { lookup }),
  });
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await once(socket, 'connect', { signal });
    await greet(socket, userOf(proxy));
    await ask(socket, target);
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function greet(
  socket: Socket,
  user: { name: string; password: string } | undefined,
): Promise<void> {
  const methods = user === undefined ? [SOCKS_NO_AUTH] : [SOCKS_NO_AUTH, SOCKS_PASSWORD];
  socket.write(Uint8Array.from([SOCKS_VERSION, methods.length, ...methods]));
  const chosen = (await readExactly(socket, 2))[1];
  if (chosen === SOCKS_NO_AUTH) return;
  if (chosen !== SOCKS_PASSWORD || user === undefined) throw new Error('it wants a login');
  const name = Buffer.from(user.name);
  const password = Buffer.from(user.password);
  socket.write(
    Buffer.concat([
      Uint8Array.from([1, name.length]),
      name,
      Uint8Array.from([password.length]),
      password,
    ]),
  );
  if ((await readExactly(socket, 2))[1] !== 0) throw new Error('it refused the login');
}

async function ask(socket: Socket, { host, port }: TunnelTarget): Promise<void> {
  const name = Buffer.from(host);
  const portBytes = Uint8Array.from([port >> 8, port & 0xff]);
  socket.write(
    Buffer.concat([Uint8Array.from([SOCKS_VERSION, 1, 0, 3, name.length]), name, portBytes]),
  );
  const head = await readExactly(socket, 4);
  const code = head[1] ?? 1;
  if (code !== 0) throw new Error(SOCKS_REFUSALS[code - 1] ?? 'it failed');
  const kind = head[3];
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await readExactly(socket, 1))[0] ?? 0);
  await readExactly(socket, length + 2);
}

async function readExactly(socket: Socket, length: number): Promise<Uint8Array> {
  for (;;) {
    const chunk: unknown = socket.read(length);
    if (chunk instanceof Uint8Array && chunk.length === length) return chunk;
    if (socket.readableEnded || socket.destroyed) throw new Error('it closed the connection');
    await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')]);
  }
}
