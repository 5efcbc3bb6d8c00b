// SPDX-License-Identifier: Apache-2.0

import { http1Transport } from './http1-transport.ts';
import { http2Transport } from './http2-transport.ts';
import { openSocket, type SocketContext } from './open-socket.ts';
import { NoHttp2Error, type SessionPoolOptions } from './session-pool.ts';
import type { Transport } from './transport.ts';

export type Http2Tuning = Pick<
  SessionPoolOptions,
  'streamLimit' | 'sessionLimit' | 'pingIntervalMs' | 'pingLimitMs'
>;

/**
 * The transport of one server: HTTP/2 where TLS negotiates it, else HTTP/1.1 with kept connections (plain servers, and proxies that
 * end TLS themselves).
 */
export function serverTransport(context: SocketContext, tuning: Http2Tuning = {}): Transport {
  const authority = context.config.server;
  const http1 = http1Transport({ open: () => openSocket(context, ['http/1.1']), authority });
  if (authority.startsWith('http:')) return http1;
  const http2 = http2Transport({
    ...tuning,
    open: () => openSocket(context, ['h2', 'http/1.1']),
    authority,
  });
  let isHttp1 = false;
  return {
    async send(request) {
      if (isHttp1) return http1.send(request);
      try {
        return await http2.send(request);
      } catch (error) {
        if (!(error instanceof NoHttp2Error)) throw error;
        isHttp1 = true;
        return http1.send(request);
      }
    },
    renew() {
      http1.renew();
      http2.renew();
    },
    close() {
      http1.close();
      http2.close();
    },
    stats: () => (isHttp1 ? http1.stats() : http2.stats()),
  };
}
