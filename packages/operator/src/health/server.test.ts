// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Metrics } from '../metrics/metrics.ts';
import { serveHealth } from './server.ts';

test('B32: there is health, readiness, metrics, sync-git, and nothing else', async () => {
  let syncs = 0;
  const server = await serveHealth({
    ...{ listen: '127.0.0.1:0', metrics: new Metrics() },
    ...{ isReady: () => false, refresh: () => undefined },
    syncGit: () => {
      syncs++;
    },
  });
  try {
    const { port } = server.address() as AddressInfo;
    const status = async (path: string, method = 'GET') =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status;
    assert.equal(await status('/healthz'), 200);
    assert.equal(await status('/readyz'), 503);
    assert.equal(await status('/metrics'), 200);
    assert.equal(await status('/api/v1/sync-git'), 405);
    assert.equal(await status('/api/v1/sync-git', 'POST'), 200);
    assert.equal(syncs, 1);
    for (const path of ['', '/', '/cmdline', '/profile?seconds=1', '/heap', '/trace'])
      assert.equal(await status(`/debug/pprof${path}`), 404, path);
    assert.equal(await status('/api/v1/other'), 404);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
