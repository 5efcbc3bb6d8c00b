// SPDX-License-Identifier: Apache-2.0

/** Charts of `oci://` repositories for HelmReleases, out of a real registry that wants a password and has its own authority. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ChartReference } from '@helm-operator/api';
import {
  createFetchPorts,
  FetchError,
  openRegistry,
  type RegistryClient,
} from '@helm-operator/fetch';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { selfSigned } from '../../../../test/kit/api-server/certificates.ts';
import { pushChart } from '../../../../test/kit/oci-push.ts';
import {
  type OciRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  startOciRegistry,
} from '../../../../test/kit/oci-registry.ts';
import { tarball } from '../../../../test/kit/tarball.ts';
import { createLogger } from '../logging/logger.ts';
import { ChartSecretError } from './chart-credentials.ts';
import { createChartSource, DEFAULT_SOURCE_OPTIONS } from './chart-source.ts';

const authority = selfSigned('registry');
const { signal } = new AbortController();
let registry: OciRegistry;
let client: RegistryClient;

before(async () => {
  registry = await startOciRegistry({ auth: 'basic', tls: authority });
  client = openRegistry({
    registry: registry.host,
    credentials: {
      basic: { username: REGISTRY_USER, password: REGISTRY_PASSWORD },
      tls: { ca: authority.cert },
    },
    ports: createFetchPorts({ userAgent: 'test' }),
  });
});
after(() => registry.stop());

const push = (version: string) =>
  pushChart(
    client,
    `${registry.host}/charts/web:${version}`,
    tarball({ 'web/Chart.yaml': `apiVersion: v2\nname: web\nversion: ${version}\n` }),
  );

function secretOf(password: string): ValueMap {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const auth = base64(`${REGISTRY_USER}:${password}`);
  const config = JSON.stringify({ auths: { [registry.host]: { auth } } });
  const data = { '.dockerconfigjson': base64(config), 'ca.crt': base64(authority.cert) };
  return decodeJson(JSON.stringify({ data })) as ValueMap;
}

function sourceWith(password: string) {
  const cluster = { get: async () => secretOf(password) };
  return createChartSource(DEFAULT_SOURCE_OPTIONS, {
    cluster,
    version: 'test',
    env: {},
    log: createLogger({ format: 'json', write: () => undefined, now: () => '' }),
  });
}

const reference = (version: string): ChartReference => ({
  kind: 'helm-repository',
  url: `oci://${registry.host}/charts/`,
  name: 'web',
  version,
  secret: { namespace: 'apps', name: 'pull' },
});

test('a range follows what is pushed', async () => {
  await push('1.0.0');
  const source = sourceWith(REGISTRY_PASSWORD);
  const first = await source.fetch(reference('^1.0.0'), signal);
  assert.equal(first.metadata.version, '1.0.0');
  const facts = { digest: first.digest, identity: first.identity };
  assert.equal(await source.hasChanged?.(reference('^1.0.0'), facts, signal), false);
  await push('1.1.0');
  assert.equal(await source.hasChanged?.(reference('^1.0.0'), facts, signal), true);
  const second = await source.fetch(reference('^1.0.0'), signal);
  assert.equal(second.metadata.version, '1.1.0');
});

test('a wrong password is told, and not shown', async () => {
  const work = sourceWith('wrong-s3cret').fetch(reference('1.0.0'), signal);
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof ChartSecretError && error.cause instanceof FetchError);
    assert.equal(error.cause.code, 'fetch/unauthorized');
    assert.match(error.message, /^Secret \S+ of spec\.chart\.chartPullSecret is refused: /);
    assert.ok(!error.message.includes('s3cret'));
    return true;
  });
});
