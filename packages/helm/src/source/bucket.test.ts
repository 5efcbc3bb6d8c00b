// SPDX-License-Identifier: Apache-2.0

/** Charts in buckets, out of a real S3-compatible server that wants signatures. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Bucket, createFetchPorts } from '@helm-operator/fetch';
import {
  handedOnTo,
  S3_ACCESS_KEY,
  S3_BUCKET,
  S3_SECRET_KEY,
  type S3Server,
  startS3Server,
} from '../../../../test/kit/s3-server.ts';
import { type SourceServer, startSourceServer } from '../../../../test/kit/source-server.ts';
import { chartOfFiles } from './chart-content.ts';
import type { ChartLocationOf } from './chart-source.ts';
import { createChartSources, fetchChart, peekChart } from './sources.ts';

const text = (value: string) => new TextEncoder().encode(value);
const chartYaml = (version: string) => `apiVersion: v2\nname: web\nversion: ${version}\n`;
const archive = (version: string) =>
  chartOfFiles([{ name: 'Chart.yaml', data: text(chartYaml(version)) }], { origin: 'test' });
const credentials = { basic: { username: S3_ACCESS_KEY, password: S3_SECRET_KEY } };
const sources = createChartSources();

let s3: S3Server;
let server: SourceServer;

before(async () => {
  s3 = await startS3Server();
  server = await startSourceServer(handedOnTo(s3.url));
});
after(async () => {
  await server.stop();
  await s3.stop();
});

const at = (key: string, bucket: string = S3_BUCKET): ChartLocationOf<'bucket'> => ({
  kind: 'bucket',
  provider: 's3',
  endpoint: server.url,
  bucket,
  key,
});
const newContext = () => ({
  fetch: createFetchPorts({ userAgent: 'test' }),
  signal: new AbortController().signal,
});

/** What was asked of the bucket meanwhile, as `METHOD PATH` without the query. */
async function asked(work: () => Promise<unknown>): Promise<string[]> {
  const seen = server.heard.length;
  await work();
  return server.heard.slice(seen).map(({ method, path }) => `${method} ${path.split('?')[0]}`);
}

test('an archive that is unchanged costs one request without a body; one that changed is noticed', async () => {
  const context = newContext();
  const request = { location: at('some folder/web+1.tgz'), credentials };
  await s3.put('some folder/web+1.tgz', archive('1.0.0').bytes);
  const first = await fetchChart(sources, request, context);
  assert.equal(first.digest, archive('1.0.0').digest);
  const told: string[] = [];
  const onStep = ({ detail }: { detail: string }) => told.push(detail);
  await fetchChart(sources, request, { ...context, onStep });
  assert.match(told.join(), /unchanged/);
  assert.match(server.heard.at(-1)?.headers ?? '', /^if-none-match$/im);
  await s3.put('some folder/web+1.tgz', archive('1.0.1').bytes);
  assert.equal((await fetchChart(sources, request, context)).metadata.version, '1.0.1');
});

test('a folder that is unchanged costs one listing; of one that changed, only what changed is fetched', async () => {
  const context = newContext();
  const request = { location: at('web/'), credentials };
  await s3.put('web/Chart.yaml', chartYaml('2.0.0'));
  await s3.put('web/templates/a.yaml', 'a: b\n');
  await s3.put('web/notes.bak', 'not for Helm');
  await s3.put('web/.helmignore', '*.bak\n');
  await s3.put('webster/Chart.yaml', chartYaml('9.0.0'));
  const first = await fetchChart(sources, request, context);
  assert.equal(first.metadata.version, '2.0.0');
  assert.deepEqual(await asked(() => fetchChart(sources, request, context)), ['GET /charts/']);
  assert.equal(await peekChart(sources, request, context), first.identity);
  await s3.put('web/templates/a.yaml', 'a: c\n');
  assert.notEqual(await peekChart(sources, request, context), first.identity);
  const again = await asked(async () => {
    const second = await fetchChart(sources, request, context);
    assert.notEqual(second.digest, first.digest);
  });
  assert.deepEqual(again, ['GET /charts/', 'GET /charts/web/templates/a.yaml']);
  await s3.remove('web/templates/a.yaml');
  const third = await fetchChart(sources, request, context);
  assert.notEqual(third.digest, first.digest);
});

test('what the server refuses is told, without the keys', async () => {
  const ask = (location: ChartLocationOf<'bucket'>, password: string) =>
    fetchChart(
      sources,
      { location, credentials: { basic: { username: S3_ACCESS_KEY, password } } },
      newContext(),
    );
  const rows: [ChartLocationOf<'bucket'>, string, string][] = [
    [at('web.tgz'), 'wr0ng-s3cret', 'fetch/forbidden'],
    [at('web/'), 'wr0ng-s3cret', 'fetch/forbidden'],
    [at('absent.tgz'), S3_SECRET_KEY, 'fetch/not-found'],
    [at('absent/'), S3_SECRET_KEY, 'source/not-found'],
    [at('web/', 'no-such-bucket'), S3_SECRET_KEY, 'fetch/not-found'],
    [at('web/', '../charts'), S3_SECRET_KEY, 'fetch/bad-url'],
  ];
  for (const [location, password, code] of rows) {
    await assert.rejects(ask(location, password), (error) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, code, error.message);
      assert.ok(!error.message.includes('s3cret') && !error.message.includes(S3_SECRET_KEY));
      return true;
    });
  }
});

test('a bucket without a login is read without a signature', async () => {
  const open = await startS3Server({ isOpen: true });
  try {
    await open.put('web.tgz', archive('3.0.0').bytes);
    const location = { ...at('web.tgz'), endpoint: open.url };
    const found = await fetchChart(sources, { location, credentials: {} }, newContext());
    assert.equal(found.metadata.version, '3.0.0');
  } finally {
    await open.stop();
  }
});

test('other providers join by their own log-in', async () => {
  const location = { ...at('web.tgz'), provider: 'gcs' } as const;
  await assert.rejects(fetchChart(sources, { location, credentials: {} }, newContext()), {
    code: 'source/unsupported',
  });
  const asKept: Bucket = {
    list: async () => [],
    get: async () => ({ bytes: archive('4.0.0').bytes, etag: undefined }),
  };
  const more = createChartSources({ buckets: new Map([['gcs', () => asKept]]) });
  const found = await fetchChart(more, { location, credentials: {} }, newContext());
  assert.equal(found.metadata.version, '4.0.0');
});
