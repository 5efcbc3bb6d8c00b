// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { answerJson, answerStatus } from '../../../../test/kit/api-server/api-server.ts';
import {
  type Answer,
  CONFIG_MAP,
  cleanups,
  hasCode,
  QUERY,
  setUp,
  until,
} from '../../../../test/kit/api-server/set-up.ts';
import { systemClock } from '../clock.ts';
import { KubeError, type KubeErrorCode } from '../errors.ts';

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

test('B34: a token file is read again after a 401, once', async () => {
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
  const options = { timeoutMs: 1_000 };
  const unreachable = await cluster.get(CONFIG_MAP, options).catch((error: unknown) => error);
  assert.ok(unreachable instanceof KubeError);
  assert.equal(unreachable.code, 'kube/unreachable');
  for (const error of [refused, unreachable]) {
    assert.ok(!`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`.includes(token));
  }
  cluster.close();
});

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

test('a watch that is renewed asks for nothing else, until its path is gone', async () => {
  const urls: string[] = [];
  let isGone = false;
  let offsetMs = 0;
  const { cluster, discoveries } = await setUp(
    ({ url = '' }, response) => {
      urls.push(url);
      if (isGone) return answerStatus(response, 404, 'NotFound', '404 page not found');
      const watch = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '7' } } };
      const list = { kind: 'ConfigMapList', metadata: { resourceVersion: '7' }, items: [] };
      if (!url.includes('watch=true')) return answerJson(response, list);
      // The table of what is served is too old for anybody else.
      offsetMs += 11 * 60_000;
      response.end(`${JSON.stringify(watch)}\n`);
    },
    {
      connect: {
        clock: { ...systemClock, elapsedMs: () => systemClock.elapsedMs() + offsetMs },
      },
    },
  );
  const stop = new AbortController();
  const watching = cluster.watch(QUERY, () => undefined, stop.signal);
  try {
    await until(() => urls.filter((url) => url.includes('watch=true')).length >= 3);
    assert.equal(discoveries(), 1);
    isGone = true;
    await until(() => discoveries() >= 2);
  } finally {
    stop.abort();
    await watching;
  }
});

test('where a kind of Kubernetes itself is served is asked once, of any other every ten minutes', async () => {
  let offsetMs = 0;
  const { cluster, discoveries } = await setUp(
    (_, response) => answerJson(response, { kind: 'ConfigMap' }),
    {
      connect: { clock: { ...systemClock, elapsedMs: () => systemClock.elapsedMs() + offsetMs } },
    },
  );
  await cluster.get(CONFIG_MAP);
  offsetMs += 11 * 60_000;
  await cluster.get(CONFIG_MAP);
  assert.equal(discoveries(), 1);
  const other = { ...CONFIG_MAP, apiVersion: 'example.com/v1', kind: 'Widget' };
  await assert.rejects(cluster.get(other), hasCode('kube/unknown-kind'));
  assert.equal(discoveries(), 2);
});

test('the version is read once for each table of kinds, whoever asks', async () => {
  let calls = 0;
  const { cluster } = await setUp((request, response) => {
    assert.equal(request.url, '/version');
    calls += 1;
    answerJson(response, { major: '1', minor: `3${calls}`, gitVersion: `v1.3${calls}.0` });
  });
  const first = { major: '1', minor: '31', gitVersion: 'v1.31.0' };
  assert.deepEqual(await cluster.version(), first, 'before anything else is known');
  await cluster.resources();
  const second = { major: '1', minor: '32', gitVersion: 'v1.32.0' };
  assert.deepEqual(await cluster.version(), second);
  assert.deepEqual(await cluster.version(), second);
  assert.deepEqual(await cluster.as({ user: 'web' }).version(), second);
  assert.equal(calls, 2);
  await cluster.resources({ mustRefresh: true });
  assert.equal((await cluster.version()).gitVersion, 'v1.33.0');
  await assert.rejects(cluster.version({ signal: AbortSignal.abort() }), { name: 'AbortError' });
});
