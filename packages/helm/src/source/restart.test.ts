// SPDX-License-Identifier: Apache-2.0

/** 500 releases from 20 repositories: what a restart asks for, and what is left when all of them are down. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFetchPorts, openDiskCache } from '@helm-operator/fetch';
import {
  type SourceServer,
  startSourceServer,
  staticSource,
} from '../../../../test/kit/source-server.ts';
import { chartOfFiles } from './chart-content.ts';
import type { FetchedChart } from './chart-source.ts';
import { createChartSources, fetchChart, peekChart } from './sources.ts';

const REPOSITORIES = 20;
const CHARTS = 25;

const text = (value: string) => new TextEncoder().encode(value);

async function startRepository(number: number): Promise<SourceServer> {
  const files = new Map<string, Uint8Array | string>();
  const entries: Record<string, object[]> = {};
  for (let count = 0; count < CHARTS; count++) {
    const name = `chart-${count}`;
    const yaml = `apiVersion: v2\nname: ${name}\nversion: 1.0.${number}\n`;
    const chart = chartOfFiles([{ name: 'Chart.yaml', data: text(yaml) }], { origin: name });
    files.set(`/${name}.tgz`, chart.bytes);
    const digest = chart.archiveDigest.replace('sha256:', '');
    entries[name] = [{ name, version: `1.0.${number}`, urls: [`${name}.tgz`], digest }];
  }
  files.set('/index.yaml', JSON.stringify({ apiVersion: 'v1', entries }));
  return await startSourceServer(staticSource(files));
}

/** What a process that starts now does: looks for every chart. */
async function start(servers: readonly SourceServer[], folder: string): Promise<FetchedChart[]> {
  const cache = await openDiskCache({ folder, maxBytes: 1e9 });
  const context = {
    fetch: createFetchPorts({ userAgent: 'test', cache }),
    signal: new AbortController().signal,
  };
  const sources = createChartSources({ freshMs: 60_000, mayUseStale: true });
  const charts: FetchedChart[] = [];
  for (let count = 0; count < CHARTS; count++) {
    const round = servers.map(async ({ url }) => {
      const location = { kind: 'repository', url, name: `chart-${count}`, version: '^1' } as const;
      const request = { location, credentials: {} };
      const chart = await fetchChart(sources, request, context);
      assert.equal(await peekChart(sources, request, context), chart.identity);
      return chart;
    });
    charts.push(...(await Promise.all(round)));
  }
  return charts;
}

test('a restart asks each repository once, without a body; all down, all charts are there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'restart-'));
  const servers = await Promise.all(
    Array.from({ length: REPOSITORIES }, (_, n) => startRepository(n)),
  );
  const asked = () => servers.map(({ heard }) => heard.length);
  try {
    const first = await start(servers, folder);
    assert.equal(first.length, REPOSITORIES * CHARTS);
    assert.deepEqual(
      asked(),
      servers.map(() => 1 + CHARTS),
    );
    const second = await start(servers, folder);
    assert.deepEqual(
      asked(),
      servers.map(() => 2 + CHARTS),
    );
    for (const { heard } of servers) {
      assert.equal(heard.at(-1)?.path, '/index.yaml');
      assert.match(heard.at(-1)?.headers ?? '', /^if-none-match$/m);
    }
    for (const server of servers)
      server.inject((_request, response) => response.writeHead(503).end() !== undefined);
    const third = await start(servers, folder);
    const digests = (charts: readonly FetchedChart[]) => charts.map(({ digest }) => digest);
    assert.deepEqual(digests(second), digests(first));
    assert.deepEqual(digests(third), digests(first));
  } finally {
    for (const server of servers) await server.stop();
    await rm(folder, { recursive: true });
  }
});

test('what one with credentials fetched, one without does not get', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'restart-'));
  const server = await startRepository(0);
  try {
    const cache = await openDiskCache({ folder, maxBytes: 1e9 });
    const sources = createChartSources({ mayUseStale: true, freshMs: 60_000 });
    const context = {
      fetch: createFetchPorts({ userAgent: 'test', cache }),
      signal: new AbortController().signal,
    };
    const location = {
      kind: 'repository',
      url: server.url,
      name: 'chart-1',
      version: '^1',
    } as const;
    const basic = { username: 'ann', password: 'pass-word' };
    server.inject((request, response) => {
      if (request.headers.authorization !== undefined) return false;
      response.writeHead(401).end();
      return true;
    });
    await fetchChart(sources, { location, credentials: { basic } }, context);
    await assert.rejects(fetchChart(sources, { location, credentials: {} }, context), {
      code: 'source/unreachable',
      retry: 'terminal',
    });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
});

test('all who ask for the same chart at the same time share one download', async () => {
  const server = await startRepository(0);
  try {
    const sources = createChartSources();
    const context = {
      fetch: createFetchPorts({ userAgent: 'test' }),
      signal: new AbortController().signal,
    };
    const location = {
      kind: 'repository',
      url: server.url,
      name: 'chart-1',
      version: '^1',
    } as const;
    const asked = Array.from({ length: 20 }, () =>
      fetchChart(sources, { location, credentials: {} }, context),
    );
    const digests = (await Promise.all(asked)).map(({ digest }) => digest);
    assert.equal(new Set(digests).size, 1);
    assert.deepEqual(
      server.heard.map(({ path }) => path),
      ['/index.yaml', '/chart-1.tgz'],
    );
  } finally {
    await server.stop();
  }
});
