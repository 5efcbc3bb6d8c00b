// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FetchError } from '@helm-operator/fetch';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { chartCredentials, namingSecret } from './chart-credentials.ts';

const signal = new AbortController().signal;
const base64 = (text: string) => Buffer.from(text).toString('base64');

function secretOf(data: Record<string, string> | undefined): ValueMap | undefined {
  if (data === undefined) return undefined;
  const held = Object.entries(data).map(([key, text]) => [key, base64(text)]);
  return decodeJson(JSON.stringify({ data: Object.fromEntries(held) })) as ValueMap;
}

const reference = {
  kind: 'helm-repository',
  url: 'https://charts.test/private/',
  name: 'web',
  version: '1',
} as const;

function ask(data: Record<string, string> | undefined) {
  const cluster = { get: async () => secretOf(data) };
  const secret = { namespace: 'apps', name: 'pull' };
  return chartCredentials({ ...reference, secret }, { cluster, repositoryFiles: [] }, signal);
}

test('what a Secret may hold', async () => {
  const none = { ca: undefined, cert: undefined, key: undefined };
  const rows: [Record<string, string>, object][] = [
    [{ username: 'a', password: 'b' }, { basic: { username: 'a', password: 'b' } }],
    [{ bearerToken: 't' }, { bearerToken: 't' }],
    [{ '.dockerconfigjson': '{}' }, { dockerConfig: '{}' }],
    [{ 'ca.crt': 'CA' }, { tls: { ...none, ca: 'CA' } }],
    [{ certFile: 'C', keyFile: 'K' }, { tls: { ...none, cert: 'C', key: 'K' } }],
  ];
  for (const [data, wanted] of rows) {
    const found = await ask(data);
    assert.deepEqual(found, {
      basic: undefined,
      bearerToken: undefined,
      dockerConfig: undefined,
      tls: undefined,
      ...wanted,
    });
  }
});

test('a Secret that is of no use is named, never shown', async () => {
  const rows: [Record<string, string> | undefined, RegExp][] = [
    [undefined, /Secret apps\/pull of spec.chart.chartPullSecret does not exist/],
    [{ username: 's3cret' }, /needs both username and password/],
    [{ 'tls.key': 's3cret' }, /needs both tls.crt and tls.key/],
    [{ other: 's3cret' }, /holds nothing that is known/],
  ];
  for (const [data, wanted] of rows) {
    await assert.rejects(ask(data), (error) => {
      assert.ok(error instanceof Error && 'retry' in error);
      assert.match(error.message, wanted);
      assert.ok(!error.message.includes('s3cret'));
      assert.equal(error.retry, 'waiting');
      return true;
    });
  }
});

test('imported repositories are found by their URL', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'repositories-'));
  const path = join(folder, 'repositories.yaml');
  await writeFile(
    path,
    `apiVersion: ""
repositories:
- {name: other, url: "https://charts.test/private?x=1", username: x, password: x}
- {name: mine, url: "https://charts.test/private", username: ann, password: pw, pass_credentials_all: true}
`,
  );
  const ports = {
    cluster: { get: async () => undefined },
    repositoryFiles: [path, `${path}.absent`],
  };
  try {
    assert.deepEqual(await chartCredentials(reference, ports, signal), {
      basic: { username: 'ann', password: 'pw' },
      mustPassToOtherHosts: true,
    });
    const other = { ...reference, url: 'https://charts.test/public' };
    assert.deepEqual(await chartCredentials(other, ports, signal), {});
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a Secret that the host refuses is named', () => {
  const refused = new FetchError('fetch/unauthorized', reference.url, '401 Unauthorized');
  const secret = { namespace: 'apps', name: 'pull' };
  const told = namingSecret(new Error('no index', { cause: refused }), { ...reference, secret });
  assert.ok(told instanceof Error && 'mend' in told && 'retry' in told);
  assert.equal(told.message, 'Secret apps/pull of spec.chart.chartPullSecret is refused: no index');
  assert.match(String(told.mend), /^correct what Secret apps\/pull holds/);
  assert.equal(told.retry, 'terminal', 'hosts lock accounts that are tried too often');
  assert.equal(namingSecret(refused, reference), refused, 'none was given');
  const gone = new FetchError('fetch/not-found', reference.url, '404');
  assert.equal(namingSecret(gone, { ...reference, secret }), gone);
});
