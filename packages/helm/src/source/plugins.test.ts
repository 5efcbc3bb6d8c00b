// SPDX-License-Identifier: Apache-2.0

/** Two downloader plugins of our own: one that wants credentials, one that fails. */

import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CHART_LIMITS, createFetchPorts, FetchError } from '@helm-operator/fetch';
import { chartOfFiles } from './chart-content.ts';
import { Getters } from './getters.ts';
import { type HelmSettings, helmSettingsOf } from './helm-settings.ts';
import { findDownloaders, runDownloader } from './plugins.ts';
import { createChartSources, fetchChart } from './sources.ts';

const text = (value: string) => new TextEncoder().encode(value);
const chart = chartOfFiles(
  [{ name: 'Chart.yaml', data: text('apiVersion: v2\nname: web\nversion: 1.2.0\n') }],
  {
    origin: 'test',
  },
);

/** Wants user name and password; serves an index, a chart, and what it was told. */
const KEEPER = `#!/bin/sh
case "$6" in
  */told) printf '%s|' "$@" "$HELM_PLUGIN_NAME" "$HELM_PLUGIN_DIR" "$HELM_PLUGIN_PASS_CREDENTIALS_ALL" "$HELM_REPOSITORY_CONFIG"; cat "$5"; exit 0;;
esac
if [ "$HELM_PLUGIN_USERNAME" != ann ] || [ "$HELM_PLUGIN_PASSWORD" != pass-word ]; then
  echo "who is $HELM_PLUGIN_USERNAME with $HELM_PLUGIN_PASSWORD?" >&2
  exit 3
fi
exec cat "$1/$(basename "$6")"
`;
const FAILER = `#!/bin/sh
case "$4" in
  *slow*) sleep 60 & sleep 60;;
  *large*) exec yes;;
esac
echo "the $4 is wrong" >&2
exit 7
`;

let root: string;
let settings: HelmSettings;
const signal = new AbortController().signal;

async function plugin(name: string, yaml: string, script: string): Promise<void> {
  const folder = join(root, 'plugins', name);
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'plugin.yaml'), yaml);
  await writeFile(join(folder, 'bin', 'get'), script);
  await chmod(join(folder, 'bin', 'get'), 0o755);
}

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'plugins-'));
  const data = join(root, 'data');
  await mkdir(data);
  await writeFile(join(data, 'web-1.2.0.tgz'), chart.bytes);
  await writeFile(
    join(data, 'index.yaml'),
    'apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.2.0, urls: [web-1.2.0.tgz]}\n',
  );
  const keeper = `name: keeper\nversion: 0.1.0\nusage: test\ndescription: test\ncommand: "$HELM_PLUGIN_DIR/bin/get"\ndownloaders:\n- command: bin/get ${data} x\n  protocols: [keep, kept]\n`;
  await plugin('keeper', keeper, KEEPER);
  await plugin(
    'failer',
    'name: failer\ndownloaders: [{command: bin/get, protocols: [fail]}]\n',
    FAILER,
  );
  settings = helmSettingsOf(
    { PATH: process.env['PATH'], HELM_PLUGINS: join(root, 'plugins') },
    root,
  );
});
after(() => rm(root, { recursive: true }));

const basic = { username: 'ann', password: 'pass-word' };
const context = () => ({ fetch: createFetchPorts({ userAgent: 'test' }), signal });

test('a chart by a plugin that wants credentials', async () => {
  const sources = createChartSources({ settings });
  const location = {
    kind: 'repository',
    url: 'keep://bucket/charts',
    name: 'web',
    version: '^1',
  } as const;
  const fetched = await fetchChart(sources, { location, credentials: { basic } }, context());
  assert.equal(fetched.digest, chart.digest);
  const wrong = { basic: { username: 'ann', password: 'other-word' } };
  await assert.rejects(
    fetchChart(sources, { location, credentials: wrong }, context()),
    (error) => {
      assert.ok(error instanceof Error && error.cause instanceof FetchError);
      assert.equal(error.cause.code, 'fetch/plugin');
      assert.match(error.message, /exited with code 3: who is ann with \*\*\*\?/);
      return true;
    },
  );
});

test('it is called as Helm calls it', async () => {
  const [found] = (await findDownloaders(settings)).filter(({ plugin: name }) => name === 'keeper');
  assert.ok(found !== undefined);
  assert.deepEqual(found.protocols, ['keep', 'kept']);
  const told = await runDownloader(found, settings, {
    url: 'keep://bucket/told',
    credentials: { tls: { ca: 'CA-TEXT', cert: 'C', key: 'K' }, mustPassToOtherHosts: true },
    limits: CHART_LIMITS,
    signal,
  });
  const parts = Buffer.from(told).toString().split('|');
  const [first, second, cert, key, ca, url, name, folder, passAll, config, content] = parts;
  assert.deepEqual([first, second, url], [join(root, 'data'), 'x', 'keep://bucket/told']);
  assert.match(`${cert} ${key} ${ca}`, /\/cert\.pem .*\/key\.pem .*\/ca\.pem$/);
  assert.deepEqual([name, folder, passAll], ['keeper', join(root, 'plugins', 'keeper'), 'true']);
  assert.equal(config, join(root, '.config/helm/repositories.yaml'));
  assert.equal(content, 'CA-TEXT');
});

test('one that fails, is slow, says too much, is given up or does not exist', async () => {
  const lines: string[] = [];
  const getters = new Getters({ settings, onPluginOutput: (line) => lines.push(line) });
  const get = (url: string, limits = CHART_LIMITS, own = signal) =>
    getters.get(
      { url, owner: url, credentials: {}, limits },
      { ...context(), signal: own },
      async () => 0,
    );
  await assert.rejects(get('fail://x/y'), {
    code: 'fetch/plugin',
    message: /exited with code 7: the fail:\/\/x\/y is wrong/,
  });
  assert.deepEqual(lines, ['the fail://x/y is wrong']);
  const startedMs = Date.now();
  await assert.rejects(get('fail://slow', { ...CHART_LIMITS, timeoutMs: 100 }), {
    code: 'fetch/timeout',
  });
  await assert.rejects(get('fail://large', { ...CHART_LIMITS, maxBytes: 1000 }), {
    code: 'fetch/too-large',
  });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  await assert.rejects(get('fail://slow', CHART_LIMITS, stop.signal), { code: 'fetch/aborted' });
  assert.ok(Date.now() - startedMs < 20_000, 'what it started was killed, too');
  await assert.rejects(get('nobody://x'), {
    code: 'source/unsupported',
    message: 'scheme "nobody" not supported',
  });
});

test('plugin files that Helm refuses', async () => {
  const rows: [string, RegExp][] = [
    ['name: "no good"\n', /invalid plugin name at/],
    ['name: x\nnews: 1\n', /unknown field "news"/],
    ['name: [\n', /failed to load plugin at/],
    ['name: keeper\n', /two plugins claim the name "keeper" at/],
  ];
  for (const [yaml, wanted] of rows) {
    await plugin('other', yaml, FAILER);
    await assert.rejects(findDownloaders(settings), wanted);
  }
  await rm(join(root, 'plugins', 'other'), { recursive: true });
  await mkdir(join(root, 'plugins', 'no-plugin'));
  assert.equal((await findDownloaders(settings)).length, 2);
});
