// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import {
  type ApiServer,
  type ApiServerOptions,
  answerJson,
  answerStatus,
  startApiServer,
  type TestRequest,
  type TestResponse,
} from '../../../../test/kit/api-server/api-server.ts';
import { selfSigned } from '../../../../test/kit/api-server/certificates.ts';
import {
  startConnectProxy,
  startSocksProxy,
  stopProxies,
} from '../../../../test/kit/api-server/proxies.ts';
import type { KubeConfig } from '../config/kube-config.ts';
import { KubeError, type KubeErrorCode } from '../errors.ts';
import { type ConnectedCluster, type ConnectOptions, connect } from './connect.ts';

const certificate = selfSigned('api', ['api.example']);
const RESOURCES = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: {},
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [
            {
              resource: 'configmaps',
              responseKind: { group: '', version: 'v1', kind: 'ConfigMap' },
              scope: 'Namespaced',
              verbs: ['get', 'list', 'watch'],
            },
          ],
        },
      ],
    },
  ],
};
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'web' };
const QUERY = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'apps' };

type Answer = (request: TestRequest, response: TestResponse, body: string) => void;

interface Setup {
  readonly server: ApiServer;
  readonly cluster: ConnectedCluster;
}

const cleanups: (() => Promise<void>)[] = [];
after(async () => {
  stopProxies();
  for (const clean of cleanups) await clean();
});

function configOf(server: ApiServer, more: Partial<KubeConfig> = {}): KubeConfig {
  return {
    origin: 'test',
    server: server.url,
    namespace: 'default',
    ca: { pem: certificate.cert },
    isInsecure: false,
    isCompressionDisabled: false,
    credential: { kind: 'none' },
    mustAvoidLinkLocal: false,
    ...more,
  };
}

/** Discovery is answered; everything else goes to `answer`. */
async function setUp(
  answer: Answer,
  how: Partial<ApiServerOptions> & {
    readonly config?: Partial<KubeConfig>;
    readonly connect?: ConnectOptions;
  } = {},
): Promise<Setup> {
  const server = await startApiServer({
    protocol: 'h2',
    certificate,
    ...how,
    answer(request, response, body) {
      if (request.url === '/api') return answerJson(response, RESOURCES);
      if (request.url === '/apis') {
        return answerJson(response, { kind: 'APIGroupDiscoveryList', items: [] });
      }
      return answer(request, response, body);
    },
  });
  const cluster = connect(configOf(server, how.config), { random: () => 0, ...how.connect });
  cleanups.push(async () => {
    cluster.close();
    await server.close();
  });
  return { server, cluster };
}

function hasCode(code: KubeErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof KubeError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

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

/** [status, reason, headers, calls that are expected, the code in the end] for a GET that fails once. */
const RETRIED: readonly (readonly [number, Record<string, string>, 'GET' | 'POST', number])[] = [
  [429, {}, 'GET', 2],
  [429, { 'retry-after': '0' }, 'POST', 2],
  [503, { 'retry-after': '0' }, 'POST', 2],
  [503, {}, 'GET', 2],
  [502, {}, 'POST', 1],
  [504, {}, 'POST', 1],
  [500, {}, 'GET', 1],
  [500, { 'retry-after': '0' }, 'GET', 2],
  [409, {}, 'POST', 1],
  [403, {}, 'GET', 1],
];
for (const [status, headers, method, expected] of RETRIED) {
  test(`${method} answered ${status} ${JSON.stringify(headers)} is sent ${expected} times`, async () => {
    let calls = 0;
    const { cluster } = await setUp((_, response) => {
      calls += 1;
      if (calls === 1) return answerStatus(response, status, '', 'busy', headers);
      answerJson(response, { kind: 'ConfigMap' });
    });
    const object = new Map([
      ['apiVersion', 'v1'],
      ['kind', 'ConfigMap'],
    ]);
    const metadata = new Map([
      ['name', 'web'],
      ['namespace', 'apps'],
    ]);
    const call =
      method === 'GET'
        ? cluster.get(CONFIG_MAP)
        : cluster.create(new Map([...object, ['metadata', metadata]] as [string, string][]));
    const result = await call.catch((error: unknown) => error);
    assert.equal(calls, expected);
    assert.equal(result instanceof KubeError, expected === 1);
  });
}

test('a wait that the server asks for and that does not fit in the time limit fails at once', async () => {
  const { cluster } = await setUp((_, response) =>
    answerStatus(response, 429, 'TooManyRequests', 'slow down', { 'retry-after': '60' }),
  );
  await cluster.resources();
  const call = cluster.get(CONFIG_MAP, { timeoutMs: 5_000 });
  await assert.rejects(call, hasCode('kube/too-many-requests'));
});

test('a token file is read again after a 401, once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const file = join(folder, 'token');
  await writeFile(file, 'old\n');
  let isRenewable = true;
  const seen: (string | undefined)[] = [];
  const { cluster } = await setUp(
    async ({ headers }, response) => {
      seen.push(headers.authorization);
      if (headers.authorization === 'Bearer new') return answerJson(response, { kind: 'x' });
      if (isRenewable) await writeFile(file, 'new');
      answerStatus(response, 401, 'Unauthorized', 'Unauthorized');
    },
    { config: { credential: { kind: 'tokenFile', file } } },
  );
  await cluster.get(CONFIG_MAP);
  assert.deepEqual(seen, ['Bearer old', 'Bearer new']);
  isRenewable = false;
  await writeFile(file, 'broken');
  seen.length = 0;
  await cluster.get(CONFIG_MAP);
  assert.deepEqual(seen, ['Bearer new']);
});

test('errors name the object and never a credential', async () => {
  const token = 's3cr3t-token';
  const { cluster, server } = await setUp(
    (_, response) => answerStatus(response, 403, 'Forbidden', 'configmaps is forbidden'),
    { config: { credential: { kind: 'token', token } } },
  );
  const refused = await cluster.get(CONFIG_MAP).catch((error: unknown) => error);
  assert.ok(refused instanceof KubeError);
  assert.equal(refused.message, 'get ConfigMap apps/web: configmaps is forbidden');
  await server.close();
  cleanups.pop();
  const options = { timeoutMs: 200 };
  const unreachable = await cluster.get(CONFIG_MAP, options).catch((error: unknown) => error);
  assert.ok(unreachable instanceof KubeError);
  assert.equal(unreachable.code, 'kube/unreachable');
  for (const error of [refused, unreachable]) {
    assert.ok(!`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`.includes(token));
  }
  cluster.close();
});

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

test('a client certificate is shown', async () => {
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

test('a list is read in pages, gzip and all, and its items know their kind', async () => {
  const urls: (string | undefined)[] = [];
  const { cluster } = await setUp((request, response) => {
    urls.push(request.url);
    assert.equal(request.headers['accept-encoding'], 'gzip');
    const isFirst = !request.url?.includes('continue=');
    const list = {
      kind: 'ConfigMapList',
      metadata: { resourceVersion: '7', continue: isFirst ? 'a/b=' : '' },
      items: [{ metadata: { name: isFirst ? 'one' : 'two' } }],
    };
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync(JSON.stringify(list)));
  });
  const items = await cluster.listJson({ ...QUERY, labelSelector: 'a in (b,c)' });
  assert.deepEqual(items, [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'two' } },
  ]);
  assert.deepEqual(urls, [
    '/api/v1/namespaces/apps/configmaps?labelSelector=a%20in%20(b%2Cc)&limit=500',
    '/api/v1/namespaces/apps/configmaps?labelSelector=a%20in%20(b%2Cc)&limit=500&continue=a%2Fb%3D',
  ]);
});

test('a continue token that expired means the whole list at once', async () => {
  const limits: (string | null)[] = [];
  const { cluster } = await setUp((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    limits.push(query.get('limit'));
    if (query.has('continue')) return answerStatus(response, 410, 'Expired', 'too old');
    const metadata = { continue: query.has('limit') ? 't' : '' };
    answerJson(response, { metadata, items: [{ metadata: { name: 'one' } }] });
  });
  assert.equal((await cluster.list(QUERY)).length, 1);
  assert.deepEqual(limits, ['500', '500', null]);
});

test('an answer beyond its size limit ends with kube/too-large', async () => {
  const { cluster } = await setUp((_, response) => {
    response.end('x'.repeat(1 << 20));
  });
  const call = cluster.podLogs('apps', 'web-0', { limitBytes: 1000 });
  await assert.rejects(call, hasCode('kube/too-large'));
});

/** [answer, outcome of get] */
const MISSING: readonly (readonly [string, Answer, 'absent' | KubeErrorCode])[] = [
  [
    'the object is missing',
    (_, response) => {
      const details = { name: 'web', kind: 'configmaps' };
      answerJson(response, { kind: 'Status', code: 404, reason: 'NotFound', details }, 404);
    },
    'absent',
  ],
  [
    'the path is missing',
    (_, response) => {
      response.statusCode = 404;
      response.end('404 page not found');
    },
    'kube/unknown-kind',
  ],
];
for (const [name, answer, outcome] of MISSING) {
  test(`get when ${name}: ${outcome}`, async () => {
    const { cluster } = await setUp(answer);
    if (outcome === 'absent') {
      assert.equal(await cluster.get(CONFIG_MAP), undefined);
      assert.equal(await cluster.delete(CONFIG_MAP), 'absent');
    } else {
      await assert.rejects(cluster.get(CONFIG_MAP), hasCode(outcome));
    }
  });
}

test('names are escaped, and kept in their case', async () => {
  const urls: (string | undefined)[] = [];
  const { cluster } = await setUp((request, response) => {
    urls.push(request.url);
    answerJson(response, { kind: 'x' });
  });
  await cluster.get({ ...CONFIG_MAP, name: 'MyOrg:Ad/min?' });
  assert.deepEqual(urls, ['/api/v1/namespaces/apps/configmaps/MyOrg%3AAd%2Fmin%3F']);
  await assert.rejects(cluster.get({ ...CONFIG_MAP, name: '..' }), hasCode('kube/bad-request'));
});

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

test('names in other scripts are sent as UTF-8, control characters never', async () => {
  const users: string[] = [];
  const { cluster } = await setUp(({ headers }, response) => {
    users.push(Buffer.from(String(headers['impersonate-user']), 'latin1').toString());
    answerJson(response, { kind: 'x' });
  });
  await cluster.as({ user: 'Jürgen 🐎' }).get(CONFIG_MAP);
  assert.deepEqual(users, ['Jürgen 🐎']);
  const sneaky = cluster.as({ user: 'bob\r\nimpersonate-group: system:masters' });
  await assert.rejects(sneaky.get(CONFIG_MAP), hasCode('kube/config'));
});

test('warnings of the server are told', async () => {
  const warnings: string[] = [];
  const { cluster } = await setUp(
    (_, response) =>
      answerJson(response, { kind: 'x' }, 200, {
        warning: '299 - "v1 is \\"old\\"", 299 - "unknown field \\"a\\""',
      }),
    { connect: { onWarning: (warning) => warnings.push(warning) } },
  );
  await cluster.get(CONFIG_MAP);
  assert.deepEqual(warnings, ['v1 is "old"', 'unknown field "a"']);
});

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

async function until(isTrue: () => boolean): Promise<void> {
  for (let look = 0; look < 500; look++) {
    if (isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('waited 5 s in vain');
}
