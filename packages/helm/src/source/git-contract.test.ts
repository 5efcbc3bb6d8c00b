// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFetchPorts, GitRepositories } from '@helm-operator/fetch';
import { gitBackend } from '../../../../test/kit/git-http-server.ts';
import { createRepository, scratchFolder } from '../../../../test/kit/git-repository.ts';
import { makeSshKey, sshdProblem, startGitSshServer } from '../../../../test/kit/git-ssh-server.ts';
import {
  type AskKind,
  type SourceKind,
  sourceContract,
} from '../../../../test/kit/source-contract.ts';
import { startTcpProxy, type TcpFault, type TcpProxy } from '../../../../test/kit/tcp-proxy.ts';
import { GitSource } from './git.ts';
import { createChartSources, fetchChart } from './sources.ts';

const root = scratchFolder('git-contract');
let folders = 0;

const git: SourceKind = {
  name: 'Git repository over HTTP(S)',
  start: async () => {
    const repository = createRepository(root, 'charts.git');
    repository.commit({
      'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.0\n',
      'web/templates/a.yaml': 'a: b\n',
    });
    let posts = 0;
    return {
      source: gitBackend(root),
      location: (url, which) => ({
        kind: 'git',
        url: `${url}/charts.git`,
        path: which === 'present' ? 'web' : 'nobody',
        ref: { branch: 'main' },
      }),
      credentials: { basic: { username: 'ann', password: 'pass-word-7' } },
      // After the references come the objects.
      isPayload: ({ method }) => {
        posts = method === 'POST' ? posts + 1 : 0;
        return posts > 1;
      },
      fetch: (request, context) => {
        // A mirror that has the commit asks for nothing: each row has its own.
        const folder = join(root, `mirrors-${folders++}`);
        const repositories = new GitRepositories({
          folder,
          env: { path: process.env['PATH'] ?? '' },
        });
        const sources = createChartSources({ git: new GitSource({ repositories }) });
        return fetchChart(sources, request, context);
      },
      expect: {
        'not found': 'fetch/not-found',
        // What the row sends is no packet; a pack that ends too early has a test of its own.
        truncated: 'fetch/bad-answer',
        'wrong digest': 'skip: the last byte is framing; a changed pack has a test of its own',
        // Followed for the references, which say where the repository is; never after that.
        'redirect to another host': 'fetch/too-many-redirects',
      },
    };
  },
};

/** The port of a source that speaks SSH, in the form the contract hands on. */
const at = (port: number) => `http://127.0.0.1:${port}`;
const HTTP_ONLY = 'skip: SSH has no such answer';

/** OpenSSH's server behind a port that does what networks do; refusals are those of the server. */
const ssh: SourceKind = {
  name: 'Git repository over SSH',
  start: async () => {
    const repository = createRepository(root, 'over-ssh.git');
    repository.commit({
      'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.0\n',
      'web/templates/a.yaml': 'a: b\n',
      'web/files/random.bin': randomBytes(300_000),
    });
    const [key, strange, refused] = [makeSshKey(), makeSshKey(), makeSshKey()];
    const denied = { ...refused, publicKey: `command="${DENIED}" ${refused.publicKey}` };
    const server = await startGitSshServer([key, denied]);
    const proxy = await startTcpProxy(server.port);
    // A pattern: the proxy's port, and those nobody listens at.
    const knownHosts = server.knownHosts.replace(/^\S+/, '*');
    const credentials = { ssh: { privateKey: key.privateKey, knownHosts } };
    const options = { timeoutMs: 20_000, maxMirrorBytes: 2 ** 30 };
    const as = (privateKey: string | undefined) => ({ ssh: { privateKey, knownHosts } });
    return {
      source: (_request, response) => response.end(),
      url: at(proxy.port),
      location: (url, which) => ({
        kind: 'git',
        url: `ssh://${server.user}@${new URL(url).host}${repository.folder}`,
        path: which === 'present' ? 'web' : 'nobody',
        ref: { branch: 'main' },
      }),
      credentials,
      isPayload: () => false,
      fetch: (request, context) => {
        const folder = join(root, `mirrors-${folders++}`);
        const { timeoutMs } = context.fetch;
        const repositories = new GitRepositories({
          ...options,
          timeoutMs: Math.min(timeoutMs, options.timeoutMs),
          folder,
          env: { path: process.env['PATH'] ?? '' },
        });
        const sources = createChartSources({ git: new GitSource({ repositories }) });
        return fetchChart(sources, request, context);
      },
      rows: {
        'gone (404 on everything)': async (ask) => {
          const moved = `${repository.folder}.moved`;
          renameSync(repository.folder, moved);
          try {
            return await ask();
          } finally {
            renameSync(moved, repository.folder);
          }
        },
        unauthorised: (ask) => ask({ credentials: as(strange.privateKey) }),
        forbidden: (ask) => ask({ credentials: as(refused.privateKey) }),
        'wrong authority': (ask) => {
          const [type, body] = strange.publicKey.split(' ');
          return ask({
            credentials: { ssh: { ...credentials.ssh, knownHosts: `* ${type} ${body}\n` } },
          });
        },
        'client certificate missing': (ask) => ask({ credentials: as(undefined) }),
        slow: during(proxy, { delayMs: 20 }, (ask) => ask()),
        hanging: during(proxy, { isSilent: true }, (ask) =>
          ask({ ports: createFetchPorts({ userAgent: 'contract/1', timeoutMs: 800 }) }),
        ),
        truncated: during(proxy, { cutAtBytes: 150_000 }, (ask) => ask()),
        'wrong digest': during(proxy, { flipAtByte: 150_000 }, (ask) => ask()),
        'over the size limit': async (ask) => {
          options.maxMirrorBytes = 1_000;
          try {
            return await ask();
          } finally {
            options.maxMirrorBytes = 2 ** 30;
          }
        },
        'redirect to a forbidden address': (ask) => ask({ url: 'http://169.254.169.254' }),
        '500 then fine': async (ask) => {
          const ports = createFetchPorts({ userAgent: 'contract/1' });
          await assert.rejects(
            during(proxy, { isRefused: true }, (inner) => inner({ ports }))(ask),
          );
          return await ask({ ports });
        },
        '500 for ever': during(proxy, { isRefused: true }, (ask) => ask()),
        cancelled: during(proxy, { isSilent: true }, (ask) => {
          const stop = new AbortController();
          setTimeout(() => stop.abort(new Error('enough')), 50);
          return ask({ signal: stop.signal });
        }),
      },
      expect: {
        'not found': 'fetch/not-found',
        forbidden: 'fetch/forbidden',
        'own authority': 'skip: known_hosts is given in every row',
        'wrong authority': 'fetch/refused-host-key',
        'expired certificate': 'skip: keys of hosts do not expire',
        'any certificate, when told so': 'skip: keys of hosts are always checked',
        'client certificate': 'skip: a key is given in every row',
        'client certificate missing': 'fetch/unauthorized',
        // What was changed on the way breaks the connection.
        'wrong digest': 'fetch/truncated',
        'redirect to another host': HTTP_ONLY,
        'redirect loop': HTTP_ONLY,
        'too many requests': HTTP_ONLY,
        '500 for ever': 'fetch/unreachable',
      },
      stop: async () => {
        await proxy.stop();
        await server.stop();
      },
    };
  },
};

/** As gitolite says it. */
const DENIED = "echo 'FATAL: R any over-ssh reader DENIED by fallthru' >&2; exit 1";

/** A row while the network does something. */
function during(
  proxy: TcpProxy,
  fault: TcpFault,
  row: (ask: AskKind) => Promise<unknown>,
): (ask: AskKind) => Promise<unknown> {
  return async (ask) => {
    proxy.inject(fault);
    try {
      return await row(ask);
    } finally {
      proxy.inject({});
    }
  };
}

sourceContract(git);
if (sshdProblem() === undefined) sourceContract(ssh);
else void test(`source contract: ${ssh.name}`, { skip: sshdProblem() });
