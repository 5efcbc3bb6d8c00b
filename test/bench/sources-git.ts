// SPDX-License-Identifier: Apache-2.0

/**
 * A chart out of a Git repository of 10,000 commits, beside `git` itself. The figures of the ADR about git.
 *
 * `npm run bench -- sources-git`: `git http-backend` on the loopback; first fetch, fetch of one new commit, unchanged poll; the best of five.
 * Fails when ours takes more than 1.1 times what git takes, or asks an unchanged repository for more than its references.
 */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createFetchPorts, GitRepositories } from '@helm-operator/fetch';
import { startGitHttpServer } from '../kit/git-http-server.ts';
import { createRepository, scratchFolder } from '../kit/git-repository.ts';
import { record } from './figures.ts';

const run = promisify(execFile);
const COMMITS = 10_000;
const ROUNDS = 5;
const LIMIT = 1.1;
const CHART = 'charts/c1';

const root = scratchFolder('bench-git');
const repository = createRepository(root, 'big.git');
const env = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** The same history each time: three of 800 files change in a commit, now and then a large one is added. */
async function fill(): Promise<void> {
  const child = spawn('git', ['-C', repository.folder, 'fast-import', '--quiet'], {
    env,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const { stdin } = child;
  const write = async (part: string | Buffer): Promise<void> => {
    if (!stdin.write(part)) await once(stdin, 'drain');
  };
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  const word = () => random(2 ** 31).toString(36);
  const text = () => Array.from({ length: 120 }, word).join('\n');
  const path = (file: number) => `charts/c${file % 40}/templates/f${file}.yaml`;
  for (let commit = 0; commit < COMMITS; commit++) {
    const message = `commit ${commit}`;
    await write(
      `commit refs/heads/main\nmark :${commit + 1}\ncommitter T <t@example.com> ${1_600_000_000 + commit * 600} +0000\ndata ${message.length}\n${message}\n`,
    );
    if (commit > 0) await write(`from :${commit}\n`);
    const files =
      commit === 0
        ? Array.from({ length: 800 }, (_, file) => file)
        : [0, 1, 2].map(() => random(800));
    for (const file of files) {
      const content = text();
      await write(`M 644 inline ${path(file)}\ndata ${content.length}\n${content}\n`);
    }
    if (commit % 100 === 0) {
      const content = Buffer.alloc(200_000);
      for (let at = 0; at < content.length; at += 4) content.writeUInt32LE(random(2 ** 32), at);
      await write(`M 644 inline assets/blob${commit}.bin\ndata ${content.length}\n`);
      await write(content);
      await write('\n');
    }
  }
  stdin.end();
  await once(child, 'exit');
  repository.git('gc', '--quiet');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** What else runs on the machine only ever adds. */
const best = (numbers: readonly number[]): number => Math.min(...numbers);

const print = (text: string) => process.stdout.write(`${text}\n`);

print(`a repository of ${COMMITS} commits is being made`);
await fill();
const server = await startGitHttpServer({ root, isPlain: true });
const url = `${server.url}/big.git`;
const ports = createFetchPorts({ userAgent: 'bench/1' });
const git = (...args: readonly string[]) => run('git', [...args], { env, maxBuffer: 2 ** 26 });

async function readChart(repositories: GitRepositories): Promise<number> {
  const revision = await repositories.resolve({ url }, { branch: 'main' }, { ports });
  return await repositories.open(revision, {}, { ports }, async ({ tree }) => {
    return (await tree.readFolder(CHART)).length;
  });
}

/** git's way to the same files: fetch, then an archive of the folder. */
async function gitRead(mirror: string, ...fetch: readonly string[]): Promise<void> {
  if (fetch.length > 0) await git('-C', mirror, ...fetch);
  await git('-C', mirror, 'archive', '--output', join(root, 'chart.tar'), 'main', CHART);
}

type Row = 'first fetch' | 'one new commit' | 'unchanged poll';
const ours = new Map<Row, number[]>();
const theirs = new Map<Row, number[]>();
const others = new Map<string, number[]>();
const add = <K>(to: Map<K, number[]>, key: K, ms: number) =>
  to.set(key, [...(to.get(key) ?? []), ms]);
let pollRequests = 0;

for (let round = 0; round < ROUNDS; round++) {
  const folder = join(root, `ours-${round}`);
  const mirror = join(root, `theirs-${round}.mirror`);
  const repositories = new GitRepositories({ folder, env: { path: env.PATH } });
  add(ours, 'first fetch', await timed(() => readChart(repositories)));
  const clone = () => git('clone', '-q', '--mirror', url, mirror);
  add(theirs, 'first fetch', await timed(() => clone().then(() => gitRead(mirror))));
  for (const [name, options] of [
    ['git clone --mirror --filter=blob:none', ['--mirror', '--filter=blob:none']],
    ['git clone --bare --depth=1', ['--bare', '--depth=1']],
    [
      'git clone --bare --depth=1 --filter=blob:none',
      ['--bare', '--depth=1', '--filter=blob:none'],
    ],
  ] as const) {
    const target = join(root, 'other');
    add(others, name, await timed(() => git('clone', '-q', ...options, url, target)));
    rmSync(target, { recursive: true });
  }
  repository.commit({ [`${CHART}/templates/f1.yaml`]: `round: ${round}\n` });
  add(ours, 'one new commit', await timed(() => readChart(repositories)));
  add(
    theirs,
    'one new commit',
    await timed(() => gitRead(mirror, 'fetch', '-q', '--tags', 'origin')),
  );
  const before = server.requests.length;
  const target = { url };
  const wanted = { branch: 'main' };
  add(ours, 'unchanged poll', await timed(() => repositories.resolve(target, wanted, { ports })));
  pollRequests = server.requests.length - before;
  add(theirs, 'unchanged poll', await timed(() => git('ls-remote', url, 'refs/heads/main')));
}

print('| | ours | git | ratio |\n|---|---|---|---|');
const rows: Record<string, unknown> = {};
let isGood = pollRequests === 1;
for (const [row, numbers] of ours) {
  const [own, peer] = [best(numbers), best(theirs.get(row) ?? [])];
  isGood &&= own <= peer * LIMIT;
  rows[row] = { oursMs: Math.round(own), gitMs: Math.round(peer) };
  print(`| ${row} | ${own.toFixed(0)} ms | ${peer.toFixed(0)} ms | ${(own / peer).toFixed(2)} |`);
}
for (const [name, numbers] of others) print(`| ${name} | | ${best(numbers).toFixed(0)} ms | |`);
print(`requests of an unchanged poll: ${pollRequests}, the listing of references`);
record('git', { commits: COMMITS, ...rows, requestsOfAnUnchangedPoll: pollRequests });
await server.stop();
if (!isGood) {
  print(`over the limit of ${LIMIT}`);
  process.exitCode = 1;
}
