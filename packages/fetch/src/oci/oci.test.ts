// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { FetchError } from '../errors.ts';
import { createFetchPorts } from '../ports.ts';
import { parseChallenge } from './challenge.ts';
import { dockerCredentials } from './docker-config.ts';
import { decodeManifest } from './manifest.ts';
import { openRegistry } from './open-registry.ts';
import { parseRegistryReference, printRegistryReference } from './reference.ts';

const HEX = 'a'.repeat(64);
const signal = new AbortController().signal;

test('references are read as oras reads them', () => {
  const rows: readonly [string, string | null][] = [
    ['oci://host/repo', 'host/repo'],
    ['host:5000/a/b/c:1.0.0', 'host:5000/a/b/c:1.0.0'],
    ['oci://host/repo:1.0.0+meta.2', 'host/repo:1.0.0_meta.2'],
    [`host/repo@sha256:${HEX}`, `host/repo@sha256:${HEX}`],
    [`host/repo:1.0.0@sha256:${HEX}`, `host/repo:1.0.0@sha256:${HEX}`],
    ['[::1]:5000/repo', '[::1]:5000/repo'],
    ['host/a__b/c-d.e', 'host/a__b/c-d.e'],
    ['host/repo:', 'host/repo'],
    ['repo', null],
    ['host/Repo', null],
    ['host/a//b', null],
    ['host/-a', null],
    ['host/repo:.1', null],
    [`host/repo:${'x'.repeat(129)}`, null],
    ['host/repo@sha256:abc', null],
    ['host/repo@md5:abc', null],
    ['ho st/repo', null],
    ['host:port/repo', null],
    [`host/${'a'.repeat(254)}!`, null],
  ];
  for (const [text, expected] of rows) {
    if (expected === null) {
      const isRefused = (error: unknown) =>
        error instanceof FetchError && error.code === 'fetch/bad-url';
      assert.throws(() => parseRegistryReference(text), isRefused, text);
    } else assert.equal(printRegistryReference(parseRegistryReference(text)), expected);
  }
});

test('challenges are read', () => {
  assert.deepEqual(parseChallenge('Basic realm="x"'), { scheme: 'basic' });
  assert.deepEqual(
    parseChallenge('Bearer realm="https://a/t",service="s",scope="repository:r:pull,push x"'),
    {
      scheme: 'bearer',
      realm: 'https://a/t',
      service: 's',
      scopes: ['repository:r:pull,push', 'x'],
    },
  );
  assert.equal(parseChallenge('Negotiate'), undefined);
  assert.equal(parseChallenge(undefined), undefined);
});

const b64 = (text: string) => Buffer.from(text).toString('base64');

test('credentials of a Docker config', async () => {
  const config = JSON.stringify({
    auths: {
      'a.example': { auth: b64('user:pass:word') },
      'https://b.example/v1/': { username: 'u', password: 'p' },
      'c.example:5000': { identitytoken: 'refresh' },
      'd.example': { registrytoken: 'access' },
      'stored.example': {},
      'https://index.docker.io/v1/': { auth: b64('hub:secret') },
    },
    credHelpers: { 'helped.example': 'ecr-login' },
    credsStore: 'desktop',
  });
  const find = dockerCredentials(config, 'config.json');
  const rows: readonly [string, unknown][] = [
    ['a.example', { kind: 'basic', username: 'user', password: 'pass:word' }],
    ['b.example', { kind: 'basic', username: 'u', password: 'p' }],
    ['c.example:5000', { kind: 'refresh-token', token: 'refresh' }],
    ['c.example', undefined],
    ['d.example', { kind: 'access-token', token: 'access' }],
    ['docker.io', { kind: 'basic', username: 'hub', password: 'secret' }],
    ['registry-1.docker.io', { kind: 'basic', username: 'hub', password: 'secret' }],
    ['unknown.example', undefined],
    ['constructor', undefined],
  ];
  for (const [registry, expected] of rows) {
    assert.deepEqual(await find(registry, signal), expected, registry);
  }
  for (const [registry, helper] of [
    ['helped.example', 'ecr-login'],
    ['stored.example', 'desktop'],
  ] as const) {
    await assert.rejects(find(registry, signal), (error) => {
      assert.ok(error instanceof FetchError);
      assert.equal(error.code, 'fetch/bad-credentials');
      assert.match(error.message, new RegExp(`docker-credential-${helper}`));
      return true;
    });
  }
  const old = dockerCredentials(JSON.stringify({ 'x.example': { auth: b64('a:b') } }), 'dockercfg');
  assert.deepEqual(await old('x.example', signal), { kind: 'basic', username: 'a', password: 'b' });
  assert.throws(() => dockerCredentials('{', 'config.json'), /config\.json is not JSON/);
  const broken = dockerCredentials('{"auths":{"x.example":{"auth":"Zm9v"}}}', 'config.json');
  await assert.rejects(broken('x.example', signal), /not base64 of USER:PASSWORD/);
});

test('manifests are read, and what is none is refused', () => {
  const decode = (value: unknown) =>
    decodeManifest(Buffer.from(JSON.stringify(value)), 'https://h/m');
  const descriptor = { mediaType: 'm', digest: `sha256:${HEX}`, size: 3 };
  const read = decode({ config: descriptor, layers: [descriptor], annotations: { a: 'b', c: 1 } });
  assert.equal(read.kind, 'manifest');
  assert.deepEqual([...read.annotations], [['a', 'b']]);
  assert.equal(decode({ manifests: [descriptor] }).kind, 'index');
  for (const value of [
    [],
    'x',
    {},
    { config: { ...descriptor, digest: 'sha256:../../etc' } },
    { config: { ...descriptor, size: -1 } },
    { config: descriptor, layers: {} },
    { schemaVersion: 1, fsLayers: [] },
    { manifests: Array.from({ length: 1001 }, () => descriptor) },
  ]) {
    assert.throws(() => decode(value), FetchError, JSON.stringify(value).slice(0, 80));
  }
});

interface Seen {
  readonly path: string;
  readonly authorization: string | undefined;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers as told and notes what it is asked. */
async function serve(answer: Answer) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({
      path: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
    });
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    host: `127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const ports = () =>
  createFetchPorts({ userAgent: 'test', hosts: { firstPauseMs: 1, maxWaitMs: 100 } });
const plain = (host: string, password?: string) =>
  openRegistry({
    registry: host,
    ports: ports(),
    credentials: {
      isPlainHttp: true,
      ...(password === undefined ? {} : { basic: { username: 'user', password } }),
    },
    timeoutMs: 2000,
  });
const sha = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

async function rejectsWith(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof FetchError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(!error.message.includes('s3cret'), error.message);
    return true;
  });
}

test('a blob on another host is fetched without credentials, and back home still without', async () => {
  const content = 'chart';
  const home: { host: string } = { host: '' };
  const other = await serve((_, response) => {
    response.writeHead(302, { location: `http://${home.host}/landed` }).end();
  });
  const registry = await serve((request, response) => {
    if (request.url === '/landed') response.end(content);
    else if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    } else response.writeHead(307, { location: `http://${other.host}/blob?signature=x` }).end();
  });
  home.host = registry.host;
  try {
    const reference = parseRegistryReference(`${registry.host}/repo`);
    const bytes = await plain(registry.host, 's3cret').blob(
      reference,
      { digest: sha(content), sizeBytes: content.length },
      { maxBytes: 100, signal },
    );
    assert.equal(Buffer.from(bytes).toString(), content);
    assert.deepEqual(
      [...registry.seen, ...other.seen].map(({ path, authorization }) => [
        path.replace(/sha256:.*/, 'D'),
        authorization !== undefined,
      ]),
      [
        ['GET /v2/repo/blobs/D', false],
        ['GET /v2/repo/blobs/D', true],
        ['GET /landed', false],
        ['GET /blob?signature=x', false],
      ],
    );
  } finally {
    registry.stop();
    other.stop();
  }
});

test('what a registry may get wrong', async () => {
  const content = 'chart';
  const good = { digest: sha(content), sizeBytes: content.length };
  const limits = { maxBytes: 100, signal };
  type Client = ReturnType<typeof plain>;
  const reference = (host: string) => parseRegistryReference(`${host}/repo:1.0.0`);
  const blob = (client: Client, host: string) => client.blob(reference(host), good, limits);
  const tags = (client: Client, host: string) => client.tags(reference(host), signal);
  const resolve = (client: Client, host: string) => client.resolve(reference(host), signal);
  const json = (response: ServerResponse, value: unknown, headers = {}) =>
    response
      .writeHead(200, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(value));
  const rows: readonly [string, Answer, (c: Client, h: string) => Promise<unknown>, string][] = [
    ['other bytes', (_, r) => r.end('chaos'), blob, 'fetch/wrong-digest'],
    ['fewer bytes', (_, r) => r.end('char'), blob, 'fetch/wrong-digest'],
    ['more bytes', (_, r) => r.end('chart and more'), blob, 'fetch/wrong-digest'],
    [
      'a redirect loop',
      (q, r) => r.writeHead(307, { location: q.url ?? '' }).end(),
      blob,
      'fetch/too-many-redirects',
    ],
    [
      'a redirect to a file',
      (_, r) => r.writeHead(307, { location: 'file:///etc/passwd' }).end(),
      blob,
      'fetch/bad-url',
    ],
    [
      'a redirect to metadata',
      (_, r) => r.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
      blob,
      'fetch/forbidden-address',
    ],
    ['401 without a challenge', (_, r) => r.writeHead(401).end(), blob, 'fetch/unauthorized'],
    [
      '401 again',
      (_, r) => r.writeHead(401, { 'www-authenticate': 'Basic' }).end(),
      blob,
      'fetch/unauthorized',
    ],
    [
      '403',
      (_, r) => r.writeHead(403).end('{"errors":[{"code":"DENIED"}]}'),
      blob,
      'fetch/forbidden',
    ],
    ['404', (_, r) => r.writeHead(404).end(), resolve, 'fetch/not-found'],
    ['429', (_, r) => r.writeHead(429, { 'retry-after': '7' }).end(), tags, 'fetch/rate-limited'],
    ['500', (_, r) => r.writeHead(500).end('<html>'), tags, 'fetch/status'],
    ['tags that are no JSON', (_, r) => r.end('<html>'), tags, 'fetch/bad-answer'],
    [
      'a next page elsewhere',
      (_, r) => json(r, { tags: ['1'] }, { link: '<http://127.0.0.1:1/x>; rel="next"' }),
      tags,
      'fetch/bad-answer',
    ],
    [
      'a token endpoint on the metadata address',
      (_, r) =>
        r.writeHead(401, { 'www-authenticate': 'Bearer realm="http://169.254.169.254/t"' }).end(),
      tags,
      'fetch/bad-answer',
    ],
    [
      'a token endpoint that is a file',
      (_, r) => r.writeHead(401, { 'www-authenticate': 'Bearer realm="file:///t"' }).end(),
      tags,
      'fetch/bad-answer',
    ],
    [
      'a cut answer',
      (_, r) => {
        r.writeHead(200, { 'content-length': '5' });
        r.write('ch');
        setTimeout(() => r.destroy(), 20);
      },
      blob,
      'fetch/truncated',
    ],
  ];
  for (const [name, answer, act, code] of rows) {
    const server = await serve(answer);
    try {
      await rejectsWith(act(plain(server.host, 's3cret'), server.host), code).catch((error) => {
        throw new Error(`${name}: ${String(error)}`, { cause: error });
      });
    } finally {
      server.stop();
    }
  }
});

test('a hanging registry ends at the limit, and when told to stop', async () => {
  const server = await serve(() => undefined);
  try {
    const client = openRegistry({
      registry: server.host,
      ports: ports(),
      credentials: { isPlainHttp: true },
      timeoutMs: 100,
    });
    const reference = parseRegistryReference(`${server.host}/repo`);
    await rejectsWith(client.tags(reference, signal), 'fetch/timeout');
    const stop = new AbortController();
    const work = plain(server.host).tags(reference, stop.signal);
    stop.abort();
    await assert.rejects(work);
  } finally {
    server.stop();
  }
});

test('blobs over the limit are not even asked for', async () => {
  const server = await serve((_, response) => response.end());
  try {
    const work = plain(server.host).blob(
      parseRegistryReference(`${server.host}/repo`),
      { digest: sha('x'), sizeBytes: 101 },
      { maxBytes: 100, signal },
    );
    await rejectsWith(work, 'fetch/too-large');
    assert.equal(server.seen.length, 0);
  } finally {
    server.stop();
  }
});

test('pages of tags that never end are given up', async () => {
  let page = 0;
  const server = await serve((_, response) => {
    const link = `</v2/repo/tags/list?last=${page++}>; rel="next"`;
    response.writeHead(200, { link }).end('{"tags":["1.0.0"]}');
  });
  try {
    const reference = parseRegistryReference(`${server.host}/repo`);
    await rejectsWith(plain(server.host).tags(reference, signal), 'fetch/too-large');
    assert.equal(page, 1000);
  } finally {
    server.stop();
  }
});
