// SPDX-License-Identifier: Apache-2.0

/** Proxies of this process: CONNECT and SOCKS5, with or without a login. */

import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const servers = new Set<Server>();
const sockets = new Set<Socket>();

/** Stops all of them. */
export function stopProxies(): void {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
}

async function listen(server: Server): Promise<number> {
  servers.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function join(client: Socket, port: number, host = '127.0.0.1'): void {
  const upstream = connect(port, host);
  client
    .on('error', () => undefined)
    .pipe(upstream.on('error', () => undefined))
    .pipe(client);
}

/** @returns its port */
export async function startConnectProxy(login?: string): Promise<number> {
  const server = createHttp();
  server.on('connect', (request, client: Socket) => {
    const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`;
    if (request.headers['proxy-authorization'] !== wanted) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    join(client, Number(port), host);
  });
  return listen(server);
}

/** A SOCKS5 server of one login; reads byte by byte what RFC 1928 says. */
export async function startSocksProxy(login?: string, refusal = 0): Promise<number> {
  const serve = async (client: Socket): Promise<void> => {
    client.on('error', () => undefined);
    const read = async (length: number): Promise<Buffer> => {
      for (;;) {
        const chunk: unknown = client.read(length);
        if (chunk instanceof Buffer) return chunk;
        await once(client, 'readable');
      }
    };
    const [, methods = 0] = await read(2);
    const offered = await read(methods);
    const method = login === undefined ? 0 : 2;
    client.write(Buffer.from([5, offered.includes(method) ? method : 255]));
    if (!offered.includes(method)) return void client.end();
    if (login !== undefined) {
      const name = (await read((await read(2))[1] ?? 0)).toString();
      const password = (await read((await read(1))[0] ?? 0)).toString();
      const isRight = `${name}:${password}` === login;
      client.write(Buffer.from([1, isRight ? 0 : 1]));
      if (!isRight) return void client.end();
    }
    await read(4);
    const host = (await read((await read(1))[0] ?? 0)).toString();
    const port = (await read(2)).readUInt16BE();
    client.write(Buffer.from([5, refusal, 0, 1, 127, 0, 0, 1, 0, 0]));
    if (refusal === 0) join(client, port, host);
  };
  return listen(createServer((client) => void serve(client)));
}
