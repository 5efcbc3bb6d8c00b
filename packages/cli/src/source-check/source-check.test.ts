// SPDX-License-Identifier: Apache-2.0

/** `source check` for Git and for HelmReleases: each step told, each failure with its mend, no secret shown. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { packChart, startChartRepository } from '../../../../test/kit/chart-repository.ts';
import { type GitHttpServer, startGitHttpServer } from '../../../../test/kit/git-http-server.ts';
import {
  createRepository,
  scratchFolder,
  type TestRepository,
} from '../../../../test/kit/git-repository.ts';
import { makeSshKey, sshdProblem, startGitSshServer } from '../../../../test/kit/git-ssh-server.ts';
import { runCli } from '../../../../test/kit/run-cli.ts';

const root = scratchFolder('source-check');
const CHART = 'apiVersion: v2\nname: web\nversion: 1.0.0\n';
const PASSWORD = 'sword-fish-9';
let server: GitHttpServer;
let repository: TestRepository;

before(async () => {
  const authorization = `Basic ${Buffer.from(`bot:${PASSWORD}`).toString('base64')}`;
  server = await startGitHttpServer({ root, authorization });
  repository = createRepository(root, 'charts.git');
  repository.commit({ 'charts/web/Chart.yaml': CHART });
  repository.git('tag', 'v1.0.0');
  writeFileSync(join(root, 'ca.pem'), server.ca);
  writeFileSync(join(root, 'Chart.yaml'), CHART);
});
after(() => server.stop());

async function check(...args: readonly string[]): Promise<{ code: number; stdout: string }> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: root };
  const { code, stdout, stderr } = await runCli(['source', 'check', ...args], {
    folder: root,
    env,
  });
  assert.ok(!`${stdout}${stderr}`.includes(PASSWORD), 'the password is shown');
  return { code, stdout };
}

const release = (chart: object, secret?: Record<string, string>): string => {
  const metadata = { name: 'web', namespace: 'apps' };
  const objects: object[] = [
    { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', metadata, spec: { chart } },
  ];
  if (secret !== undefined)
    objects.push({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata, name: 'login' },
      stringData: secret,
    });
  const path = join(root, 'release.yaml');
  writeFileSync(path, objects.map((object) => `---\n${block(object)}`).join(''));
  return path;
};
/** JSON is YAML; `kind` stands on a line of its own, as people write it. */
const block = (object: object): string =>
  Object.entries(object)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}\n`)
    .join('');

test('a chart in a Git repository over HTTPS', async () => {
  const url = `${server.url}/charts.git`;
  const login = ['--username', 'bot', '--ca-file', 'ca.pem', '--path', 'charts/web'];
  const good = await check(url, ...login, '--ref', 'v1.0.0', '--password', PASSWORD);
  assert.equal(good.code, 0, good.stdout);
  assert.match(good.stdout, /✔ resolve: ref v1\.0\.0 is refs\/tags\/v1\.0\.0, [0-9a-f]{40}/);
  assert.match(good.stdout, /✔ chart: web 1\.0\.0, content sha256:/);
  const rows: [readonly string[], RegExp][] = [
    [
      [url, ...login, '--password', 'other-word'],
      /✗ authenticate: .*\[fetch\/forbidden\]\n {2}to mend it: /,
    ],
    [
      [url, '--ca-file', 'ca.pem'],
      /✗ authenticate: .*\[fetch\/unauthorized\]\n {2}to mend it: give user name/,
    ],
    [[url], /✗ connect: .*\[fetch\/certificate\]\n {2}to mend it: give the authority/],
    [[url, ...login, '--password', PASSWORD, '--ref', 'no'], /✗ resolve: .*ref no is not there/],
    [['ext::sh -c id', '--path', 'x'], /✗ url: .*\[fetch\/bad-url\]/],
  ];
  for (const [args, wanted] of rows) {
    const { code, stdout } = await check(...args);
    assert.equal(code, 1);
    assert.match(stdout, wanted);
  }
});

test('a chart in a Git repository over SSH', { skip: sshdProblem() ?? false }, async () => {
  const key = makeSshKey();
  const ssh = await startGitSshServer([key]);
  try {
    writeFileSync(join(root, 'identity'), key.privateKey, { mode: 0o600 });
    writeFileSync(join(root, 'strange'), makeSshKey().privateKey, { mode: 0o600 });
    writeFileSync(join(root, 'known_hosts'), ssh.knownHosts);
    const url = ssh.urlOf(repository.folder);
    const ask = (identity: string, known: string) =>
      check(url, '--path', 'charts/web', '--identity-file', identity, '--known-hosts', known);
    const good = await ask('identity', 'known_hosts');
    assert.equal(good.code, 0, good.stdout);
    assert.match((await ask('strange', 'known_hosts')).stdout, /\[fetch\/unauthorized\]/);
    assert.match((await ask('identity', 'ca.pem')).stdout, /\[fetch\/refused-host-key\]/);
  } finally {
    await ssh.stop();
  }
});

test('the chart of a HelmRelease, with the Secret beside it', async () => {
  const charts = await startChartRepository([await packChart(root)]);
  try {
    const plain = await check(release({ repository: charts.url, name: 'web', version: '>0.9' }));
    assert.equal(plain.code, 0, plain.stdout);
    assert.match(plain.stdout, /^HelmRelease apps\/web\n✔ resolve: [\s\S]*✔ chart: web 1\.0\.0/);
    const git = {
      git: `${server.url}/charts.git`,
      path: 'charts/web',
      ref: 'main',
      secretRef: { name: 'login' },
    };
    const login = { username: 'bot', password: PASSWORD, 'ca.crt': server.ca };
    const good = await check(release(git, login));
    assert.equal(good.code, 0, good.stdout);
    const half = await check(release(git, { username: 'bot' }));
    assert.match(half.stdout, /✗ Secret apps\/login of spec\.chart\.secretRef needs both/);
    const bare = await check(release(git, { 'ca.crt': server.ca }));
    assert.match(bare.stdout, /\[fetch\/unauthorized\]/);
    assert.equal(bare.code, 1);
  } finally {
    await charts.stop();
  }
});
