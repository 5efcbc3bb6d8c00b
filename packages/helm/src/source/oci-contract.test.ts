// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { MEDIA_TYPES } from '@helm-operator/fetch';
import { type SourceKind, sourceContract } from '../../../../test/kit/source-contract.ts';
import { chartOfFiles } from './chart-content.ts';
import { HELM_MEDIA_TYPES } from './oci-media-types.ts';
import { OciCharts } from './oci-source.ts';

const encode = (value: string) => new TextEncoder().encode(value);
const chart = chartOfFiles(
  [{ name: 'Chart.yaml', data: encode('apiVersion: v2\nname: web\nversion: 1.2.0\n') }],
  { origin: 'test' },
).bytes;
const config = encode('{"name":"web","version":"1.2.0"}');
const digestOf = (bytes: Uint8Array) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const described = (mediaType: string, bytes: Uint8Array) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});
const manifest = encode(
  JSON.stringify({
    schemaVersion: 2,
    config: described(HELM_MEDIA_TYPES.config, config),
    layers: [described(HELM_MEDIA_TYPES.chart, chart)],
  }),
);
const contents = new Map<string, readonly [string, Uint8Array]>([
  ['/v2/charts/web/manifests/1.2.0', [MEDIA_TYPES.manifest, manifest]],
  [`/v2/charts/web/manifests/${digestOf(manifest)}`, [MEDIA_TYPES.manifest, manifest]],
  [`/v2/charts/web/blobs/${digestOf(config)}`, ['application/octet-stream', config]],
  [`/v2/charts/web/blobs/${digestOf(chart)}`, ['application/octet-stream', chart]],
  ['/v2/charts/web/tags/list', ['application/json', encode('{"tags":["1.2.0","latest"]}')]],
]);

/** Wants the password before it says anything. */
const registry: RequestListener = (request, response) => {
  const path = request.url ?? '';
  const isBlob = path.includes('/blobs/');
  if (request.headers.authorization === undefined && !isBlob) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
    return;
  }
  const [type, bytes] = contents.get(path) ?? [];
  if (type === undefined || bytes === undefined) {
    response.writeHead(404).end('{"errors":[{"code":"NAME_UNKNOWN"}]}');
    return;
  }
  const headers = {
    'content-type': type,
    'content-length': bytes.length,
    'docker-content-digest': digestOf(bytes),
  };
  response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : bytes);
};

const kinds = (['1.2.0', '^1.0.0'] as const).map(
  (version): SourceKind => ({
    name: `OCI registry, ${version}`,
    start: async () => {
      const charts = new OciCharts();
      return {
        source: registry,
        location: (url, which) => ({
          kind: 'oci',
          url: `oci://${new URL(url).host}/charts/${which === 'present' ? 'web' : 'nobody'}`,
          version,
        }),
        credentials: { basic: { username: 'ann', password: 'pass-word-7' } },
        isPayload: ({ url = '' }) => url.endsWith(digestOf(chart)),
        fetch: (request, context) => charts.fetch(request as never, context),
        expect: { 'not found': 'fetch/not-found' },
      };
    },
  }),
);

for (const kind of kinds) sourceContract(kind);
