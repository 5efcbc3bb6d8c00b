// SPDX-License-Identifier: Apache-2.0

/**
 * One process: charts of a corpus through the engine. Prints a row of JSON for each case, or one for the memory.
 *
 * `node render-bundle.js times CORPUS ROUNDS [CASE...]`, `node render-bundle.js memory CORPUS`; bundled as the render host is (render.ts).
 */

import { performance } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import type { Chart, ChartCache, ChartFile, RenderInput } from '@helm-operator/chart';
import * as chartLibrary from '@helm-operator/chart';
import { nodeFunctionPorts } from '@helm-operator/chart/node';
import {
  type CorpusCase,
  readCases,
  readChart,
  readUserValues,
} from '../../conformance/corpus-folder.ts';
import { type CaseTimes, median, type Spent } from '../render-figures.ts';

/** Keys take as long as chance will have it, in Go as here. */
const KEY_FUNCTIONS =
  /\b(?:genCA|genPrivateKey|genSelfSigned|genSigned|htpasswd|bcrypt|derivePassword)/u;

/** Templates of all charts of the corpus stay. */
const UNLIMITED_BYTES = 2 ** 40;
/** A chart each from the corpus, rendered before anything is measured: a render host that has rendered others. */
const WARM_UP_CASES = 60;

const [mode, folder = '', ...rest] = process.argv.slice(2);

const ports: RenderInput['ports'] = {
  functions: nodeFunctionPorts(),
  nowMs: () => performance.now(),
};

function load(archive: Uint8Array): Chart {
  return chartLibrary.loadArchive(archive, { gunzip });
}

function render(loaded: Chart, userValues: string, cache: ChartCache): void {
  try {
    const values = chartLibrary.readValues(userValues);
    const chart = chartLibrary.processDependencies(loaded, values, { profile: 'helm3' });
    chartLibrary.renderChart({
      chart,
      values,
      release: {
        name: 'demo',
        namespace: 'apps',
        revision: 1,
        isInstall: true,
        isUpgrade: false,
      },
      capabilities: {
        ...chartLibrary.DEFAULT_CAPABILITIES.helm3,
        kubeVersion: { version: 'v1.31.0', major: '1', minor: '31' },
      },
      profile: 'helm3',
      ports,
      cache,
    });
  } catch (error) {
    // A chart that Helm refuses counts, too.
    if (!(error instanceof Error)) throw error;
  }
}

function spentNow(): Spent {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1000 };
}

function since(start: Spent): Spent {
  const end = spentNow();
  return { wall: end.wall - start.wall, cpu: end.cpu - start.cpu };
}

function timeCase(row: CorpusCase, rounds: number): CaseTimes {
  const archive = readChart(folder, row);
  const values = readUserValues(folder, row);
  const loads: Spent[] = [];
  const colds: Spent[] = [];
  const warms: Spent[] = [];
  for (let i = 0; i < rounds; i++) {
    const templates = chartLibrary.createTemplateCache(UNLIMITED_BYTES);
    const cache: ChartCache = { templates, chartDigest: row.chart };
    const cold = spentNow();
    const chart = load(archive);
    loads.push(since(cold));
    render(chart, values, cache);
    colds.push(since(cold));
    const warm = spentNow();
    render(chart, values, cache);
    warms.push(since(warm));
  }
  return { id: row.id, load: median(loads), cold: median(colds), warm: median(warms) };
}

function makesKeys(chart: Chart): boolean {
  const decoder = new TextDecoder();
  const isMaker = ({ data }: ChartFile) => KEY_FUNCTIONS.test(decoder.decode(data));
  return chart.templates.some(isMaker) || chart.dependencies.some(makesKeys);
}

function printTimes(cases: readonly CorpusCase[], rounds: number): void {
  const templates = chartLibrary.createTemplateCache(UNLIMITED_BYTES);
  const every = Math.max(1, Math.floor(cases.length / WARM_UP_CASES));
  for (const row of cases.filter((_, i) => i % every === 0)) {
    render(load(readChart(folder, row)), readUserValues(folder, row), {
      templates,
      chartDigest: row.chart,
    });
  }
  for (const row of cases) {
    const times = timeCase(row, rounds);
    const isKeyMaker = makesKeys(load(readChart(folder, row)));
    process.stdout.write(`${JSON.stringify({ ...times, makesKeys: isKeyMaker })}\n`);
  }
}

/** Every chart loaded, its templates compiled, and all of that kept. */
function printMemory(cases: readonly CorpusCase[]): void {
  const templates = chartLibrary.createTemplateCache(UNLIMITED_BYTES);
  const charts = new Map<string, Chart>();
  for (const row of cases) {
    const chart =
      charts.get(row.chart) ?? chartLibrary.compactChart(load(readChart(folder, row))).chart;
    charts.set(row.chart, chart);
    render(chart, readUserValues(folder, row), { templates, chartDigest: row.chart });
  }
  const rssMiB = process.memoryUsage.rss() / 2 ** 20;
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const figures = {
    charts: charts.size,
    rssMiB,
    collectedRssMiB: process.memoryUsage.rss() / 2 ** 20,
    heapMiB: heapUsed / 2 ** 20,
    buffersMiB: arrayBuffers / 2 ** 20,
    templatesMiB: templates.bytes / 2 ** 20,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  return gunzipSync(bytes, { maxOutputLength: maxBytes });
}

const all = readCases(folder);
if (mode === 'memory') {
  printMemory(all);
} else {
  const [rounds = '3', ...ids] = rest;
  printTimes(
    all.filter(({ id }) => ids.length === 0 || ids.includes(id)),
    Number(rounds),
  );
}
