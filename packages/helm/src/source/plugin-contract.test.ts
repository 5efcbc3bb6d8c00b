// SPDX-License-Identifier: Apache-2.0

/** A repository that a downloader plugin brings: what its server does is the plugin's to tell, and told without secrets. */

import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SourceKind, sourceContract } from '../../../../test/kit/source-contract.ts';
import { staticSource } from '../../../../test/kit/source-server.ts';
import { chartOfFiles } from './chart-content.ts';
import { helmSettingsOf } from './helm-settings.ts';
import { createChartSources, fetchChart } from './sources.ts';

const chart = chartOfFiles(
  [
    {
      name: 'Chart.yaml',
      data: new TextEncoder().encode('apiVersion: v2\nname: web\nversion: 1.2.0\n'),
    },
  ],
  { origin: 'test' },
).bytes;
const digest = createHash('sha256').update(chart).digest('hex');
const index = JSON.stringify({
  apiVersion: 'v1',
  entries: { web: [{ name: 'web', version: '1.2.0', urls: ['web-1.2.0.tgz'], digest }] },
});
const files = new Map<string, Uint8Array | string>([
  ['/charts/index.yaml', index],
  ['/charts/web-1.2.0.tgz', chart],
]);

/** Gets `fetched+http(s)://…`; follows redirects, with the password only to the first host. */
const PROGRAM = `
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
const [cert, key, ca, given] = process.argv.slice(2);
const { HELM_PLUGIN_USERNAME: user, HELM_PLUGIN_PASSWORD: password } = process.env;
const start = new URL(given.replace('fetched+', ''));
const read = (path) => (path === '' ? undefined : readFileSync(path));
const fail = (why) => { console.error(why); process.exit(4); };
function get(url, hops) {
  const isOwn = url.host === start.host;
  const headers = isOwn ? { authorization: 'Basic ' + Buffer.from(user + ':' + password).toString('base64') } : {};
  const tls = { ca: read(ca), ...(isOwn ? { cert: read(cert), key: read(key) } : {}) };
  const client = url.protocol === 'https:' ? https : http;
  client.get(url, { headers, ...tls }, (answer) => {
    const { location } = answer.headers;
    if (location !== undefined && hops > 0) { answer.resume(); get(new URL(location, url), hops - 1); return; }
    if (answer.statusCode !== 200) fail(\`\${user}:\${password} got \${answer.statusCode}\`);
    const parts = [];
    answer.on('data', (part) => parts.push(part)).on('error', (error) => fail(error.message));
    answer.on('end', () => process.stdout.write(Buffer.concat(parts), () => process.exit(0)));
  }).on('error', (error) => fail(error.message));
}
get(start, 5);
`;

async function installPlugin(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'plugin-contract-'));
  const folder = join(root, 'fetched');
  await mkdir(folder);
  await writeFile(
    join(folder, 'plugin.yaml'),
    'name: fetched\ndownloaders:\n- command: get\n  protocols: [fetched+http, fetched+https]\n',
  );
  await writeFile(join(folder, 'get.mjs'), PROGRAM);
  const run = `#!/bin/sh\nexec '${process.execPath}' '${join(folder, 'get.mjs')}' "$@"\n`;
  await writeFile(join(folder, 'get'), run);
  await chmod(join(folder, 'get'), 0o755);
  return root;
}

const plugin: SourceKind = {
  name: 'Helm repository by a downloader plugin',
  start: async () => {
    const root = await installPlugin();
    const env = { PATH: process.env['PATH'], HELM_PLUGINS: root };
    const sources = createChartSources({ settings: helmSettingsOf(env, root) });
    return {
      source: staticSource(files),
      location: (url, which) => ({
        kind: 'repository',
        url: `fetched+${url}/charts`,
        name: which === 'present' ? 'web' : 'nobody',
        version: '^1',
      }),
      credentials: { basic: { username: 'ann', password: 'pass-word-7' } },
      isPayload: ({ url = '' }) => url.endsWith('.tgz'),
      fetch: (request, context) => fetchChart(sources, request, context),
      expect: {
        'gone (404 on everything)': 'fetch/plugin',
        unauthorised: 'fetch/plugin',
        forbidden: 'fetch/plugin',
        'wrong authority': 'fetch/plugin',
        'expired certificate': 'fetch/plugin',
        // As Helm, which does not tell plugins.
        'any certificate, when told so': 'fetch/plugin',
        'client certificate missing': 'fetch/plugin',
        truncated: 'fetch/plugin',
        'over the size limit': 'skip: what the plugin writes is counted: plugins.test.ts',
        'redirect loop': 'fetch/plugin',
        'redirect to a forbidden address': 'skip: a plugin goes where it goes',
        'too many requests': 'fetch/plugin',
        '500 for ever': 'fetch/plugin',
        'connection refused': 'fetch/plugin',
        'no such host': 'fetch/plugin',
      },
      stop: () => rm(root, { recursive: true, force: true }),
    };
  },
};

sourceContract(plugin);
