// SPDX-License-Identifier: Apache-2.0

/**
 * Charts of a corpus through ours as it is shipped and, beside it, through Helm's engine: the same cases, the same options, one core each,
 * one after the other.
 *
 * *Warm* is values → manifest of a chart that is known (ours: loaded and parsed; Helm's: its whole dry run of a loaded chart); *cold* is the first
 * render of a chart in a process that has rendered others, loading included on both sides.
 *
 * `npm run bench -- render CORPUS [ROUNDS [CASE...]]`; the oracle is built into the user's cache folder once. Figures of all cases together
 * go to `test/results/render-DATE.json`.
 */

import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePrograms } from '../../scripts/build/bundle-command.ts';
import { ensureOracle } from '../tools/tools.ts';
import { record, writeFigures } from './figures.ts';
import {
  type CaseTimes,
  type Clock,
  type Pair,
  percentile,
  ratios,
  shareAtLeast,
  sums,
  type Temperature,
} from './render-figures.ts';
import { type HostStart, timeHostStart } from './render-host-start.ts';

/** What is to be reached. */
const TARGETS = {
  warmRatio: 5,
  twiceShare: 0.99,
  coldRatio: 1,
  hostStartMs: 500,
  rssMiB: 300,
} as const;

/** As the render host is started. */
const NODE_FLAGS = [
  '--stack-size=3900',
  '--max-semi-space-size=2',
  '--initial-old-space-size=8',
  '--heap-growing-percent=60',
];
const HOST_ENV = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };
const HOST_STARTS = 7;

/** The engine with what times it, bundled as the render host is. */
async function bundledChild(): Promise<string> {
  const folder = fileURLToPath(new URL('../../dist/bench', import.meta.url));
  const entry = fileURLToPath(new URL('children/render-bundle.ts', import.meta.url));
  await bundlePrograms(folder, { 'render-bundle': entry });
  return join(folder, 'render-bundle.js');
}

interface Memory {
  readonly charts: number;
  readonly rssMiB: number;
  readonly collectedRssMiB: number;
  readonly heapMiB: number;
  readonly buffersMiB: number;
  /** What the template cache takes itself to hold. */
  readonly templatesMiB: number;
}

/** The last core: the first one serves more interrupts. */
const CORE = String(cpus().length - 1);

/** Runs a command on one core and reads what it prints, a row of JSON a line. */
function rowsOf<Row>(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Row[] {
  const { status, stdout, stderr, error } = spawnSync('taskset', ['-c', CORE, command, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, TZ: 'UTC', ...env },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}: ${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

function pairsOf(oracle: string, args: readonly string[]): readonly Pair[] {
  const helm = new Map(
    rowsOf<CaseTimes>(oracle, ['render-time', ...args], { GOMAXPROCS: '1' }).map((times) => [
      times.id,
      times,
    ]),
  );
  const ours = rowsOf<CaseTimes & { readonly makesKeys: boolean }>(
    process.execPath,
    [...NODE_FLAGS, child, 'times', ...args],
    HOST_ENV,
  );
  return ours.map(({ makesKeys, ...times }) => {
    const theirs = helm.get(times.id);
    if (theirs === undefined) throw new Error(`the oracle did not render ${times.id}`);
    return { id: times.id, makesKeys, ours: times, helm: theirs };
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printCases(pairs: readonly Pair[]): void {
  const cells = (texts: readonly string[]) => texts.map((text) => text.padStart(10)).join('');
  print(
    `${'processor ms'.padEnd(52)}${cells(['warm', 'helm', 'times', 'cold', 'helm', 'times', 'load'])}`,
  );
  for (const { id, ours, helm } of pairs) {
    const row = [
      ours.warm.cpu,
      helm.warm.cpu,
      helm.warm.cpu / ours.warm.cpu,
      ours.cold.cpu,
      helm.cold.cpu,
      helm.cold.cpu / ours.cold.cpu,
      ours.load.cpu,
    ];
    print(`${id.padEnd(52)}${cells(row.map((value) => value.toFixed(2)))}`);
  }
}

function sumLine(pairs: readonly Pair[], temperature: Temperature, clock: Clock): string {
  const { oursMs, helmMs, ratio } = sums(pairs, temperature, clock);
  const name = `${temperature} sum, ${clock === 'cpu' ? 'processor' : 'clock'}`;
  return `${name.padEnd(24)} ${oursMs.toFixed(0)} ms, Helm ${helmMs.toFixed(0)} ms: ${ratio.toFixed(2)} times as fast`;
}

function ratioLine(name: string, sorted: readonly number[]): string {
  const points = [0, 1, 5, 25, 50, 75, 100].map(
    (percent) =>
      `${percent === 100 ? 'max' : `p${percent}`} ${percentile(sorted, percent).toFixed(2)}`,
  );
  return `${name.padEnd(24)} ${points.join('  ')}`;
}

interface Figures {
  readonly pairs: readonly Pair[];
  readonly memory: Memory;
  readonly start: HostStart;
}

function targetLines({ pairs, memory, start }: Figures): readonly string[] {
  const plain = pairs.filter(({ makesKeys }) => !makesKeys);
  const twice = shareAtLeast(ratios(plain, 'warm', 'cpu'), 2);
  const warm = sums(pairs, 'warm', 'cpu').ratio;
  const cold = sums(pairs, 'cold', 'cpu').ratio;
  const line = (name: string, wanted: string, found: string, isReached: boolean): string =>
    `${name.padEnd(54)}${wanted.padStart(12)}${found.padStart(12)}  ${isReached ? 'reached' : 'NOT reached'}`;
  return [
    `${'target'.padEnd(54)}${'wanted'.padStart(12)}${'found'.padStart(12)}`,
    line(
      'warm sum, times as fast as Helm',
      `>= ${TARGETS.warmRatio}`,
      warm.toFixed(2),
      warm >= TARGETS.warmRatio,
    ),
    line(
      `at least twice as fast, of ${plain.length} cases without keys`,
      `>= ${TARGETS.twiceShare * 100} %`,
      `${(twice * 100).toFixed(1)} %`,
      twice >= TARGETS.twiceShare,
    ),
    line(
      'cold sum, times as fast as Helm',
      `>= ${TARGETS.coldRatio}`,
      cold.toFixed(2),
      cold >= TARGETS.coldRatio,
    ),
    line(
      'render host, start to first podinfo',
      `<= ${TARGETS.hostStartMs} ms`,
      `${start.wallMs.toFixed(0)} ms`,
      start.wallMs <= TARGETS.hostStartMs,
    ),
    line(
      `all ${memory.charts} charts compiled at once, RSS`,
      `< ${TARGETS.rssMiB} MiB`,
      `${memory.rssMiB.toFixed(0)} MiB`,
      memory.rssMiB < TARGETS.rssMiB,
    ),
  ];
}

/** For the file: the sums, the distribution, the cases that are less than twice as fast. */
function resultOf({ pairs, memory, start }: Figures): object {
  const plain = pairs.filter(({ makesKeys }) => !makesKeys);
  const sorted = ratios(plain, 'warm', 'cpu');
  return {
    rounds,
    cases: pairs.length,
    warmProcessor: sums(pairs, 'warm', 'cpu'),
    warmClock: sums(pairs, 'warm', 'wall'),
    coldProcessor: sums(pairs, 'cold', 'cpu'),
    coldClock: sums(pairs, 'cold', 'wall'),
    warmWithoutKeys: sums(plain, 'warm', 'cpu'),
    twiceShare: shareAtLeast(sorted, 2),
    medianRatio: percentile(sorted, 50),
    lessThanTwice: slowCases(plain),
    memory,
    start,
  };
}

function slowCases(plain: readonly Pair[]): readonly string[] {
  return plain
    .filter(({ ours, helm }) => helm.warm.cpu < 2 * ours.warm.cpu)
    .map(({ id, ours, helm }) => `${id} ${(helm.warm.cpu / ours.warm.cpu).toFixed(2)}`);
}

function printFigures(figures: Figures): void {
  const { pairs, memory, start } = figures;
  const plain = pairs.filter(({ makesKeys }) => !makesKeys);
  for (const temperature of ['warm', 'cold'] as const) {
    for (const clock of ['cpu', 'wall'] as const) print(sumLine(pairs, temperature, clock));
  }
  const { ratio } = sums(plain, 'warm', 'cpu');
  print(`without keys: ${plain.length} cases, warm sum ${ratio.toFixed(2)} times as fast`);
  print(ratioLine('warm, without keys', ratios(plain, 'warm', 'cpu')));
  print(ratioLine('cold, without keys', ratios(plain, 'cold', 'cpu')));
  print(`less than twice as fast: ${slowCases(plain).join(', ') || 'none'}`);
  print(
    `host start: clock ${start.wallMs.toFixed(0)} ms, processor ${start.cpuMs?.toFixed(0) ?? '?'} ms (median of ${HOST_STARTS})`,
  );
  print(
    `memory: RSS ${memory.rssMiB.toFixed(0)} MiB, collected ${memory.collectedRssMiB.toFixed(0)} MiB, heap ${memory.heapMiB.toFixed(0)} MiB, buffers ${memory.buffersMiB.toFixed(0)} MiB`,
  );
  print('');
  for (const line of targetLines(figures)) print(line);
  print(`load of the machine: ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`);
}

const [folder, roundsText = '5', ...ids] = process.argv.slice(2);
const rounds = Number(roundsText);
if (folder === undefined || !Number.isInteger(rounds) || rounds < 1) {
  throw new Error('usage: npm run bench -- render CORPUS [ROUNDS [CASE...]]');
}
const child = await bundledChild();
const pairs = pairsOf(await ensureOracle(), [folder, String(rounds), ...ids]);
if (ids.length > 0) {
  printCases(pairs);
} else {
  const [memory] = rowsOf<Memory>(
    process.execPath,
    [...NODE_FLAGS, '--expose-gc', child, 'memory', folder],
    HOST_ENV,
  );
  if (memory === undefined) throw new Error('no figures of the memory');
  const start = await timeHostStart(folder, HOST_STARTS);
  printFigures({ pairs, memory, start });
  record('render', resultOf({ pairs, memory, start }));
  writeFigures('render');
}
