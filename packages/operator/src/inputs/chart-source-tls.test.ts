// SPDX-License-Identifier: Apache-2.0

/** Client certificates out of Secrets, in every form they come in, shown to a server that wants one. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ChartReference } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import {
  type Authority,
  type Certificate,
  createAuthority,
} from '../../../../test/kit/authority.ts';
import { packChart, startChartRepository } from '../../../../test/kit/chart-repository.ts';
import { scratchFolder } from '../../../../test/kit/git-repository.ts';
import { handedOnTo } from '../../../../test/kit/s3-server.ts';
import { type SourceServer, startSourceServer } from '../../../../test/kit/source-server.ts';
import { createLogger } from '../logging/logger.ts';
import { createChartSource, DEFAULT_SOURCE_OPTIONS } from './chart-source.ts';

const { signal } = new AbortController();
const authority: Authority = createAuthority();
const client: Certificate = authority.issue({ kind: 'client' });
const stranger: Certificate = createAuthority('stranger').issue({ kind: 'client' });
let mutual: SourceServer;
let stop: () => Promise<void>;

before(async () => {
  const yaml = new Map([['Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n']]);
  const charts = await startChartRepository([await packChart(scratchFolder('tls'), yaml)]);
  mutual = await startSourceServer(handedOnTo(charts.url), {
    certificate: authority.issue(),
    clientAuthority: authority.ca,
  });
  stop = async () => {
    await mutual.stop();
    await charts.stop();
  };
});
after(() => stop());

async function versionWith(data: Readonly<Record<string, string>>): Promise<string> {
  const encoded = Object.entries(data).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  const secret = decodeJson(JSON.stringify({ data: Object.fromEntries(encoded) })) as ValueMap;
  const source = createChartSource(DEFAULT_SOURCE_OPTIONS, {
    cluster: { get: async () => secret },
    version: 'test',
    env: {},
    log: createLogger({ format: 'json', write: () => undefined, now: () => '' }),
  });
  const reference: ChartReference = {
    kind: 'helm-repository',
    url: mutual.url,
    name: 'web',
    version: '^1',
    secret: { namespace: 'apps', name: 'pull' },
  };
  return (await source.fetch(reference, signal)).metadata.version;
}

const { ca } = authority;
const { cert, key } = client;
const GOOD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kubernetes.io/tls': { 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca },
  'older names': { certFile: cert, keyFile: key, caFile: ca },
  'mixed, with a password': {
    'tls.crt': cert,
    'tls.key': key,
    caFile: ca,
    username: 'ann',
    password: 'pass-word-7',
  },
  'PEM with line ends of Windows': {
    'tls.crt': cert.replaceAll('\n', '\r\n'),
    'tls.key': key.replaceAll('\n', '\r\n'),
    'ca.crt': ca.replaceAll('\n', '\r\n'),
  },
};

for (const [name, data] of Object.entries(GOOD)) {
  test(`${name}: let in`, async () => {
    assert.equal(await versionWith(data), '1.0.0');
  });
}

test('what does not open the door is told, without the key', async () => {
  const rows: [Record<string, string>, RegExp][] = [
    [{ 'ca.crt': ca }, /whether the server wants another client certificate|certificate required/],
    [{ 'tls.crt': cert, 'tls.key': key }, /signed by|authority/],
    [
      { 'tls.crt': cert, 'tls.key': stranger.key, 'ca.crt': ca },
      /check certificate, key and authority/,
    ],
    [
      { 'tls.crt': stranger.cert, 'tls.key': stranger.key, 'ca.crt': ca },
      /another client certificate|alert/,
    ],
    [{ 'tls.crt': 'junk', 'tls.key': key, 'ca.crt': ca }, /check certificate, key and authority/],
    [{ 'tls.crt': cert, 'ca.crt': ca }, /needs both tls.crt and tls.key/],
  ];
  for (const [data, wanted] of rows) {
    await assert.rejects(versionWith(data), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, wanted);
      assert.ok(!error.message.includes('PRIVATE KEY'));
      return true;
    });
  }
});
