// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import {
  answerJson,
  answerStatus,
  type TestResponse,
} from '../../../../test/kit/api-server/api-server.ts';
import { selfSigned } from '../../../../test/kit/api-server/certificates.ts';
import { startConnectProxy, startSocksProxy } from '../../../../test/kit/api-server/proxies.ts';
import {
  type Answer,
  CONFIG_MAP,
  cleanups,
  configOf,
  hasCode,
  QUERY,
  setUp,
  until,
} from '../../../../test/kit/api-server/set-up.ts';
import type { KubeConfig } from '../config/kube-config.ts';
import { connect } from './connect.ts';

for (const protocol of ['h2', 'https', 'http'] as const) {
  test(`${protocol}: calls share connections and carry numbers without loss`, async () => {
    const { server, cluster } = await setUp(
      (_, response) => {
        const body = '{"apiVersion":"v1","kind":"ConfigMap","big":9007199254740993,"real":1.0}';
        response.setHeader('content-type', 'application/json');
        response.end(body);
      },
      { protocol },
    );
    await Promise.all(Array.from({ length: 20 }, () => cluster.get(CONFIG_MAP)));
    const object = await cluster.get(CONFIG_MAP);
    const big = object?.get('big');
    assert.ok(typeof big === 'object' && big !== null && 'value' in big);
    assert.equal(big.value, 9007199254740993n);
    assert.equal(object?.get('real'), 1);
    assert.ok(server.connections <= (protocol === 'h2' ? 1 : 18), `${server.connections}`);
  });

  test(`${protocol}: a call that takes too long ends with kube/timeout`, async () => {
    const { cluster } = await setUp(() => undefined, { protocol });
    await cluster.resources();
    await assert.rejects(cluster.get(CONFIG_MAP, { timeoutMs: 60 }), hasCode('kube/timeout'));
  });

  test(`${protocol}: an aborted call ends with the signal's reason`, async () => {
    const { cluster } = await setUp(() => undefined, { protocol });
    await cluster.resources();
    const abort = new AbortController();
    const call = cluster.get(CONFIG_MAP, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('stop')), 20);
    await assert.rejects(call, /^Error: stop$/);
    await until(() => cluster.stats().active === 0);
  });

  test(`${protocol}: a connection that is cut is opened again`, async () => {
    const { server, cluster } = await setUp((_, response) => answerJson(response, { kind: 'x' }), {
      protocol,
    });
    await cluster.get(CONFIG_MAP);
    server.cut();
    await cluster.get(CONFIG_MAP);
  });

  test(`${protocol}: a request body and its headers arrive`, async () => {
    const seen: { headers: IncomingHttpHeaders; body: string; url: string; method: string }[] = [];
    const { cluster } = await setUp(
      ({ headers, url = '', method = '' }, response, body) => {
        seen.push({ headers, body, url, method });
        answerJson(response, { kind: 'ConfigMap' });
      },
      { protocol, connect: { version: '1.2.3', userAgentSuffix: 'shard-1' } },
    );
    const identity = {
      user: 'system:serviceaccount:apps:deployer',
      groups: ['a', 'b'],
      uid: 'u1',
      extra: new Map([['example.org/Scope', ['x', 'y']]]),
    };
    const options = { fieldManager: 'helm', isForced: true };
    await cluster.as(identity).patch(CONFIG_MAP, 'apply', '{"é":1}', options);
    const [call] = seen;
    assert.equal(call?.method, 'PATCH');
    assert.equal(call.url, '/api/v1/namespaces/apps/configmaps/web?fieldManager=helm&force=true');
    assert.equal(call.body, '{"é":1}');
    assert.equal(call.headers['content-type'], 'application/apply-patch+yaml');
    assert.equal(call.headers['user-agent'], 'helm-operator/1.2.3 shard-1');
    assert.equal(call.headers['impersonate-user'], identity.user);
    assert.equal(call.headers['impersonate-uid'], 'u1');
    assert.equal(call.headers['impersonate-group'], 'a, b');
    assert.equal(call.headers['impersonate-extra-example.org%2fscope'], 'x, y');
  });
}

test('an unknown certificate is refused without being tried again', async () => {
  const { cluster, server } = await setUp(() => undefined, {
    config: { ca: { pem: selfSigned('other').cert } },
  });
  await assert.rejects(cluster.get(CONFIG_MAP), hasCode('kube/unreachable'));
  assert.ok(server.connections <= 2);
});

test('the certificate is verified against tls-server-name', async () => {
  const answer: Answer = (_, response) => answerJson(response, { kind: 'x' });
  const right = await setUp(answer, { config: { serverName: 'api.example' } });
  await right.cluster.get(CONFIG_MAP);
  const wrong = await setUp(answer, { config: { serverName: 'other.example' } });
  await assert.rejects(wrong.cluster.get(CONFIG_MAP), hasCode('kube/unreachable'));
});

test('B34: a client certificate is shown', async () => {
  const client = selfSigned('alice');
  const names: (string | string[] | undefined)[] = [];
  const { cluster } = await setUp(
    (request, response) => {
      const socket = request.socket as TLSSocket;
      names.push(socket.getPeerCertificate().subject.CN);
      answerJson(response, { kind: 'x' });
    },
    {
      mustRequestCertificate: true,
      config: { clientCertificate: { pem: client.cert }, clientKey: { pem: client.key } },
    },
  );
  await cluster.get(CONFIG_MAP);
  assert.deepEqual(names, ['alice']);
});

test('a client certificate that expired is read again from its file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const [cert, key] = [join(folder, 'cert'), join(folder, 'key')];
  const put = async (name: string): Promise<void> => {
    const client = selfSigned(name);
    await writeFile(cert, client.cert);
    await writeFile(key, client.key);
  };
  await put('old');
  const { cluster } = await setUp(
    (request, response) => {
      const name = (request.socket as TLSSocket).getPeerCertificate().subject.CN;
      if (name === 'new') answerJson(response, { kind: 'x' });
      else answerStatus(response, 401, 'Unauthorized', 'Unauthorized');
    },
    {
      mustRequestCertificate: true,
      config: { clientCertificate: { file: cert }, clientKey: { file: key } },
    },
  );
  await assert.rejects(cluster.get(CONFIG_MAP), hasCode('kube/unauthorized'));
  await put('new');
  assert.equal((await cluster.get(CONFIG_MAP))?.get('kind'), 'x');
});

test('no more streams than the server announced are open on a session', async () => {
  let open = 0;
  let most = 0;
  const { cluster, server } = await setUp(
    (_, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        answerJson(response, { kind: 'x' });
      }, 20);
    },
    { maxStreams: 5, connect: { http2: { sessionLimit: 2 } } },
  );
  await cluster.resources();
  await Promise.all(Array.from({ length: 40 }, () => cluster.get(CONFIG_MAP)));
  assert.ok(most <= 10, `${most} at once`);
  assert.equal(server.connections, 2);
});

test('watches have sessions of their own, at most 90 on each, and end without a trace', async () => {
  const { cluster, server } = await setUp((request, response) => {
    if (!request.url?.includes('watch=true')) return answerJson(response, { kind: 'x' });
    const stream = response as ServerResponse;
    const bookmark = { type: 'BOOKMARK', object: endOfList('5') };
    stream.write(`${JSON.stringify(bookmark)}\n`);
  });
  const abort = new AbortController();
  let synced = 0;
  const watches = Array.from({ length: 200 }, () =>
    cluster.watch(
      QUERY,
      (event) => {
        if (event.type === 'synced') synced += 1;
      },
      abort.signal,
    ),
  );
  await until(() => synced === 200);
  await cluster.get(CONFIG_MAP);
  assert.equal(server.connections, 4);
  abort.abort();
  await Promise.all(watches);
  await until(() => cluster.stats().active === 0);
});

test('after GOAWAY new calls use a new session and running ones end in peace', async () => {
  const held: TestResponse[] = [];
  const { cluster, server } = await setUp((request, response) => {
    if (request.url?.endsWith('/slow')) held.push(response);
    else answerJson(response, { kind: 'x' });
  });
  const slow = cluster.get({ ...CONFIG_MAP, name: 'slow' });
  await until(() => held.length === 1);
  for (const session of server.sessions) session.goaway(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await cluster.get(CONFIG_MAP);
  assert.equal(server.connections, 2);
  for (const response of held) answerJson(response, { kind: 'slow' });
  assert.equal((await slow)?.get('kind'), 'slow');
});

test('a session that does not answer pings is given up', async () => {
  const { server } = await setUp((_, response) => answerJson(response, { kind: 'x' }));
  const pipe = await startPipe(server.port);
  const { url } = pipe;
  const http2 = { pingIntervalMs: 30, pingLimitMs: 50 };
  const cluster = connect(configOf(server, { server: url }), { http2, random: () => 0 });
  await cluster.resources();
  pipe.stall();
  const object = await cluster.get(CONFIG_MAP, { timeoutMs: 5_000 });
  assert.equal(object?.get('kind'), 'x');
  cluster.close();
  pipe.close();
});

/** Passes bytes on; connections that are stalled stay open and pass nothing. */
async function startPipe(
  port: number,
): Promise<{ readonly url: string; stall(): void; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTcp(port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket.on('error', () => undefined));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${address.port}`,
    stall() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

for (const scheme of ['http', 'socks5'] as const) {
  test(`HTTP/2 through a proxy: ${scheme}`, async () => {
    const start = scheme === 'http' ? startConnectProxy : startSocksProxy;
    const proxyUrl = `${scheme}://me:pass@127.0.0.1:${await start('me:pass')}`;
    const answer: Answer = (_, response) => answerJson(response, { kind: 'x' });
    const { cluster } = await setUp(answer, { config: { proxyUrl } });
    assert.equal((await cluster.get(CONFIG_MAP))?.get('kind'), 'x');
    assert.equal(cluster.stats().protocol, 'h2');
  });
}

test('link-local addresses are refused to a foreign kubeconfig', async () => {
  for (const server of [
    'https://169.254.169.254',
    'https://[fe80::1]',
    'https://[fd00:ec2::254]',
  ]) {
    const config: KubeConfig = {
      ...{ origin: 'test', server, namespace: 'default', isInsecure: false },
      ...{ isCompressionDisabled: false, credential: { kind: 'none' }, mustAvoidLinkLocal: true },
    };
    const cluster = connect(config);
    await assert.rejects(cluster.version({ timeoutMs: 500 }), /link-local or metadata/);
  }
});

function endOfList(resourceVersion: string): object {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return { kind: 'ConfigMap', metadata: { resourceVersion, annotations } };
}
