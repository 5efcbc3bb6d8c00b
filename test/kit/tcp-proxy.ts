// SPDX-License-Identifier: Apache-2.0

/** A port in front of another one that does what networks do: delay, cut, change, refuse. Loopback only. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to a connection. */
export interface TcpFault {
  /** It is closed at once. */
  readonly isRefused?: boolean;
  /** It is opened, and nothing is ever said. */
  readonly isSilent?: boolean;
  /** Each part of an answer comes so much later, in milliseconds. */
  readonly delayMs?: number;
  /** It ends after so many bytes of the answer. */
  readonly cutAtBytes?: number;
  /** This byte of the answer is another one. */
  readonly flipAtByte?: number;
}

export interface TcpProxy {
  readonly port: number;
  /** For the connections that come. */
  inject(fault: TcpFault): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let fault: TcpFault = {};
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    return socket;
  };
  const server = createServer((client) => {
    keep(client);
    if (fault.isRefused === true) client.destroy();
    else if (fault.isSilent !== true)
      void handOn(client, keep(connect(target, '127.0.0.1')), fault);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    inject: (next) => {
      fault = next;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function handOn(client: Socket, target: Socket, fault: TcpFault): Promise<void> {
  client.pipe(target);
  const { delayMs = 0, cutAtBytes = Infinity, flipAtByte = Infinity } = fault;
  let seen = 0;
  try {
    for await (const part of target as AsyncIterable<Buffer>) {
      if (delayMs > 0) await sleep(delayMs);
      const at = flipAtByte - seen;
      if (at >= 0 && at < part.length) part[at] = (part[at] ?? 0) ^ 1;
      client.write(part.subarray(0, Math.max(cutAtBytes - seen, 0)));
      seen += part.length;
      if (seen > cutAtBytes) break;
    }
    client.end();
  } catch {
    // The other side went away.
    client.destroy();
  } finally {
    target.destroy();
  }
}
