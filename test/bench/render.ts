// SPDX-License-Identifier: Apache-2.0

/**
 * Charts of a corpus through ours and, beside it, through Helm: dependencies, values, templates and sorting of a chart that is loaded.
 *
 * `npm run bench -- render CORPUS [ROUNDS [CASE...]]`; the oracle is built into the user's cache folder once.
 */

import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import {
  type Chart,
  type ChartCache,
  type ChartFile,
  createTemplateCache,
} from '@helm-operator/chart';
import { decodeUtf8 } from '@helm-operator/gocompat';
import { readCases, readChart, readUserValues } from '../conformance/corpus-folder.ts';
import { loadCorpusChart, renderCorpusChart } from '../conformance/corpus-render.ts';
import { ensureOracle } from '../tools/tools.ts';

/** Shown by themselves; all others only in the mean. */
const SHOWN = /podinfo|ingress-nginx|kafka/;

/** Keys take as long as chance will have it, in Go as here. */
const KEY_FUNCTIONS =
  /\b(?:genCA|genPrivateKey|genSelfSigned|genSigned|htpasswd|bcrypt|derivePassword)/u;

interface Times {
  readonly loadMs: number;
  /** Templates parsed each time, as Helm does. */
  readonly coldMs: number;
  /** Templates from the cache. */
  readonly warmMs: number;
}

interface HelmTimes {
  readonly loadMs: number;
  readonly ms: number;
}

interface TimedCase extends Times {
  readonly helm: HelmTimes;
  readonly makesKeys: boolean;
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

function makesKeys(chart: Chart): boolean {
  const isMaker = ({ data }: ChartFile) => KEY_FUNCTIONS.test(decodeUtf8(data));
  return chart.templates.some(isMaker) || chart.dependencies.some(makesKeys);
}

function timeHelm(oracle: string, arguments_: readonly string[]): ReadonlyMap<string, HelmTimes> {
  const { status, stdout, stderr } = spawnSync(oracle, ['render-time', ...arguments_], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, TZ: 'UTC', GOMAXPROCS: '1' },
  });
  if (status !== 0) throw new Error(`the oracle ended with ${status}: ${stderr}`);
  const rows = stdout.trimEnd().split('\n');
  return new Map(
    rows.map((line) => {
      const { id, loadMs, ms } = JSON.parse(line) as HelmTimes & { readonly id: string };
      return [id, { loadMs, ms }];
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
const all: TimedCase[] = [];
for (const row of cases) {
  const times = timeCase(folder, row, rounds);
  const helmTimes = helm.get(row.id) ?? { loadMs: 0, ms: 0 };
  all.push({
    ...times,
    helm: helmTimes,
    makesKeys: makesKeys(loadCorpusChart(readChart(folder, row))),
  });
  if (ids.length > 0 || SHOWN.test(row.id)) print(row.id, times, helmTimes.ms);
}
const sum = (pick: (times: TimedCase) => number) =>
  all.reduce((total, times) => total + pick(times), 0);
const mean = (pick: (times: TimedCase) => number) => sum(pick) / Math.max(1, all.length);
const means: Times = {
  loadMs: mean(({ loadMs }) => loadMs),
  coldMs: mean(({ coldMs }) => coldMs),
  warmMs: mean(({ warmMs }) => warmMs),
};
print(
  `mean of ${all.length} cases`,
  means,
  mean((times) => times.helm.ms),
);
const times = (ours: number, theirs: number) =>
  `${ours.toFixed(0)} ms, Helm ${theirs.toFixed(0)} ms: ${(theirs / ours).toFixed(2)} times as fast`;
const plain = all.filter((row) => !row.makesKeys);
const twice = plain.filter((row) => row.helm.ms >= 2 * row.warmMs);
process.stdout.write(
  `${[
    `warm, sum:  ${times(
      sum(({ warmMs }) => warmMs),
      sum((row) => row.helm.ms),
    )}`,
    `warm, without keys: at least twice as fast in ${twice.length} of ${plain.length} cases`,
    `cold, sum:  ${times(
      sum(({ loadMs, coldMs }) => loadMs + coldMs),
      sum((row) => row.helm.loadMs + row.helm.ms),
    )}`,
    `memory: ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
  ].join('\n')}\n`,
);
