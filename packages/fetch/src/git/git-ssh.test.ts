// SPDX-License-Identifier: Apache-2.0

/** Which URLs git is given, hosts that say nothing, and SSH: keys, known hosts, agents. */

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GIT_CONTEXT as context,
  GIT_ENV as env,
  fails,
  readGitFolder as read,
  gitMirrors as repositories,
  GIT_ROOT as root,
} from '../../../../test/kit/git-mirrors.ts';
import { createRepository, type TestRepository } from '../../../../test/kit/git-repository.ts';
import {
  type GitSshServer,
  makeSshKey,
  sshdProblem,
  startGitSshServer,
} from '../../../../test/kit/git-ssh-server.ts';
import type { Credentials } from '../credentials.ts';
import type { FetchError } from '../errors.ts';
import { GitRepositories } from './git-repositories.ts';

let repository: TestRepository;
let second: string;

before(() => {
  repository = createRepository(root, 'over-ssh.git');
  repository.commit({ 'chart/Chart.yaml': 'name: one', 'chart/templates/a.yaml': 'a: 1' });
  second = repository.commit({ 'chart/templates/a.yaml': 'a: 2' });
  repository.git('tag', '-a', '-m', 'second', 'v1.1.0', second);
});

test('URLs that git would take for something else are refused', async () => {
  const { git } = repositories();
  for (const [url, code] of [
    ['ext::sh -c id', 'fetch/bad-url'],
    ['file:///etc', 'fetch/unsupported'],
    ['git://localhost/x', 'fetch/unsupported'],
    ['--upload-pack=id', 'fetch/bad-url'],
    ['ssh://-oProxyCommand=id/x', 'fetch/bad-url'],
    ['-oProxyCommand=id:x', 'fetch/bad-url'],
    ['host:-x', 'fetch/bad-url'],
    ['/etc', 'fetch/bad-url'],
    ['https://169.254.169.254/x', 'fetch/forbidden-address'],
    ['ssh://git@169.254.169.254/x', 'fetch/forbidden-address'],
    ['https://localhost/a\nb', 'fetch/bad-url'],
  ] as const) {
    await assert.rejects(git.resolve({ url }, {}, context), fails(code), url);
  }
});

test('a host that says nothing is given up in time, with all that was started', async () => {
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const { git, folder } = repositories({ timeoutMs: 700 });
  try {
    const target = { url: `ssh://git@127.0.0.1:${port}/x.git`, credentials: { ssh: {} } };
    await assert.rejects(git.resolve(target, {}, context), fails('fetch/timeout'));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const asked = git.resolve(target, { branch: 'x' }, { ...context, signal: stop.signal });
    await assert.rejects(asked);
    for (let look = 0; look < 50 && left(port) !== ''; look++) await sleep(20);
    assert.equal(left(port), '');
    const sessions = () => readdirSync(folder).filter((name) => name.startsWith('session-'));
    for (let look = 0; look < 50 && sessions().length > 0; look++) await sleep(20);
    assert.deepEqual(sessions(), []);
  } finally {
    silent.close();
  }
});

/** Processes that talk to a port of the test. */
function left(port: number): string {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('ssh ') && line.includes(` ${port} `))
    .join('\n');
}

const problem = sshdProblem();

test('over SSH: key, passphrase, known hosts', { skip: problem ?? false }, async (t) => {
  const [key, locked] = [makeSshKey(), makeSshKey('open sesame')];
  const ssh: GitSshServer = await startGitSshServer([key, locked]);
  const { git, folder } = repositories();
  const url = ssh.urlOf(repository.folder);
  const { knownHosts } = ssh;
  const of = (more: Credentials['ssh']) => ({ url, credentials: { ssh: { knownHosts, ...more } } });
  try {
    await t.test('the key lets in', async () => {
      const files = await read(git, of({ privateKey: key.privateKey }));
      assert.equal(files['templates/a.yaml'], 'a: 2');
      const revision = await git.resolve(
        of({ privateKey: key.privateKey }),
        { any: 'v1.1.0' },
        context,
      );
      assert.equal(revision.commit, second);
    });
    await t.test('written as scp does, with its port in brackets', async () => {
      const { privateKey } = key;
      const scp = `[${ssh.user}@127.0.0.1:${ssh.port}]:${repository.folder}`;
      const files = await read(git, { ...of({ privateKey }), url: scp });
      assert.equal(files['templates/a.yaml'], 'a: 2');
    });
    await t.test('a locked key with its passphrase lets in', async () => {
      const { privateKey } = locked;
      const files = await read(git, of({ privateKey, passphrase: 'open sesame' }));
      assert.ok(files['Chart.yaml']);
      await assert.rejects(
        read(git, of({ privateKey, passphrase: 'wrong words' })),
        (error: FetchError) => {
          assert.ok(['fetch/bad-credentials', 'fetch/unauthorized'].includes(error.code));
          assert.ok(!error.message.includes('wrong words'));
          return true;
        },
      );
    });
    await t.test('a strange key does not', async () => {
      const { privateKey } = makeSshKey();
      await assert.rejects(read(git, of({ privateKey })), fails('fetch/unauthorized'));
      await assert.rejects(read(git, of({})), fails('fetch/unauthorized'));
      await assert.rejects(read(git, of({ privateKey: 'no key' })), fails('fetch/bad-credentials'));
    });
    await t.test('a host that is not known is refused', async () => {
      const { privateKey } = key;
      const refused = fails('fetch/refused-host-key');
      await assert.rejects(read(git, of({ privateKey, knownHosts: '' })), refused);
      const [type, body] = makeSshKey().publicKey.split(' ');
      const other = `[127.0.0.1]:${ssh.port} ${type} ${body}\n`;
      await assert.rejects(read(git, of({ privateKey, knownHosts: other })), refused);
    });
    await t.test('an agent signs for a key that is not given', async () => {
      const socket = join(root, 'agent.sock');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      try {
        const file = join(root, 'agent-key');
        writeFileSync(file, key.privateKey, { mode: 0o600 });
        for (let look = 0; look < 100 && !existsSync(socket); look++) await sleep(20);
        execFileSync('ssh-add', ['-q', file], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
        const withAgent = new GitRepositories({
          folder: join(root, 'with-agent'),
          env: { ...env, sshAgent: socket },
        });
        assert.ok((await read(withAgent, of({})))['Chart.yaml']);
      } finally {
        agent.kill();
      }
    });
    await t.test('nothing secret is left', () => {
      const sessions = readdirSync(folder).filter((name) => name.startsWith('session-'));
      assert.deepEqual(sessions, []);
    });
  } finally {
    await ssh.stop();
  }
});
