// SPDX-License-Identifier: Apache-2.0

/** A Helm repository on the loopback: packs chart folders and serves them with an index. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { globSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';

/** One chart as the repository serves it. */
export interface PackedChart {
  readonly name: string;
  readonly version: string;
  readonly archive: Uint8Array;
}

export interface ChartRepository {
  readonly url: string;
  /** Requests so far, as `METHOD PATH`. */
  readonly requests: readonly string[];
  add(chart: PackedChart): void;
  /** Answers every request with this status; `undefined` ends it. */
  fail(status: number | undefined): void;
  stop(): Promise<void>;
}

/**
 * Packs a chart folder as `helm package` lays it out.
 *
 * @param changes text of files (by path in the chart) that replace or join those of the folder; `Chart.yaml` included
 */
export async function packChart(
  folder: string,
  changes: ReadonlyMap<string, string> = new Map(),
): Promise<PackedChart> {
  const files = new Map<string, Uint8Array>();
  for (const path of globSync('**/*', { cwd: folder }).sort()) {
    if (statSync(join(folder, path)).isFile()) files.set(path, readFileSync(join(folder, path)));
  }
  for (const [path, text] of changes) files.set(path, new TextEncoder().encode(text));
  const meta = new TextDecoder().decode(files.get('Chart.yaml'));
  const name = field(meta, 'name');
  const version = field(meta, 'version');
  const entries = [...files].map(([path, body]) => ({
    header: { name: `${name}/${path}`, size: body.length, mode: 0o644, mtime: new Date(0) },
    body,
  }));
  return { name, version, archive: gzipSync(await packTar(entries)) };
}

function field(text: string, name: string): string {
  const match = new RegExp(`^${name}:\\s*"?([^"\\n]+?)"?\\s*$`, 'm').exec(text);
  if (match?.[1] === undefined) throw new Error(`Chart.yaml has no ${name}`);
  return match[1];
}

/** Serves charts until it is stopped; more can be added while it runs. */
export async function startChartRepository(
  charts: readonly PackedChart[],
): Promise<ChartRepository> {
  const served = [...charts];
  const requests: string[] = [];
  let failure: number | undefined;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    requests.push(`${request.method} ${path}`);
    if (failure !== undefined) {
      response.writeHead(failure).end();
      return;
    }
    if (path === '/index.yaml') {
      send(request, response, Buffer.from(indexOf(served)), 'text/yaml');
      return;
    }
    const chart = served.find(({ name, version }) => path === `/${name}-${version}.tgz`);
    if (chart === undefined) response.writeHead(404).end('not found');
    else send(request, response, Buffer.from(chart.archive), 'application/gzip');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    add: (chart) => served.push(chart),
    fail: (status) => {
      failure = status;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  type: string,
): void {
  const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
  if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
  else
    response
      .writeHead(200, { etag, 'content-type': type, 'content-length': body.length })
      .end(body);
}

function indexOf(charts: readonly PackedChart[]): string {
  const entries: Record<string, object[]> = {};
  for (const { name, version, archive } of charts) {
    const entry = {
      apiVersion: 'v2',
      name,
      version,
      urls: [`${name}-${version}.tgz`],
      digest: createHash('sha256').update(archive).digest('hex'),
      created: '2026-01-01T00:00:00Z',
    };
    entries[name] = [...(entries[name] ?? []), entry];
  }
  return JSON.stringify({ apiVersion: 'v1', generated: '2026-01-01T00:00:00Z', entries });
}
