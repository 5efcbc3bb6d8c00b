// SPDX-License-Identifier: Apache-2.0

/** Charts of a real registry, read again and again: what it costs, what changes, who may, and layers that are no charts of Helm. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  createFetchPorts,
  FetchError,
  openRegistry,
  type RegistryClient,
} from '@helm-operator/fetch';
import { type FetchedChart, OciCharts } from '@helm-operator/helm';
import { pushChart, pushImage } from '../../kit/oci-push.ts';
import {
  type OciRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  startOciRegistry,
} from '../../kit/oci-registry.ts';
import { tarball } from '../../kit/tarball.ts';

const chart = (name: string, version: string) =>
  tarball({ [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: ${version}\n` });

let registry: OciRegistry;
let client: RegistryClient;

before(async () => {
  registry = await startOciRegistry();
  const credentials = { isPlainHttp: true };
  const ports = createFetchPorts({ userAgent: 'test' });
  client = openRegistry({ registry: registry.host, credentials, ports });
  for (const version of ['1.0.0', '1.1.0'])
    await pushChart(client, `${registry.host}/charts/web:${version}`, chart('web', version));
});
after(() => registry.stop());

/** Passes requests on and notes them. */
async function startCounter(target: string) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${(request.url ?? '').replace(/^\/v2\/charts\/web\//, '')}`);
    const { method = 'GET', headers, url = '' } = request;
    const onward = httpRequest(`http://${target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    host: `127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('an unchanged poll is one HEAD, one listing, or nothing; also after a restart', async () => {
  const counter = await startCounter(registry.host);
  const { signal } = new AbortController();
  const url = `oci://${counter.host}/charts/web`;
  const pinned = await client.resolve(
    { registry: registry.host, repository: 'charts/web', tag: '1.1.0' },
    signal,
  );
  const rows: readonly [string, string, readonly string[]][] = [
    [url, '1.1.0', ['HEAD manifests/1.1.0']],
    [url, '^1.0.0', ['GET tags/list']],
    [`${url}@${pinned.digest}`, '', []],
  ];
  try {
    for (const [location, version, expected] of rows) {
      const charts = new OciCharts();
      const context = { fetch: createFetchPorts({ userAgent: 'test' }), signal };
      const request = {
        location: { kind: 'oci' as const, url: location, version },
        credentials: { isPlainHttp: true },
      };
      const first = await charts.fetch(request, context);
      counter.asked.length = 0;
      assert.equal(await charts.peek(request, context), first.revision);
      assert.deepEqual(counter.asked, expected, 'peek');
      counter.asked.length = 0;
      await charts.fetch(request, context);
      assert.deepEqual(counter.asked, expected, 'fetch');
      // Another process with the same cache knows no tag's digest.
      counter.asked.length = 0;
      await new OciCharts().fetch(request, context);
      assert.ok(
        counter.asked.every((line) => !line.includes('blobs')),
        counter.asked.join(),
      );
    }
  } finally {
    counter.stop();
  }
});

test('all who ask for the same chart at the same time share one download', async () => {
  const counter = await startCounter(registry.host);
  try {
    const charts = new OciCharts();
    const { signal } = new AbortController();
    const context = { fetch: createFetchPorts({ userAgent: 'test' }), signal };
    const location = {
      kind: 'oci' as const,
      url: `oci://${counter.host}/charts/web`,
      version: '1.1.0',
    };
    const asked = Array.from({ length: 10 }, () =>
      charts.fetch({ location, credentials: { isPlainHttp: true } }, context),
    );
    await Promise.all(asked);
    const blobs = counter.asked.filter((line) => line.includes('blobs'));
    assert.deepEqual(blobs, [...new Set(blobs)]);
    assert.equal(blobs.length, 2, 'config and chart');
  } finally {
    counter.stop();
  }
});

test('what others fetched is not given to credentials that may not read it', async () => {
  const closed = await startOciRegistry({ auth: 'basic' });
  try {
    const fetch = createFetchPorts({ userAgent: 'test' });
    const { signal } = new AbortController();
    const credentials = {
      isPlainHttp: true,
      basic: { username: REGISTRY_USER, password: REGISTRY_PASSWORD },
    };
    const owner = openRegistry({ registry: closed.host, credentials, ports: fetch });
    const reference = `${closed.host}/charts/web:1.0.0`;
    const { digest } = await pushChart(owner, reference, chart('web', '1.0.0'));
    const charts = new OciCharts();
    const url = `oci://${closed.host}/charts/web@${digest}`;
    const request = { location: { kind: 'oci' as const, url, version: '' }, credentials };
    await charts.fetch(request, { fetch, signal });
    await assert.rejects(
      charts.fetch({ ...request, credentials: { isPlainHttp: true } }, { fetch, signal }),
      (error) => error instanceof FetchError && error.code === 'fetch/unauthorized',
    );
  } finally {
    await closed.stop();
  }
});

test('while a registry is down, what a reference stood for last serves where it may', async () => {
  const counter = await startCounter(registry.host);
  const { signal } = new AbortController();
  const url = `oci://${counter.host}/charts/web`;
  const context = { fetch: createFetchPorts({ userAgent: 'test' }), signal };
  const requests = ['1.1.0', '^1.0.0'].map((version) => ({
    location: { kind: 'oci' as const, url, version },
    credentials: { isPlainHttp: true },
  }));
  const fetched: FetchedChart[] = [];
  for (const request of requests)
    fetched.push(await new OciCharts({ mayUseStale: true }).fetch(request, context));
  counter.stop();
  // A process that starts now, with the same cache.
  const charts = new OciCharts({ mayUseStale: true });
  for (const [index, request] of requests.entries()) {
    const again = await charts.fetch(request, context);
    assert.equal(again.digest, fetched[index]?.digest);
    assert.equal(again.fileName, fetched[index]?.fileName);
    assert.equal(await charts.peek(request, context), fetched[index]?.identity);
    const down = (error: unknown) =>
      error instanceof FetchError && error.retry === 'transient' && error.code !== 'fetch/aborted';
    await assert.rejects(new OciCharts().fetch(request, context), down);
    const stranger = {
      ...request,
      credentials: { ...request.credentials, basic: { username: 'a', password: 'b' } },
    };
    await assert.rejects(charts.fetch(stranger, context), down);
  }
});

test('a tag of a range that was overwritten is noticed after a while', async () => {
  const { signal } = new AbortController();
  const reference = `${registry.host}/charts/moving:1.0.0`;
  const first = await pushChart(client, reference, chart('moving', '1.0.0'));
  let nowMs = 1_000_000;
  const charts = new OciCharts({ nowMs: () => nowMs });
  const request = {
    location: {
      kind: 'oci' as const,
      url: `oci://${registry.host}/charts/moving`,
      version: '^1.0.0',
    },
    credentials: { isPlainHttp: true },
  };
  const context = { fetch: createFetchPorts({ userAgent: 'test' }), signal };
  assert.equal(await charts.peek(request, context), first.digest);
  const archive = tarball({
    'moving/Chart.yaml': 'apiVersion: v2\nname: moving\nversion: 1.0.0\ndescription: new\n',
  });
  const second = await pushChart(client, reference, archive);
  nowMs += 599_999;
  assert.equal(await charts.peek(request, context), first.digest);
  nowMs += 1;
  assert.equal(await charts.peek(request, context), second.digest);
});

test('a layer that is no chart of Helm: taken as it is, or for a folder', async () => {
  const { signal } = new AbortController();
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  const yaml = 'apiVersion: v2\nname: web\nversion: 1.0.0\n';
  const push = (name: string, bytes: Uint8Array) =>
    pushImage(client, {
      reference: `${registry.host}/layers/${name}:latest`,
      layers: [
        { mediaType: 'text/plain', bytes: Buffer.from('x') },
        { mediaType, bytes },
      ],
    });
  await push('archive', chart('web', '1.0.0'));
  const folder = {
    'Chart.yaml': yaml,
    './templates/a.yaml': 'a: b',
    '.helmignore': '*.bak',
    'x.bak': '',
  };
  await push('root', tarball(folder));
  await push('plain', gunzipSync(tarball(folder)));
  await push(
    'deep',
    tarball({
      'charts/web/Chart.yaml': yaml,
      'charts/web/charts/sub/Chart.yaml': yaml,
      README: '',
    }),
  );
  await push('none', tarball({ README: 'no chart' }));
  await push('out', tarball({ '../Chart.yaml': yaml }));
  await push('junk', Buffer.from('this is no archive'));
  const fetch = async (name: string, operation: 'copy' | 'extract', type = mediaType) => {
    const url = `oci://${registry.host}/layers/${name}:latest`;
    const location = {
      kind: 'oci',
      url,
      version: '',
      layer: { mediaType: type, operation },
    } as const;
    const context = { fetch: createFetchPorts({ userAgent: 'test' }), signal };
    return await new OciCharts().fetch({ location, credentials: { isPlainHttp: true } }, context);
  };
  const archive = await fetch('archive', 'copy');
  assert.equal((await fetch('archive', 'extract')).digest, archive.digest);
  const root = await fetch('root', 'extract');
  assert.equal(root.metadata.version, '1.0.0');
  assert.equal((await fetch('plain', 'extract')).digest, root.digest);
  assert.equal((await fetch('deep', 'extract')).metadata.name, 'web');
  await assert.rejects(fetch('root', 'copy'), { code: 'source/archive' });
  await assert.rejects(fetch('none', 'extract'), /holds no Chart.yaml/);
  await assert.rejects(fetch('out', 'extract'), /leads out of it/);
  await assert.rejects(fetch('junk', 'extract'), { code: 'source/archive' });
  await assert.rejects(
    fetch('root', 'extract', 'text/html'),
    /no layer has the media type text\/html/,
  );
});
