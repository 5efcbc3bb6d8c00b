// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { startApiServer } from '../../../../test/kit/api-server/api-server.ts';
import { certificate } from '../../../../test/kit/api-server/set-up.ts';
import { http2Transport } from './http2-transport.ts';
import { readBody } from './read-body.ts';
import { TransportError } from './transport.ts';

const REQUEST = {
  ...{ method: 'POST', path: '/', headers: {}, body: undefined, lane: 'request' as const },
  signal: new AbortController().signal,
};

/** A server whose answers are `answer`, and a transport to it. */
async function setUp(
  answer: (response: { end(text: string): void; write(text: string): void }) => void,
) {
  const server = await startApiServer({
    ...{ protocol: 'h2', certificate },
    answer: (_, response) => answer(response as unknown as Parameters<typeof answer>[0]),
  });
  const transport = http2Transport({
    authority: server.url,
    async open() {
      const options = { port: server.port, host: '127.0.0.1', ALPNProtocols: ['h2'] };
      const socket = connect({ ...options, ca: certificate.cert });
      await once(socket, 'secureConnect');
      return { socket, protocol: 'h2' };
    },
  });
  return { server, transport };
}

test('an answer that came completely can be read after the connection has ended', async () => {
  const { server, transport } = await setUp((response) => response.end('y'.repeat(100_000)));
  const answer = await transport.send(REQUEST);
  await new Promise((resolve) => setTimeout(resolve, 50));
  server.cut();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await readBody(answer, 1 << 20, 'test')).length, 100_000);
  transport.close();
  await server.close();
});

test('an answer that was cut is not taken for a complete one', async () => {
  const { server, transport } = await setUp((response) => response.write('half'));
  const answer = await transport.send(REQUEST);
  await new Promise((resolve) => setTimeout(resolve, 50));
  server.cut();
  await assert.rejects(readBody(answer, 1 << 20, 'test'));
  transport.close();
  await server.close();
});

test('a refused stream was not sent, a reset one was', async () => {
  const codes = [7, 8];
  for (const code of codes) {
    const { server, transport } = await setUp((response) => {
      const { stream } = response as unknown as { stream: { close(code: number): void } };
      stream.close(code);
    });
    const error = await transport.send(REQUEST).catch((reason: unknown) => reason);
    assert.ok(error instanceof TransportError);
    assert.equal(error.wasSent, code !== 7);
    transport.close();
    await server.close();
  }
});
