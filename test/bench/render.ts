// SPDX-License-Identifier: Apache-2.0

/**
 * Charts of a corpus through ours and, beside it, through Helm: dependencies, values, templates and sorting of a chart that is loaded.
 *
 * `npm run bench -- render CORPUS [ROUNDS [CASE...]]`; the oracle is built into the user's cache folder once.
 */

import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { type ChartCache, createTemplateCache } from '@helm-operator/chart';
import { readCases, readChart, readUserValues } from '../conformance/corpus-folder.ts';
import { loadCorpusChart, renderCorpusChart } from '../conformance/corpus-render.ts';
import { ensureOracle } from '../tools/tools.ts';

/** Shown by themselves; all others only in the mean. */
const SHOWN = /podinfo|ingress-nginx|kafka/;

interface Times {
  readonly loadMs: number;
  /** Templates parsed each time, as Helm does. */
  readonly coldMs: number;
  /** Templates from the cache. */
  readonly warmMs: number;
}

function medianMs(rounds: number, work: () => unknown): number {
  const samples: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    try {
      work();
    } catch (error) {
      // A chart that Helm refuses counts, too.
      if (!(error instanceof Error)) throw error;
    }
    samples.push(performance.now() - started);
  }
  return samples.toSorted((a, b) => a - b)[rounds >> 1] ?? 0;
}

function timeCase(folder: string, row: (typeof cases)[number], rounds: number): Times {
  const archive = readChart(folder, row);
  const values = readUserValues(folder, row);
  const chart = loadCorpusChart(archive);
  const cache: ChartCache = { templates: createTemplateCache(2 ** 30), chartDigest: row.chart };
  return {
    loadMs: medianMs(rounds, () => loadCorpusChart(archive)),
    coldMs: medianMs(rounds, () => renderCorpusChart(chart, values)),
    warmMs: medianMs(rounds, () => renderCorpusChart(chart, values, { cache })),
  };
}

function timeHelm(oracle: string, arguments_: readonly string[]): ReadonlyMap<string, number> {
  const { status, stdout, stderr } = spawnSync(oracle, ['render-time', ...arguments_], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, TZ: 'UTC' },
  });
  if (status !== 0) throw new Error(`the oracle ended with ${status}: ${stderr}`);
  const rows = stdout.trimEnd().split('\n');
  return new Map(
    rows.map((line) => {
      const { id, ms } = JSON.parse(line) as { readonly id: string; readonly ms: number };
      return [id, ms];
    }),
  );
}

const [folder, roundsText = '5', ...ids] = process.argv.slice(2);
const rounds = Number(roundsText);
if (folder === undefined || !Number.isInteger(rounds) || rounds < 1) {
  throw new Error('usage: npm run bench -- render CORPUS [ROUNDS [CASE...]]');
}
const cases = readCases(folder).filter(({ id }) => ids.length === 0 || ids.includes(id));
const helm = timeHelm(await ensureOracle(), [folder, String(rounds), ...ids]);

const print = (name: string, times: Times, helmMs: number): void => {
  const cells = [times.loadMs, times.coldMs, times.warmMs, helmMs].map((ms) =>
    ms.toFixed(2).padStart(10),
  );
  process.stdout.write(`${name.padEnd(52)}${cells.join('')}\n`);
};

process.stdout.write(`median of ${rounds}, ms${' '.repeat(36)}`);
process.stdout.write(
  `${['load', 'render', 'cached', 'helm'].map((head) => head.padStart(10)).join('')}\n`,
);
const all: (Times & { readonly helmMs: number })[] = [];
for (const row of cases) {
  const times = timeCase(folder, row, rounds);
  const helmMs = helm.get(row.id) ?? 0;
  all.push({ ...times, helmMs });
  if (ids.length > 0 || SHOWN.test(row.id)) print(row.id, times, helmMs);
}
const mean = (pick: (times: (typeof all)[number]) => number) =>
  all.reduce((sum, times) => sum + pick(times), 0) / Math.max(1, all.length);
const means: Times = {
  loadMs: mean(({ loadMs }) => loadMs),
  coldMs: mean(({ coldMs }) => coldMs),
  warmMs: mean(({ warmMs }) => warmMs),
};
print(
  `mean of ${all.length} cases`,
  means,
  mean(({ helmMs }) => helmMs),
);
