// SPDX-License-Identifier: Apache-2.0

/**
 * `node test/conformance/cli-corpus.ts DIR [--filter TEXT] [--command NAME]`: runs commands that need no cluster over a corpus, ours beside real
 * Helm, and compares what they print. Helm's answers are kept in the user's cache folder.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandResult } from '../kit/kubectl.ts';
import { runCli } from '../kit/run-cli.ts';
import { ensureTool, TOOLS } from '../tools/tools.ts';
import { type CorpusCase, readCases } from './corpus-folder.ts';

/** One command line over one case. */
interface Row {
  readonly id: string;
  readonly command: string;
  readonly args: readonly string[];
}

const cacheFolder = join(
  homedir(),
  '.cache/helm-operator/cli-corpus',
  TOOLS.get('helm3')?.version ?? '',
);

async function unpack(folder: string, { chart }: CorpusCase): Promise<string> {
  const target = join(cacheFolder, 'charts', chart.replace(/\.tgz$/, ''));
  if (!existsSync(target)) {
    await mkdir(target, { recursive: true });
    await call('tar', [
      '-xzf',
      join(folder, 'charts', chart),
      '-C',
      target,
      '--strip-components=1',
    ]);
  }
  return target;
}

function call(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<CommandResult> {
  return new Promise((done) => {
    execFile(file, args, { env, maxBuffer: 2 ** 28, cwd: '/' }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

async function rowsOf(
  folder: string,
  row: CorpusCase,
  isFirstOfChart: boolean,
): Promise<readonly Row[]> {
  const values = join(folder, 'golden', row.id, 'values.yaml');
  const given = existsSync(values) ? ['-f', values] : [];
  const directory = await unpack(folder, row);
  const rows: (readonly string[])[] = [
    ['lint', directory, ...given],
    ['lint', directory, ...given, '--strict', '--kube-version', '1.20'],
  ];
  if (row.wildLines === undefined)
    rows.push(['template', 'demo', directory, '-n', 'apps', ...given, '--include-crds']);
  if (isFirstOfChart) {
    const archive = join(folder, 'charts', row.chart);
    rows.push(
      ['lint', archive, '--quiet'],
      ['lint', directory, '--with-subcharts'],
      ['show', 'all', archive],
      ['show', 'values', directory],
      ['show', 'crds', archive],
      ['dependency', 'list', directory],
      ['dependency', 'list', archive],
    );
  }
  return rows.map((args) => ({
    id: row.id,
    command: args[0] === 'show' ? `show ${args[1]}` : (args[0] ?? ''),
    args,
  }));
}

async function helmAnswer(helm: string, { args }: Row): Promise<CommandResult> {
  const key = createHash('sha256').update(JSON.stringify(args)).digest('hex');
  const file = join(cacheFolder, 'answers', `${key}.json`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as CommandResult;
  const env = { PATH: process.env['PATH'], HOME: join(cacheFolder, 'home'), TZ: 'UTC' };
  const answer = await call(helm, args, env);
  await mkdir(join(cacheFolder, 'answers'), { recursive: true });
  await writeFile(file, JSON.stringify(answer));
  return answer;
}

/** What Helm logs names its own source file, and comes in the order of Go's maps; what is unpacked lies at a random place. */
function comparable({ code, stdout, stderr }: CommandResult): CommandResult {
  const errors = stderr.split('\n').filter((line) => !/^[a-z_]+\.go:\d+: /.test(line));
  const shown = errors.filter((line) => !/^(?:[Ww]arning: |info: |Conflict: |key )/.test(line));
  return {
    code,
    stdout,
    stderr: shown.join('\n'),
  };
}

function firstDifference(theirs: CommandResult, ours: CommandResult): string | undefined {
  if (theirs.code !== ours.code) return `exit code: helm ${theirs.code}, ours ${ours.code}`;
  for (const stream of ['stdout', 'stderr'] as const) {
    const wanted = theirs[stream].split('\n');
    const given = ours[stream].split('\n');
    const at = wanted.findIndex((line, i) => line !== given[i]);
    if (at < 0 && wanted.length === given.length) continue;
    const line = at < 0 ? wanted.length : at;
    return `${stream}:${line + 1}\n  helm: ${wanted[line] ?? '(end)'}\n  ours: ${given[line] ?? '(end)'}`;
  }
  return undefined;
}

async function main(words: readonly string[]): Promise<void> {
  const [given] = words;
  if (given === undefined) {
    process.stderr.write('usage: cli-corpus.ts DIR [--filter TEXT] [--command NAME]\n');
    process.exitCode = 2;
    return;
  }
  const option = (name: string) => words[words.indexOf(name) + 1] ?? '';
  const filter = words.includes('--filter') ? option('--filter') : '';
  const only = words.includes('--command') ? option('--command') : '';
  const folder = resolve(given);
  const helm = await ensureTool('helm3');
  const seen = new Set<string>();
  const counts = new Map<string, { same: number; all: number }>();
  for (const row of readCases(folder)) {
    const isFirst = !seen.has(row.chart);
    seen.add(row.chart);
    if (!row.id.includes(filter)) continue;
    for (const line of await rowsOf(folder, row, isFirst)) {
      if (only !== '' && line.command !== only) continue;
      const theirs = comparable(await helmAnswer(helm, line));
      const ours = comparable(await runCli(['helm', ...line.args], { folder: '/' }));
      const difference = firstDifference(theirs, ours);
      const count = counts.get(line.command) ?? { same: 0, all: 0 };
      counts.set(line.command, {
        same: count.same + (difference === undefined ? 1 : 0),
        all: count.all + 1,
      });
      if (difference !== undefined)
        process.stdout.write(`helm ${line.args.join(' ')}\n  ${difference}\n`);
    }
  }
  let isSame = counts.size > 0;
  for (const [command, { same, all }] of counts) {
    process.stdout.write(`${command}: identical: ${same} of ${all}\n`);
    isSame &&= same === all;
  }
  process.exitCode = isSame ? 0 : 1;
}

await main(process.argv.slice(2));
