// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FakeClock } from '../../../../test/kit/fake-clock.ts';
import { credentialSource } from './credentials.ts';
import type { CredentialConfig, ExecConfig, KubeConfig } from './kube-config.ts';

const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
after(() => rm(folder, { recursive: true }));

function configOf(credential: CredentialConfig): KubeConfig {
  return {
    ...{ origin: 'test', server: 'https://api', namespace: 'default', credential },
    ...{ isInsecure: false, isCompressionDisabled: false, mustAvoidLinkLocal: false },
    ca: { pem: 'CA' },
  };
}

async function program(script: string): Promise<string> {
  const path = join(folder, `plugin-${Math.floor(performance.now() * 1000)}`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

async function execConfig(script: string, more: Partial<ExecConfig> = {}): Promise<ExecConfig> {
  return {
    ...{ command: await program(script), args: [], env: [], mustProvideClusterInfo: true },
    ...{ apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', installHint: '' },
    ...more,
  };
}

function answer(status: object, apiVersion = 'client.authentication.k8s.io/v1'): string {
  return `echo '${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}'`;
}

test('a token file is looked at again after ten seconds', async () => {
  const clock = new FakeClock();
  const file = join(folder, 'token');
  await writeFile(file, ' one \n');
  const source = credentialSource(configOf({ kind: 'tokenFile', file }), clock, {});
  assert.equal((await source.read(false)).authorization, 'Bearer one');
  await writeFile(file, 'two');
  assert.equal((await source.read(false)).authorization, 'Bearer one');
  await clock.advance(10_000);
  assert.equal((await source.read(false)).authorization, 'Bearer two');
  await writeFile(file, '');
  await assert.rejects(source.read(true), /is empty/);
});

test('basic credentials', async () => {
  const credential = { kind: 'basic', username: 'a', password: 'b:c' } as const;
  const source = credentialSource(configOf(credential), new FakeClock(), {});
  assert.equal((await source.read(false)).authorization, 'Basic YTpiOmM=');
  assert.equal(source.isRenewable, false);
});

test('a program is told the cluster, inherits the environment, and runs again only near its expiry', async () => {
  const clock = new FakeClock();
  const expirationTimestamp = new Date(clock.nowMs() + 100_000).toISOString();
  const runs = join(folder, 'runs');
  const script = `echo "$PLACE $KUBERNETES_EXEC_INFO" >> ${runs}\n${answer({ token: 't', expirationTimestamp })}`;
  const exec = await execConfig(script, { env: [{ name: 'PLACE', value: 'here' }] });
  const env = { PATH: '/usr/bin:/bin' };
  const source = credentialSource(configOf({ kind: 'exec', exec }), clock, env);
  await Promise.all([source.read(false), source.read(false)]);
  await clock.advance(69_000);
  assert.equal((await source.read(false)).authorization, 'Bearer t');
  assert.equal((await readFile(runs, 'utf8')).trim().split('\n').length, 1);
  await clock.advance(2_000);
  await source.read(false);
  const [first = '', ...others] = (await readFile(runs, 'utf8')).trim().split('\n');
  assert.equal(others.length, 1);
  const info = JSON.parse(first.slice('here '.length));
  assert.equal(info.spec.cluster.server, 'https://api');
  assert.equal(info.spec.cluster['certificate-authority-data'], 'Q0E=');
});

test('a program may give a certificate', async () => {
  const exec = await execConfig(answer({ clientCertificateData: 'C', clientKeyData: 'K' }));
  const source = credentialSource(configOf({ kind: 'exec', exec }), new FakeClock(), {});
  assert.deepEqual(await source.read(false), {
    authorization: undefined,
    certificate: { cert: 'C', key: 'K' },
  });
});

/** [script, change, message] */
const BROKEN: readonly (readonly [string, Partial<ExecConfig>, RegExp])[] = [
  ['echo s3cr3t', {}, /something else than JSON$/],
  ['echo oops >&2; exit 3', {}, /failed \(3\) oops/],
  [answer({}), {}, /neither a token nor a certificate/],
  [answer({ token: 't' }, 'client.authentication.k8s.io/v1beta1'), {}, /another version/],
  [
    'true',
    { command: join(folder, 'missing'), installHint: 'install it' },
    /was not found; install it/,
  ],
  ['true', { apiVersion: 'client.authentication.k8s.io/v1alpha1' }, /is unknown/],
  ['true', { interactiveMode: 'Always' }, /must ask a person/],
];
for (const [script, change, message] of BROKEN) {
  test(`a program that cannot help: ${String(message)}`, async () => {
    const exec = await execConfig(script, change);
    const source = credentialSource(configOf({ kind: 'exec', exec }), new FakeClock(), {});
    await assert.rejects(source.read(false), message);
  });
}
