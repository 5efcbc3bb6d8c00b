// SPDX-License-Identifier: Apache-2.0

/** The HTTP surface of the original, and its metrics. Source: spec helm-operator.md §7.4, §7.5. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Metrics } from '../metrics/metrics.ts';
import { showsToken } from './api-token.ts';
import { serveHealth } from './server.ts';

const metrics = new Metrics();

async function served(
  tokenFile: string,
  ask: (url: string, synced: () => number) => Promise<void>,
): Promise<void> {
  let synced = 0;
  const server = await serveHealth({
    listen: '127.0.0.1:0',
    metrics,
    isReady: () => false,
    refresh: () => undefined,
    isAllowed: (authorization) => showsToken(tokenFile, authorization),
    syncGit: () => void synced++,
  });
  try {
    const { port } = server.address() as AddressInfo;
    await ask(`http://127.0.0.1:${port}`, () => synced);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const CASES = [
  { method: 'GET', path: '/healthz', status: 200, body: 'OK' },
  { method: 'POST', path: '/healthz', status: 200, body: 'OK' },
  { method: 'POST', path: '/api/v1/sync-git', status: 200, body: 'OK' },
  { method: 'GET', path: '/api/v1/sync-git', status: 405, body: 'POST only' },
  { method: 'GET', path: '/api/v1/other', status: 404, body: '' },
  { method: 'GET', path: '/readyz', status: 503, body: 'caches are not synced yet' },
  ...['', '/', '/cmdline', '/profile?seconds=1', '/heap', '/trace'].map((path) => ({
    ...{ method: 'GET', path: `/debug/pprof${path}`, status: 404, body: '' },
  })),
];

test('B32: there is health, readiness, metrics, sync-git, and nothing else', () =>
  served('', async (url, synced) => {
    for (const { method, path, status, body } of CASES) {
      const answer = await fetch(url + path, { method });
      assert.equal(answer.status, status, `${method} ${path}`);
      assert.equal(await answer.text(), body, `${method} ${path}`);
    }
    assert.equal(synced(), 1);
  }));

test('with a token, only who shows it may sync; a rotated token counts at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-'));
  const file = join(folder, 'token');
  await writeFile(file, 'first\n');
  const post = async (url: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(`${url}/api/v1/sync-git`, { method: 'POST', headers })).status;
  };
  try {
    await served(file, async (url, synced) => {
      assert.equal(await post(url), 401);
      assert.equal(await post(url, 'wrong'), 401);
      assert.equal(synced(), 0);
      assert.equal(await post(url, 'first'), 200);
      await writeFile(file, 'second');
      assert.equal(await post(url, 'first'), 401);
      assert.equal(await post(url, 'second'), 200);
      await writeFile(file, '');
      assert.equal(await post(url, ''), 401, 'an empty file lets nobody in');
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

const RELEASE = { name: 'web', namespace: 'apps' };

/** Series of the original → type and labels. */
const SERIES: readonly (readonly [name: string, type: string, labels: readonly string[]])[] = [
  ['flux_helm_operator_release_count', 'gauge', []],
  ['flux_helm_operator_release_queue_length_count', 'gauge', []],
  [
    'flux_helm_operator_release_action_duration_seconds',
    'histogram',
    ['action', 'release_name', 'success', 'target_namespace'],
  ],
  [
    'flux_helm_operator_release_duration_seconds',
    'histogram',
    ['namespace', 'release_name', 'success'],
  ],
  [
    'flux_helm_operator_release_phase_duration_seconds',
    'histogram',
    ['action', 'namespace', 'release_name', 'success'],
  ],
  [
    'flux_helm_operator_release_condition_info',
    'gauge',
    ['condition', 'release_name', 'target_namespace'],
  ],
  ['flux_git_ready', 'gauge', []],
];
const BUCKETS = ['1', '5', '10', '30', '60', '120', '180', '300', '600', '1800', '+Inf'];

test('metrics have the names, types, labels and buckets of the original', async () => {
  metrics.releaseCount(1);
  metrics.queueLength(() => 0);
  metrics.gitReady(true);
  metrics.actionDone(RELEASE, 'upgrade', true, 2_000);
  metrics.actionDone(RELEASE, 'sync', false, 3_000);
  const condition = (type: string, status: 'True' | 'False' | 'Unknown') => ({
    ...{ type, status, reason: '', message: '', lastUpdateTime: '', lastTransitionTime: '' },
  });
  metrics.conditions(RELEASE, [condition('Released', 'False'), condition('RolledBack', 'True')]);
  await served('', async (url) => {
    const page = await (await fetch(`${url}/metrics`)).text();
    for (const [name, type, labels] of SERIES) {
      assert.ok(page.includes(`# TYPE ${name} ${type}\n`), name);
      const line = page.split('\n').find((text) => new RegExp(`^${name}(_count)?[{ ]`).test(text));
      const found = [...(line ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label);
      assert.deepEqual(found.toSorted(), labels, name);
      if (type !== 'histogram') continue;
      const buckets = [...page.matchAll(new RegExp(`^${name}_bucket\\{.*le="([^"]+)"`, 'gm'))];
      assert.deepEqual([...new Set(buckets.map(([, le]) => le))], BUCKETS, name);
    }
    assert.match(page, /condition_info\{[^}]*condition="Released"[^}]*\} -1/);
    assert.match(page, /condition_info\{[^}]*condition="RolledBack"[^}]*\} 1/);
    assert.match(page, /action_duration_seconds_count\{[^}]*success="false"[^}]*\} 1/);
  });
});
