// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import {
  handedOnTo,
  S3_ACCESS_KEY,
  S3_BUCKET,
  S3_SECRET_KEY,
  startS3Server,
} from '../../../../test/kit/s3-server.ts';
import { type SourceKind, sourceContract } from '../../../../test/kit/source-contract.ts';
import { staticSource } from '../../../../test/kit/source-server.ts';
import { chartOfFiles } from './chart-content.ts';
import { createChartSources, fetchChart } from './sources.ts';

const text = (value: string) => new TextEncoder().encode(value);
const chart = chartOfFiles(
  [
    { name: 'Chart.yaml', data: text('apiVersion: v2\nname: web\nversion: 1.2.0\n') },
    { name: 'templates/a.yaml', data: text('a: b\n') },
  ],
  { origin: 'test' },
).bytes;
const index = JSON.stringify({
  apiVersion: 'v1',
  entries: {
    web: [
      {
        name: 'web',
        version: '1.2.0',
        urls: ['web-1.2.0.tgz'],
        digest: createHash('sha256').update(chart).digest('hex'),
      },
    ],
  },
});
const files = new Map<string, Uint8Array | string>([
  ['/charts/index.yaml', index],
  ['/charts/web-1.2.0.tgz', chart],
]);
const basic = { username: 'ann', password: 'pass-word-7' };
const sources = createChartSources();

const repository: SourceKind = {
  name: 'Helm repository over HTTP(S)',
  start: async () => ({
    source: staticSource(files),
    location: (url, which) => ({
      kind: 'repository',
      url: `${url}/charts`,
      name: which === 'present' ? 'web' : 'nobody',
      version: '^1',
    }),
    credentials: { basic },
    isPayload: ({ url = '' }) => url.endsWith('.tgz'),
    fetch: (request, context) => fetchChart(sources, request, context),
  }),
};

const token: SourceKind = {
  name: 'Helm repository with a bearer token',
  start: async () => ({
    ...(await repository.start()),
    credentials: { bearerToken: 'tok-en-1234' },
  }),
};

const archive: SourceKind = {
  name: 'archive by its URL',
  start: async () => ({
    ...(await repository.start()),
    location: (url, which) => ({
      kind: 'archive',
      url: `${url}/charts/${which === 'present' ? 'web' : 'nobody'}-1.2.0.tgz`,
    }),
    expect: {
      'not found': 'fetch/not-found',
      // Nobody says what its digest should be; a broken archive is no chart.
      'wrong digest': 'source/archive',
    },
  }),
};

const bucket: SourceKind = {
  name: 'S3 bucket',
  start: async () => {
    const server = await startS3Server();
    await server.put('web-1.2.0.tgz', chart);
    return {
      source: handedOnTo(server.url),
      location: (url, which) => ({
        kind: 'bucket',
        provider: 's3',
        endpoint: url,
        bucket: S3_BUCKET,
        key: which === 'present' ? 'web-1.2.0.tgz' : 'nobody.tgz',
      }),
      credentials: { basic: { username: S3_ACCESS_KEY, password: S3_SECRET_KEY } },
      isPayload: ({ url = '' }) => url.endsWith('.tgz'),
      fetch: (request, context) => fetchChart(sources, request, context),
      stop: () => server.stop(),
      expect: {
        'not found': 'fetch/not-found',
        // Nobody says what its digest should be; a broken archive is no chart.
        'wrong digest': 'source/archive',
        // The signature stays with the host it was made for.
        'redirect to another host': 'fetch/status',
      },
    };
  },
};

for (const kind of [repository, token, archive, bucket]) sourceContract(kind);
