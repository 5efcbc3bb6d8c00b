// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KubeError } from '../errors.ts';
import { inClusterConfig } from './in-cluster.ts';
import type { KubeConfig } from './kube-config.ts';
import {
  FOREIGN_KUBECONFIG,
  kubeconfigFromText,
  kubeconfigPaths,
  loadKubeconfig,
  OWN_KUBECONFIG,
} from './load-kubeconfig.ts';
import { proxyFromEnv } from './proxy-from-env.ts';

const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
after(() => rm(folder, { recursive: true }));

const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
const PEM64 = Buffer.from(PEM).toString('base64');

function textOf(cluster: object, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'main',
    clusters: [{ name: 'c', cluster: { server: 'https://api.example:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace: 'apps' } }],
  });
}

function own(cluster: object, user: object): KubeConfig {
  return kubeconfigFromText(textOf(cluster, user), { origin: 'test', trust: OWN_KUBECONFIG });
}

function foreign(cluster: object, user: object): KubeConfig {
  return kubeconfigFromText(textOf(cluster, user), {
    origin: 'Secret apps/target',
    trust: FOREIGN_KUBECONFIG,
  });
}

const EXEC = { apiVersion: 'client.authentication.k8s.io/v1', command: 'login' };

test('every field of a kubeconfig is understood', () => {
  const config = own(
    {
      'certificate-authority-data': PEM64,
      'tls-server-name': 'kubernetes',
      'proxy-url': 'socks5://proxy:1080',
      'disable-compression': true,
    },
    {
      'client-certificate-data': PEM64,
      'client-key-data': PEM64,
      token: 't',
      as: 'bob',
      'as-uid': '7',
      'as-groups': ['g'],
      'as-user-extra': { scope: ['a', 'b'] },
    },
  );
  assert.deepEqual(config, {
    origin: 'test',
    server: 'https://api.example:6443',
    namespace: 'apps',
    ca: { pem: PEM },
    clientCertificate: { pem: PEM },
    clientKey: { pem: PEM },
    isInsecure: false,
    serverName: 'kubernetes',
    proxyUrl: 'socks5://proxy:1080',
    isCompressionDisabled: true,
    credential: { kind: 'token', token: 't' },
    impersonate: { user: 'bob', uid: '7', groups: ['g'], extra: new Map([['scope', ['a', 'b']]]) },
    mustAvoidLinkLocal: false,
  });
});

test('YAML is understood as well', () => {
  const text = [
    'current-context: main',
    'clusters:',
    '- name: c',
    '  cluster: {server: "http://localhost:8001"}',
    'contexts:',
    '- context: {cluster: c, user: ""}',
    '  name: main',
  ].join('\n');
  const config = kubeconfigFromText(text, { origin: 'test', trust: OWN_KUBECONFIG });
  assert.equal(config.server, 'http://localhost:8001');
  assert.equal(config.namespace, 'default');
});

/** [user entry, credential] */
const CREDENTIALS: readonly (readonly [string, object, KubeConfig['credential']['kind']])[] = [
  ['token', { token: 't' }, 'token'],
  ['a token file wins over a token', { token: 't', tokenFile: '/x' }, 'tokenFile'],
  ['basic', { username: 'a', password: 'b' }, 'basic'],
  ['exec', { exec: EXEC }, 'exec'],
  ['a token wins over exec', { exec: EXEC, token: 't' }, 'token'],
  ['nothing', {}, 'none'],
];
for (const [name, user, kind] of CREDENTIALS) {
  test(`credential: ${name}`, () => assert.equal(own({}, user).credential.kind, kind));
}

/** What a kubeconfig of somebody else must not reach. */
const REFUSED: readonly (readonly [string, object, object, RegExp])[] = [
  ['a program', {}, { exec: EXEC }, /needs a program/],
  ['a token file', {}, { tokenFile: '/var/run/secrets/token' }, /tokenFile names a file/],
  ['a CA file', { 'certificate-authority': '/etc/ca' }, { token: 't' }, /names a file/],
  ['a key file', {}, { 'client-key': '/etc/key' }, /client-key names a file/],
];
for (const [name, cluster, user, message] of REFUSED) {
  test(`a foreign kubeconfig cannot use ${name}`, () => {
    assert.throws(
      () => foreign(cluster, user),
      (error: unknown) => {
        assert.ok(error instanceof KubeError);
        assert.equal(error.code, 'kube/config');
        assert.equal(error.retry, 'terminal');
        assert.match(error.message, message);
        assert.match(error.message, /Secret apps\/target/);
        return true;
      },
    );
    own(cluster, user);
  });
}

test('a foreign kubeconfig is verified and kept from link-local addresses', () => {
  const config = foreign({ 'insecure-skip-tls-verify': true }, { token: 't', exec: EXEC });
  assert.equal(config.isInsecure, false);
  assert.equal(config.mustAvoidLinkLocal, true);
  assert.equal(config.credential.kind, 'token');
  assert.equal(own({ 'insecure-skip-tls-verify': true }, {}).isInsecure, true);
});

test('messages never show the text, which holds credentials', () => {
  for (const text of ['token: s3cr3t\n  bad: [', 's3cr3t', '{"kind":"Secret","x":"s3cr3t"}']) {
    assert.throws(
      () => kubeconfigFromText(text, { origin: 'test', trust: OWN_KUBECONFIG }),
      (error: unknown) =>
        error instanceof KubeError && !`${error.stack}${String(error.cause)}`.includes('s3cr3t'),
    );
  }
});

/** [change of the text, message] */
const BROKEN: readonly (readonly [Record<string, unknown>, RegExp])[] = [
  [{ 'current-context': 'other' }, /cluster "" does not exist \(there are: c\)/],
  [{ 'current-context': '' }, /no current context is set \(there are: main\)/],
  [{ clusters: [] }, /cluster "c" does not exist/],
  [{ users: [] }, /user "u" does not exist/],
  [{ clusters: [{ name: 'c', cluster: { server: 'ftp://x' } }] }, /unknown scheme/],
  [{ clusters: [{ name: 'c', cluster: { server: 'https://a:b@x' } }] }, /holds a credential/],
  [{ clusters: [{ name: 'c', cluster: {} }] }, /"" is not a server URL/],
  [{ kind: 'ConfigMap' }, /its kind is "ConfigMap"/],
];
for (const [change, message] of BROKEN) {
  test(`refused: ${JSON.stringify(change)}`, () => {
    const text = JSON.stringify({ ...JSON.parse(textOf({}, { token: 't' })), ...change });
    assert.throws(
      () => kubeconfigFromText(text, { origin: 'test', trust: OWN_KUBECONFIG }),
      message,
    );
  });
}

test('files are merged: the first that names an entry wins, paths are relative to their file', async () => {
  await mkdir(join(folder, 'sub'), { recursive: true });
  const first = join(folder, 'sub', 'first');
  const second = join(folder, 'second');
  await writeFile(
    first,
    JSON.stringify({
      clusters: [
        { name: 'c', cluster: { server: 'https://first', 'certificate-authority': 'ca.crt' } },
      ],
    }),
  );
  await writeFile(second, textOf({ server: 'https://second' }, { tokenFile: 'token' }));
  const config = await loadKubeconfig({ paths: [first, join(folder, 'missing'), second] });
  assert.equal(config.server, 'https://first');
  assert.deepEqual(config.ca, { file: join(folder, 'sub', 'ca.crt') });
  assert.deepEqual(config.credential, { kind: 'tokenFile', file: join(folder, 'token') });
});

test('overrides take the place of entries', async () => {
  const path = join(folder, 'over');
  await writeFile(path, textOf({}, { token: 't' }));
  const overrides = { server: 'https://other', token: 'o', namespace: 'n', isInsecure: true };
  const config = await loadKubeconfig({ paths: [path], overrides });
  assert.equal(config.server, 'https://other');
  assert.deepEqual(config.credential, { kind: 'token', token: 'o' });
  assert.equal(config.namespace, 'n');
  assert.equal(config.isInsecure, true);
  await assert.rejects(
    loadKubeconfig({ paths: [path], overrides: { context: 'nope' } }),
    /context "nope" does not exist \(there are: main\)/,
  );
  await assert.rejects(loadKubeconfig({ paths: [join(folder, 'no')], mustExist: true }), /ENOENT/);
  await assert.rejects(loadKubeconfig({ paths: [] }), /set KUBECONFIG/);
});

test('the files of KUBECONFIG, or the one at home', () => {
  assert.deepEqual(kubeconfigPaths('/a:/b:/a:', '/home/x'), ['/a', '/b']);
  assert.deepEqual(kubeconfigPaths(undefined, '/home/x'), ['/home/x/.kube/config']);
  assert.deepEqual(kubeconfigPaths('', undefined), []);
});

test('B29: in a pod no kubeconfig is needed: token, CA and namespace of the service account', async () => {
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  await assert.rejects(inClusterConfig({ env, directory: folder }), /no service account/);
  await writeFile(join(folder, 'token'), 't');
  await writeFile(join(folder, 'namespace'), 'flux-system');
  await assert.rejects(inClusterConfig({ env: {}, directory: folder }), /no service account/);
  const config = await inClusterConfig({ env, directory: folder });
  assert.equal(config.server, 'https://[fd00::1]:443');
  assert.equal(config.namespace, 'flux-system');
  assert.deepEqual(config.credential, { kind: 'tokenFile', file: join(folder, 'token') });
});

/** [NO_PROXY, server, is the proxy used] */
const PROXIES: readonly (readonly [string, string, boolean])[] = [
  ['', 'https://api.example', true],
  ['*', 'https://api.example', false],
  ['example', 'https://api.example', false],
  ['.example', 'https://api.example', false],
  ['.example', 'https://example', true],
  ['*.example', 'https://api.example', false],
  ['ple', 'https://api.example', true],
  ['10.0.0.0/8', 'https://10.1.2.3', false],
  ['10.0.0.0/8', 'https://11.1.2.3', true],
  ['fd00::/8', 'https://[fd00::1]', false],
  ['api.example:6443', 'https://api.example:6443', false],
  ['api.example:6443', 'https://api.example', true],
  ['', 'https://127.0.0.1:6443', false],
  ['', 'http://api.example', false],
];
for (const [rules, server, isUsed] of PROXIES) {
  test(`NO_PROXY=${rules} ${server}: ${isUsed ? 'proxy' : 'direct'}`, () => {
    const env = { HTTPS_PROXY: 'proxy:3128', no_proxy: rules };
    const proxy = proxyFromEnv(env, new URL(server));
    assert.equal(proxy, isUsed ? 'http://proxy:3128' : undefined);
  });
}
