// SPDX-License-Identifier: Apache-2.0

/** Charts from Git: installed over HTTPS and SSH, followed by commits to the chart, left alone by others. */

import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GitHttpServer, startGitHttpServer } from '../../kit/git-http-server.ts';
import {
  createRepository,
  type GitContent,
  scratchFolder,
  type TestRepository,
} from '../../kit/git-repository.ts';
import { makeSshKey, sshdProblem, startGitSshServer } from '../../kit/git-ssh-server.ts';
import { readHelmRelease, until, untilReleased } from '../../kit/helm-release.ts';
import { type Story, story, WEB_CHART } from './story.ts';

const POLL = ['--git-poll-interval=1s', '--charts-sync-interval=1h'];

function chartFiles(): Record<string, GitContent> {
  const paths = globSync('**/*', { cwd: WEB_CHART });
  const files = paths.filter((path) => statSync(join(WEB_CHART, path)).isFile());
  return Object.fromEntries(
    files.map((path) => [`charts/web/${path}`, readFileSync(join(WEB_CHART, path))]),
  );
}

function newRepository(root: string, name: string): TestRepository {
  const repository = createRepository(root, name);
  repository.commit({ ...chartFiles(), 'README.md': 'one' });
  repository.git('branch', 'master');
  return repository;
}

const push = (repository: TestRepository, files: Record<string, GitContent>): string =>
  repository.commit(files, { branch: 'master' });

/** The message that the chart's ConfigMap shows. */
async function message({ get, namespace }: Story): Promise<unknown> {
  const config = await get(`/api/v1/namespaces/${namespace}/configmaps/web-web`);
  return (config?.['data'] as Record<string, unknown> | undefined)?.['message'];
}

const withMessage = (text: string): string =>
  readFileSync(join(WEB_CHART, 'values.yaml'), 'utf8').replace(
    /^message: .*$/m,
    `message: ${text}`,
  );

async function createSecret(
  { plane, namespace }: Story,
  name: string,
  stringData: Record<string, string>,
): Promise<void> {
  const { status } = await plane.call('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData,
  });
  assert.equal(status, 201);
}

async function revisions({ plane, namespace }: Story): Promise<number> {
  const { body } = await plane.call(
    'GET',
    `/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm`,
  );
  return (body as { items: unknown[] }).items.length;
}

story('a chart from Git over HTTPS is followed by its own commits alone', async (told) => {
  const { plane, namespace, operator, apply } = told;
  const root = scratchFolder('story-git');
  const repository = newRepository(root, 'Charts.git');
  const authorization = `Basic ${Buffer.from('bot:sword-fish').toString('base64')}`;
  const server: GitHttpServer = await startGitHttpServer({ root, authorization });
  try {
    const process = await operator({ args: [...POLL, `--git-cache-dir=${join(root, 'mirrors')}`] });
    const secret = { username: 'bot', password: 'sword-fish', 'ca.crt': server.ca };
    await createSecret(told, 'git-login', secret);
    const chart = {
      git: `${server.url}/Charts.git`,
      path: 'charts/web',
      secretRef: { name: 'git-login' },
    };
    await apply('web', { chart });
    const first = await untilReleased(plane, namespace, 'web');
    assert.equal(first.status['revision'], repository.git('rev-parse', 'master').trim());

    const changed = push(repository, { 'charts/web/values.yaml': withMessage('second') });
    await until('the commit is rolled out', async () => (await message(told)) === 'second');
    await until('the status names the commit', async () => {
      const object = await readHelmRelease(plane, namespace, 'web');
      return object?.status['revision'] === changed;
    });
    assert.equal(await revisions(told), 2);

    push(repository, { 'README.md': 'two' });
    const seen = server.requests.length;
    await until('it was asked again', async () => server.requests.length > seen + 6);
    assert.equal(await revisions(told), 2);

    // The repository is asked for its references, and for nothing else.
    const before = server.requests.length;
    await until('it was asked again', async () => server.requests.length > before + 4);
    const last = server.requests.slice(before).map(({ path }) => path);
    assert.ok(last.every((path) => /info\/refs|git-upload-pack/.test(path)));
    assert.ok(!process.log().includes('sword-fish'), 'the log shows the password');
  } finally {
    await server.stop();
  }
});

story('POST /api/v1/sync-git looks at once', async (told) => {
  const { plane, namespace, operator, apply } = told;
  const root = scratchFolder('story-git');
  const repository = newRepository(root, 'charts.git');
  const server = await startGitHttpServer({ root, isPlain: true });
  try {
    const process = await operator({
      args: [
        '--git-poll-interval=1h',
        '--charts-sync-interval=1h',
        `--git-cache-dir=${join(root, 'mirrors')}`,
      ],
    });
    await apply('web', { chart: { git: `${server.url}/charts.git`, path: 'charts/web' } });
    await untilReleased(plane, namespace, 'web');
    push(repository, { 'charts/web/values.yaml': withMessage('synced') });
    assert.equal((await fetch(`${process.url}/api/v1/sync-git`)).status, 405);
    assert.equal((await fetch(`${process.url}/api/v1/sync-git`, { method: 'POST' })).status, 200);
    await until('the commit is rolled out', async () => (await message(told)) === 'synced');
  } finally {
    await server.stop();
  }
});

story(
  'a chart from Git over SSH; a wrong key says so and a right one mends it',
  async (told) => {
    const { plane, namespace, operator, apply } = told;
    const root = scratchFolder('story-git');
    const repository = newRepository(root, 'charts.git');
    const key = makeSshKey();
    const server = await startGitSshServer([key]);
    try {
      const identity = join(root, 'identity');
      const knownHosts = join(root, 'known_hosts');
      writeFileSync(identity, key.privateKey);
      writeFileSync(knownHosts, server.knownHosts);
      const args = [
        ...POLL,
        `--git-cache-dir=${join(root, 'mirrors')}`,
        `--git-identity-file=${identity}`,
        `--git-known-hosts-file=${knownHosts}`,
      ];
      const process = await operator({ args });
      await createSecret(told, 'deploy-key', { identity: makeSshKey().privateKey });
      const chart = { git: server.urlOf(repository.folder), path: 'charts/web' };
      await apply('web', { chart: { ...chart, secretRef: { name: 'deploy-key' } } });
      const refused = await untilReleased(plane, namespace, 'web', 'False');
      const released = refused.conditions.find(({ type }) => type === 'Released');
      assert.match(released?.message ?? '', /Permission denied/);
      assert.match(released?.message ?? '', /give a private key that the repository knows/);

      await apply('web', { chart });
      await untilReleased(plane, namespace, 'web');
      push(repository, { 'charts/web/values.yaml': withMessage('over ssh') });
      await until('the commit is rolled out', async () => (await message(told)) === 'over ssh');
      assert.ok(!process.log().includes('PRIVATE KEY'), 'the log shows the key');
    } finally {
      await server.stop();
    }
  },
  sshdProblem(),
);
