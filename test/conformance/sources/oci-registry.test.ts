// SPDX-License-Identifier: Apache-2.0

/** The registry client against the CNCF distribution registry: open, basic, tokens, TLS. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Credentials,
  createFetchPorts,
  FetchError,
  MEDIA_TYPES,
  openRegistry,
  parseRegistryReference,
  pushBlob,
  pushManifest,
  type RegistryClient,
} from '@helm-operator/fetch';
import { selfSigned } from '../../kit/api-server/certificates.ts';
import {
  type OciRegistry,
  REGISTRY_PASSWORD,
  REGISTRY_USER,
  startOciRegistry,
} from '../../kit/oci-registry.ts';

const { signal } = new AbortController();
const authority = selfSigned('registry');
const basic = { username: REGISTRY_USER, password: REGISTRY_PASSWORD };
const running: Record<'open' | 'basic' | 'token' | 'tls', OciRegistry | undefined> = {
  open: undefined,
  basic: undefined,
  token: undefined,
  tls: undefined,
};

before(async () => {
  [running.open, running.basic, running.token, running.tls] = await Promise.all([
    startOciRegistry({ maxTags: 10 }),
    startOciRegistry({ auth: 'basic' }),
    startOciRegistry({ auth: 'token' }),
    startOciRegistry({ auth: 'basic', tls: authority }),
  ]);
});
after(async () => {
  await Promise.all(Object.values(running).map((registry) => registry?.stop()));
});

function registryOf(kind: keyof typeof running): OciRegistry {
  const registry = running[kind];
  assert.ok(registry !== undefined);
  return registry;
}

function clientOf(host: string, credentials: Credentials): RegistryClient {
  return openRegistry({
    registry: host,
    credentials,
    ports: createFetchPorts({ userAgent: 'test' }),
  });
}

/** Pushes one image and reads it back in every way. */
async function roundTrip(client: RegistryClient, host: string): Promise<void> {
  const reference = parseRegistryReference(`${host}/charts/web:1.0.0+build`);
  await client.ping(host, signal);
  const content = Buffer.alloc(300_000, 'content ');
  const layer = await pushBlob(client, reference, { mediaType: 'a/layer', bytes: content }, signal);
  const empty = { mediaType: MEDIA_TYPES.empty, bytes: Buffer.from('{}') };
  const config = await pushBlob(client, reference, empty, signal);
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config,
    layers: [layer],
    annotations: { 'org.opencontainers.image.title': 'web' },
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = await pushManifest(client, reference, { bytes }, signal);

  assert.deepEqual(await client.resolve(reference, signal), {
    digest,
    mediaType: MEDIA_TYPES.manifest,
  });
  const found = await client.manifest({ ...reference, tag: undefined, digest }, signal);
  assert.equal(found.digest, digest);
  assert.ok(found.content.kind === 'manifest');
  const [described] = found.content.layers;
  assert.ok(described !== undefined);
  const read = await client.blob(reference, described, { maxBytes: 1_000_000, signal });
  assert.ok(content.equals(read));
  assert.deepEqual(await client.tags(reference, signal), ['1.0.0_build']);
  await assert.rejects(client.resolve({ ...reference, tag: 'absent' }, signal), (error) => {
    assert.ok(error instanceof FetchError);
    assert.equal(error.code, 'fetch/not-found');
    return true;
  });
}

test('an open registry, with pages of tags', async () => {
  const { host } = registryOf('open');
  const client = clientOf(host, { isPlainHttp: true });
  await roundTrip(client, host);
  const reference = parseRegistryReference(`${host}/charts/paged`);
  const empty = { mediaType: MEDIA_TYPES.empty, bytes: Buffer.from('{}') };
  const config = await pushBlob(client, reference, empty, signal);
  const tags = Array.from({ length: 35 }, (_, index) => `1.0.${index}`);
  for (const tag of tags) {
    const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config, layers: [] };
    const bytes = Buffer.from(JSON.stringify(manifest));
    await pushManifest(client, { ...reference, tag }, { bytes }, signal);
  }
  assert.deepEqual((await client.tags(reference, signal)).sort(), tags.sort());
});

test('basic authentication', async () => {
  const { host } = registryOf('basic');
  await roundTrip(clientOf(host, { isPlainHttp: true, basic }), host);
  const auth = Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64');
  const dockerConfig = JSON.stringify({ auths: { [host]: { auth } } });
  await clientOf(host, { isPlainHttp: true, dockerConfig }).ping(host, signal);
});

test('tokens: one for reads and one for writes, kept', async () => {
  const { host, tokenRequests } = registryOf('token');
  const client = clientOf(host, { isPlainHttp: true, basic });
  await roundTrip(client, host);
  const scopes = tokenRequests.map((text) => new URLSearchParams(text.split(' ')[1]).get('scope'));
  assert.deepEqual(scopes, [null, 'repository:charts/web:pull,push', 'repository:charts/web:pull']);
});

test('TLS with an authority of one’s own', async () => {
  const { host } = registryOf('tls');
  await roundTrip(clientOf(host, { basic, tls: { ca: authority.cert } }), host);
  await clientOf(host, { basic, tls: { isInsecure: true } }).ping(host, signal);
});

test('what is refused, with its reason and without the password', async () => {
  const wrong = { username: REGISTRY_USER, password: 'wrong-s3cret' };
  const rows: readonly [keyof typeof running, Credentials, string][] = [
    ['basic', { isPlainHttp: true }, 'fetch/unauthorized'],
    ['basic', { isPlainHttp: true, basic: wrong }, 'fetch/unauthorized'],
    ['token', { isPlainHttp: true }, 'fetch/unauthorized'],
    ['token', { isPlainHttp: true, basic: wrong }, 'fetch/unauthorized'],
    ['token', { isPlainHttp: true, bearerToken: 'no.to.ken' }, 'fetch/unauthorized'],
    ['tls', { basic }, 'fetch/certificate'],
    ['tls', { basic, tls: { ca: selfSigned('other').cert } }, 'fetch/certificate'],
  ];
  for (const [kind, credentials, code] of rows) {
    const { host } = registryOf(kind);
    await assert.rejects(clientOf(host, credentials).ping(host, signal), (error) => {
      assert.ok(error instanceof FetchError, String(error));
      assert.equal(error.code, code, `${kind}: ${error.message}`);
      assert.ok(!error.message.includes('s3cret'));
      return true;
    });
  }
  const { host } = registryOf('open');
  await assert.rejects(clientOf(host, {}).ping(host, signal), FetchError);
});
