// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run conformance -- DIR [--filter TEXT] [--jobs N] [--profile helm3|helm4]`: renders every case of a corpus and compares it with what Helm
 * made. Where the goldens in DIR are of another Helm than the profile, those of the right one are made once, in the user's cache folder.
 */

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Profile } from '@helm-operator/chart';
import { type CaseResult, type CorpusCase, checkCase, readCases } from './corpus-folder.ts';
import { corpusOf } from './made-corpus.ts';

/** One share of the cases, for one thread. */
interface Share {
  readonly folder: string;
  readonly cases: readonly CorpusCase[];
  readonly profile: Profile;
}

interface Options {
  readonly profile: Profile;
  readonly folder: string;
  readonly filter: string;
  readonly jobs: number;
}

function readOptions(words: readonly string[]): Options | undefined {
  let folder: string | undefined;
  let filter = '';
  let jobs = 1;
  let profile = 'helm3';
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--filter') filter = words[++i] ?? '';
    else if (word === '--profile') profile = words[++i] ?? '';
    else if (word === '--jobs') jobs = Number(words[++i]);
    else if (word.startsWith('-') || folder !== undefined) return undefined;
    else folder = word;
  }
  if (profile !== 'helm3' && profile !== 'helm4') return undefined;
  const isUsable = folder !== undefined && Number.isInteger(jobs) && jobs > 0;
  return isUsable ? { folder: folder ?? '', filter, jobs, profile } : undefined;
}

async function runShare(share: Share, onResult: (result: CaseResult) => void): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: share });
  worker.on('message', onResult);
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`)),
    );
  });
}

function print({ id, differences }: CaseResult): void {
  const line = (text: string | undefined) =>
    text === undefined ? '(end of file)' : text.slice(0, 300);
  for (const { file, line: number, expected, actual } of differences) {
    process.stdout.write(
      `${id}: ${file}:${number}\n  helm: ${line(expected)}\n  ours: ${line(actual)}\n`,
    );
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stderr.write(
      'usage: npm run conformance -- DIR [--filter TEXT] [--jobs N] [--profile helm3|helm4]\n',
    );
    process.exitCode = 2;
    return;
  }
  const { filter, jobs, profile } = options;
  const folder = await corpusOf(options.folder, profile);
  const cases = readCases(folder).filter(({ id }) => id.includes(filter));
  let identical = 0;
  const onResult = (result: CaseResult): void => {
    if (result.differences.length === 0) identical++;
    else print(result);
  };
  if (jobs === 1) {
    for (const row of cases) onResult(checkCase(folder, row, profile));
  } else {
    const shares = Array.from({ length: jobs }, (_, job) =>
      cases.filter((_row, i) => i % jobs === job),
    );
    await Promise.all(shares.map((share) => runShare({ folder, cases: share, profile }, onResult)));
  }
  process.stdout.write(`identical: ${identical} of ${cases.length}\n`);
  process.exitCode = identical === cases.length && cases.length > 0 ? 0 : 1;
}

if (isMainThread) {
  await main();
} else {
  const { folder, cases, profile } = workerData as Share;
  for (const row of cases) parentPort?.postMessage(checkCase(folder, row, profile));
}
