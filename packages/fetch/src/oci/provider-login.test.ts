// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { FetchError } from '../errors.ts';
import { createFetchPorts } from '../ports.ts';
import { type CloudIdentities, providerLogin } from './provider-login.ts';

const { signal } = new AbortController();

interface Seen {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

async function serve(status: number, answer: unknown) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    seen.push({ url: request.url ?? '', body, headers: request.headers });
    response.writeHead(status).end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { seen, url: `http://127.0.0.1:${port}`, stop };
}

const identities: CloudIdentities = {
  aws: async () => ({
    accessKeyId: 'AKID',
    secretAccessKey: 'aws-s3cret',
    sessionToken: 'session',
  }),
  gcp: async () => 'google-token',
  azure: async (scope) => `token for ${scope}`,
};

const AWS = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

function login(url: string, nowMs = 1_700_000_000_000, given = identities) {
  return providerLogin({
    identities: given,
    ports: createFetchPorts({ userAgent: 'test' }),
    nowMs: () => nowMs,
    ecrUrl: () => `${url}/`,
    exchangeUrl: () => `${url}/oauth2/exchange`,
  });
}

test('Amazon: a signed request for a token that is kept', async () => {
  const authorizationToken = Buffer.from('AWS:password').toString('base64');
  const server = await serve(200, { authorizationData: [{ authorizationToken }] });
  try {
    const find = login(server.url);
    const expected = { kind: 'basic', username: 'AWS', password: 'password' };
    assert.deepEqual(await find(AWS, signal), expected);
    assert.deepEqual(await find(AWS, signal), expected);
    assert.equal(server.seen.length, 1);
    const { headers = {}, body } = server.seen[0] ?? {};
    assert.equal(body, '{}');
    assert.equal(headers['x-amz-date'], '20231114T221320Z');
    assert.equal(headers['x-amz-security-token'], 'session');
    assert.match(
      String(headers['authorization']),
      /^AWS4-HMAC-SHA256 Credential=AKID\/20231114\/eu-west-1\/ecr\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
    );
    assert.ok(!JSON.stringify(server.seen).includes('aws-s3cret'));
  } finally {
    server.stop();
  }
});

test('Azure: the token is exchanged at the registry', async () => {
  const server = await serve(200, { refresh_token: 'refresh' });
  try {
    assert.deepEqual(await login(server.url)('mine.azurecr.io', signal), {
      kind: 'refresh-token',
      token: 'refresh',
    });
    const form = new URLSearchParams(server.seen[0]?.body);
    assert.equal(form.get('service'), 'mine.azurecr.io');
    assert.equal(
      form.get('access_token'),
      'token for https://containerregistry.azure.net/.default',
    );
  } finally {
    server.stop();
  }
});

test('Google: the token is the password', async () => {
  const find = login('http://127.0.0.1:1');
  for (const registry of ['gcr.io', 'eu.gcr.io', 'europe-west1-docker.pkg.dev']) {
    const expected = { kind: 'basic', username: 'oauth2accesstoken', password: 'google-token' };
    assert.deepEqual(await find(registry, signal), expected);
  }
});

test('other registries, and clouds without an identity, get nothing', async () => {
  const find = login('http://127.0.0.1:1');
  for (const registry of [
    'registry.example.test',
    'evil-azurecr.io',
    'mine.azurecr.io.evil.test',
    `${AWS}.evil.test`,
    'gcr.io.evil.test',
    'evilgcr.io',
  ]) {
    assert.equal(await find(registry, signal), undefined, registry);
  }
  assert.equal(await login('http://127.0.0.1:1', 0, {})(AWS, signal), undefined);
});

test('a refusal names the step and no secret', async () => {
  for (const [status, answer, code] of [
    [403, {}, 'fetch/forbidden'],
    [200, {}, 'fetch/bad-answer'],
  ] as const) {
    const server = await serve(status, answer);
    try {
      await assert.rejects(login(server.url)(AWS, signal), (error) => {
        assert.ok(error instanceof FetchError);
        assert.equal(error.code, code);
        assert.equal(error.step, 'authenticate');
        assert.ok(!error.message.includes('s3cret'));
        return true;
      });
    } finally {
      server.stop();
    }
  }
});
