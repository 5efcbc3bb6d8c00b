// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import {
  startConnectProxy,
  startSocksProxy,
  stopProxies,
} from '../../../../test/kit/api-server/proxies.ts';
import { type TunnelTarget, tunnel } from './proxy-tunnel.ts';
import { TransportError } from './transport.ts';

/** Answers every byte with itself. */
const echoes = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
echoes.listen(0, '127.0.0.1');
await once(echoes, 'listening');
const target: TunnelTarget = {
  host: '127.0.0.1',
  port: (echoes.address() as AddressInfo).port,
};
after(() => {
  echoes.close();
  stopProxies();
});

async function echo(socket: Socket): Promise<string> {
  socket.write('hello');
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return data.toString();
}

function through(proxy: string): Promise<Socket> {
  const options = { lookup: undefined, signal: AbortSignal.timeout(5_000) };
  return tunnel(new URL(proxy), target, options);
}

test('a CONNECT proxy, with and without a login', async () => {
  assert.equal(await echo(await through(`http://127.0.0.1:${await startConnectProxy()}`)), 'hello');
  const port = await startConnectProxy('me:p@ss');
  assert.equal(await echo(await through(`http://me:p%40ss@127.0.0.1:${port}`)), 'hello');
});

test('a SOCKS5 proxy, with and without a login', async () => {
  assert.equal(await echo(await through(`socks5://127.0.0.1:${await startSocksProxy()}`)), 'hello');
  const port = await startSocksProxy('me:p@ss');
  assert.equal(await echo(await through(`socks5://me:p%40ss@127.0.0.1:${port}`)), 'hello');
});

/** [proxy URL, message] */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  [`http://me:s3cr3t@127.0.0.1:${await startConnectProxy('other:x')}`, /status 407/],
  [`socks5://me:s3cr3t@127.0.0.1:${await startSocksProxy('other:x')}`, /refused the login/],
  [`socks5://127.0.0.1:${await startSocksProxy('other:x')}`, /wants a login/],
  [`socks5://127.0.0.1:${await startSocksProxy(undefined, 2)}`, /rules do not allow/],
  ['http://127.0.0.1:1', /ECONNREFUSED/],
  ['socks5://127.0.0.1:1', /ECONNREFUSED/],
  ['gopher://127.0.0.1:1', /"gopher:" is unknown/],
];
for (const [proxy, message] of REFUSED) {
  test(`refused: ${new URL(proxy).protocol} ${String(message)}`, async () => {
    await assert.rejects(through(proxy), (error: unknown) => {
      assert.ok(error instanceof TransportError);
      assert.equal(error.wasSent, false);
      assert.match(error.message, message);
      assert.ok(!`${error.stack}${String(error.cause)}`.includes('s3cr3t'));
      return true;
    });
  });
}
