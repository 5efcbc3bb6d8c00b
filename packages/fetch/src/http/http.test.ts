// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FetchError } from '../errors.ts';
import { CHART_LIMITS } from '../limits.ts';
import { createFetchPorts, type FetchPortsOptions } from '../ports.ts';
import { type FetchRequest, fetchBytes } from './http.ts';

interface Heard {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly amz: string | string[] | undefined;
}

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    heard.push({ url, authorization: headers.authorization, amz: headers['x-amz-date'] });
    answer(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

const fetchWith = (
  wanted: Partial<FetchRequest> & { url: string },
  options: Partial<FetchPortsOptions> = {},
  signal?: AbortSignal,
) =>
  fetchBytes(
    { limits: { ...CHART_LIMITS, timeoutMs: 5_000 }, ...wanted },
    { ports: createFetchPorts({ userAgent: 'test/1', ...options }), signal },
  );

async function failure(run: Promise<unknown>): Promise<FetchError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof FetchError, String(error));
  return error;
}

const SECRETS = { basic: { username: 'ann', password: 's3cr3t-word' } };
const basic = `Basic ${Buffer.from('ann:s3cr3t-word').toString('base64')}`;

test('credentials go to the host they are for and to no other, wherever it sends us', async () => {
  const other = await serve((_, response) => void response.end('elsewhere'));
  const own = await serve((request, response) => {
    if (request.url === '/same') response.writeHead(302, { location: '/final' }).end();
    else if (request.url === '/away')
      response.writeHead(307, { location: `${other.url}/x`.replace('//', '//eve:pw@') }).end();
    else response.end('here');
  });
  const headers = { 'x-amz-date': 'now' };
  await fetchWith({ url: `${own.url}/same`, credentials: SECRETS, headers });
  assert.deepEqual(
    own.heard.map(({ authorization }) => authorization),
    [basic, basic],
  );
  const result = await fetchWith({ url: `${own.url}/away`, credentials: SECRETS, headers });
  assert.equal(result.kind === 'ok' && Buffer.from(result.bytes).toString(), 'elsewhere');
  assert.deepEqual(other.heard, [{ url: '/x', authorization: undefined, amz: undefined }]);
  await fetchWith({ url: own.url.replace('//', '//bob:p%40ss@') });
  assert.equal(
    own.heard.at(-1)?.authorization,
    `Basic ${Buffer.from('bob:p@ss').toString('base64')}`,
  );
  await fetchWith({ url: own.url, credentials: { bearerToken: 'tok' } });
  assert.equal(own.heard.at(-1)?.authorization, 'Bearer tok');
});

test('each status has its code, and says whether to come again', async () => {
  const { url } = await serve((request, response) => {
    const [, status, after] = (request.url ?? '').split(/[/?]/);
    response
      .writeHead(
        Number(status),
        after === undefined || after.includes('=') ? {} : { 'retry-after': after },
      )
      .end();
  });
  const rows = [
    ['401', 'fetch/unauthorized', 'terminal'],
    ['403', 'fetch/forbidden', 'terminal'],
    ['404', 'fetch/not-found', 'terminal'],
    ['410', 'fetch/not-found', 'terminal'],
    ['418', 'fetch/status', 'terminal'],
    ['429', 'fetch/rate-limited', 'transient'],
    ['500', 'fetch/status', 'transient'],
    ['503', 'fetch/status', 'transient'],
  ] as const;
  for (const [status, code, retry] of rows) {
    const error = await failure(fetchWith({ url: `${url}/${status}?token=s3cr3t` }));
    assert.deepEqual([error.code, error.retry, error.status], [code, retry, Number(status)]);
    assert.equal(error.url, `${url}/${status}`);
    assert.ok(!error.message.includes('s3cr3t'));
  }
  const error = await failure(fetchWith({ url: `${url}/429/7` }));
  assert.equal(error.retryAfterMs, 7_000);
});

test('what fails for now is tried again as often as was asked, no sooner than the server wants', async () => {
  let count = 0;
  const { url } = await serve((_, response) => {
    count++;
    if (count < 3) response.writeHead(count === 1 ? 500 : 429, { 'retry-after': '2' }).end();
    else response.end('fine');
  });
  const slept: number[] = [];
  const hosts = { sleep: async (ms: number) => void slept.push(ms), maxWaitMs: 60_000 };
  const limits = { ...CHART_LIMITS, retries: 2 };
  const result = await fetchWith({ url, limits }, { hosts });
  assert.equal(result.kind, 'ok');
  assert.equal(count, 3);
  assert.ok(slept.filter((ms) => ms >= 1_900).length >= 2, String(slept));
});

test('B19: limits: time, size, redirects', async () => {
  const { url } = await serve((request, response) => {
    if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (request.url === '/hang') return;
    else if (request.url === '/announced') response.writeHead(200, { 'content-length': 99 });
    else if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': 99 });
      response.write('short', () => response.destroy());
    } else {
      response.write('x'.repeat(20));
      response.end('x'.repeat(20));
    }
    if (request.url === '/announced') response.flushHeaders();
  });
  const limits = { ...CHART_LIMITS, maxBytes: 30, timeoutMs: 60_000, maxRedirects: 3 };
  const code = async (path: string) => (await failure(fetchWith({ url: url + path, limits }))).code;
  assert.equal(await code('/loop'), 'fetch/too-many-redirects');
  const short = { ...limits, timeoutMs: 300 };
  const late = await failure(fetchWith({ url: `${url}/hang`, limits: short }));
  assert.equal(late.code, 'fetch/timeout');
  assert.equal(await code('/announced'), 'fetch/too-large');
  assert.equal(await code('/streamed'), 'fetch/too-large');
  const large = { ...limits, maxBytes: 1000 };
  const cut = await failure(fetchWith({ url: `${url}/cut`, limits: large }));
  assert.equal(cut.code, 'fetch/truncated');
  const stop = new AbortController();
  const hanging = fetchWith({ url: `${url}/hang` }, {}, stop.signal);
  setTimeout(() => stop.abort(new Error('enough')), 20);
  assert.equal((await failure(hanging)).code, 'fetch/aborted');
});

test('addresses of users: link-local and metadata never, by name and by redirect neither', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
  });
  const code = async (target: string, options: Partial<FetchPortsOptions> = {}) =>
    (await failure(fetchWith({ url: target }, options))).code;
  assert.equal(await code(url), 'fetch/forbidden-address');
  for (const host of ['169.254.169.254', '[fe80::1]', '[::ffff:169.254.1.1]', '2852039166'])
    assert.equal(await code(`http://${host}/`), 'fetch/forbidden-address', host);
  const lookup = ((_name: string, _options: object, done: (...args: unknown[]) => void) => {
    done(null, [{ address: '169.254.169.254', family: 4 }]);
  }) as never;
  const addresses = { mayUseLoopback: true, mayUseLinkLocal: false, lookup };
  assert.equal(await code('http://metadata.test/', { addresses }), 'fetch/forbidden-address');
  const strict = { mayUseLoopback: false, mayUseLinkLocal: false };
  assert.equal(await code(url, { addresses: strict }), 'fetch/forbidden-address');
  assert.equal(await code('http://no-such-host.invalid/'), 'fetch/dns');
  assert.equal(await code('ftp://host/'), 'fetch/bad-url');
  assert.equal(await code('http://127.0.0.1:1/'), 'fetch/unreachable');
});

test('what is unchanged is not sent; what is packed is inflated only when asked for', async () => {
  const { url } = await serve((request, response) => {
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else {
      response.setHeader('content-encoding', 'gzip');
      response.writeHead(200, { etag: '"1"' }).end(gzipSync('text'));
    }
  });
  const plain = await fetchWith({ url });
  assert.ok(plain.kind === 'ok' && plain.bytes[0] === 0x1f && plain.etag === '"1"');
  const inflated = await fetchWith({ url, mayCompress: true });
  assert.ok(inflated.kind === 'ok' && Buffer.from(inflated.bytes).toString() === 'text');
  assert.equal((await fetchWith({ url, etag: '"1"' })).kind, 'not-modified');
  const bomb = { ...CHART_LIMITS, maxBytes: 3 };
  const error = await failure(fetchWith({ url, mayCompress: true, limits: bomb }));
  assert.equal(error.code, 'fetch/too-large');
});

test('a proxy is asked for what NO_PROXY does not except', async () => {
  const proxy = await serve((_, response) => void response.end('by proxy'));
  const settings = { http: proxy.url.replace('//', '//u:p@'), none: 'direct.test' };
  const result = await fetchWith({ url: 'http://charts.test/a?b' }, { proxy: settings });
  assert.equal(result.kind === 'ok' && Buffer.from(result.bytes).toString(), 'by proxy');
  assert.equal(proxy.heard[0]?.url, 'http://charts.test/a?b');
  const lookup = ((_name: string, _options: object, done: (...args: unknown[]) => void) => {
    done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
  }) as never;
  const addresses = { mayUseLoopback: true, mayUseLinkLocal: false, lookup };
  const direct = fetchWith({ url: 'http://direct.test/' }, { proxy: settings, addresses });
  assert.equal((await failure(direct)).code, 'fetch/dns');
});

test('a proxy that is not there, or is none, is named without its password', async () => {
  const rows: [string, string, RegExp][] = [
    [
      'http://u:pass-word@127.0.0.1:1',
      'fetch/unreachable',
      /through the proxy http:\/\/127\.0\.0\.1:1\/ \(check HTTP_PROXY/,
    ],
    [
      'ftp://u:pass-word@127.0.0.1:1',
      'fetch/bad-url',
      /is no proxy that can be asked.*mend HTTP_PROXY/,
    ],
    ['http://bad host', 'fetch/bad-url', /mend HTTP_PROXY/],
  ];
  for (const [http, code, wanted] of rows) {
    const error = await failure(fetchWith({ url: 'http://charts.test/a' }, { proxy: { http } }));
    assert.equal(error.code, code);
    assert.match(error.message, wanted);
    assert.ok(!error.message.includes('pass-word'));
  }
});
