// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run test:fuzz`: generated cases through Go and through ours, compared byte for byte.
 *
 * `npm run test:fuzz -- [--count N] [--seed N] [--suite NAME,...] [--only ABOUT,...] [--show N] [--resume]`: what ran and what differed is
 * written to `test/results/fuzz-DATE-SEED.json` after every batch; `--resume` goes on where the newest unfinished run ended. Needs Go (the oracle
 * of `test/tools` is built once). Ends with 1 on a difference.
 *
 * `npm run test:fuzz -- --target NAME[,...] [--seconds N] [--seed N] [--resume] [--without-go]`: damaged input for a reader (`lexer`, `parser`,
 * `yaml`, `archive`), which must end by itself within its limits, by errors of its own, and as Go does; `test/results/fuzz-NAME-DATE-SEED.json` is
 * written after every batch, and `--resume` goes on with it. Ends with 1 on a finding.
 */

import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { askOracle } from '../test/fuzz/ask-oracle.ts';
import { charts4Suite, chartsSuite, setSuite } from '../test/fuzz/chart.ts';
import { functionSuite } from '../test/fuzz/functions.ts';
import { gocompatSuite } from '../test/fuzz/gocompat.ts';
import { templateSuite } from '../test/fuzz/gotemplate.ts';
import { runTarget } from '../test/fuzz/run-target.ts';
import type { Difference, FuzzSuite, OracleName } from '../test/fuzz/suite.ts';
import { TARGETS } from '../test/fuzz/targets.ts';
import { yamlSuite } from '../test/fuzz/yaml.ts';
import { ensureOracle } from '../test/tools/tools.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'test/results');
const BATCH = 1_000;
/** Of how many differences of a suite the file holds the rows. */
const MAX_KEPT = 50;

/** Suites and how many hundredths of the cases each gets. */
const SHARES: readonly (readonly [FuzzSuite, number])[] = [
  [functionSuite, 25],
  [templateSuite, 22],
  [gocompatSuite, 25],
  [yamlSuite, 18],
  [setSuite, 5],
  [chartsSuite, 4],
  [charts4Suite, 1],
];

interface SuiteResult {
  readonly cases: number;
  /** How many of them both sides answered with the same error. */
  readonly errors: number;
  /** No measure: the peer's own answer differs from run to run, or the peer broke down. */
  readonly skipped: number;
  readonly differences: number;
  readonly seconds: number;
}

interface Result {
  readonly tier: 'fuzz';
  readonly date: string;
  readonly seed: number;
  readonly count: number;
  readonly suites: Record<string, SuiteResult>;
  readonly differences: Difference[];
  readonly node: string;
  isFinished: boolean;
}

const NOTHING: SuiteResult = { cases: 0, errors: 0, skipped: 0, differences: 0, seconds: 0 };

interface Work {
  readonly suite: FuzzSuite;
  readonly oracle: string;
  readonly seed: number;
  readonly count: number;
  readonly only: readonly string[];
}

function runBatch(work: Work, before: SuiteResult): [SuiteResult, Difference[]] {
  const startedMs = Date.now();
  // Batches must not depend on the size of the whole run.
  const seed = (Math.imul(work.seed, 1_000_003) + before.cases) | 0;
  const batch = work.suite.batch(seed, Math.min(BATCH, work.count - before.cases), work.only);
  const answers = askOracle(work.oracle, work.suite.topic, batch.questions);
  const found: Difference[] = [];
  let [errors, skipped] = [0, 0];
  answers.forEach((answer, index) => {
    const verdict =
      answer === undefined ? { kind: 'skipped' as const } : batch.judge(index, answer);
    if (verdict.kind === 'different') found.push(verdict.difference);
    else if (verdict.kind === 'skipped') skipped++;
    else if (verdict.isError) errors++;
  });
  return [
    {
      cases: before.cases + batch.questions.length,
      errors: before.errors + errors,
      skipped: before.skipped + skipped,
      differences: before.differences + found.length,
      seconds: Math.round((before.seconds + (Date.now() - startedMs) / 1000) * 10) / 10,
    },
    found,
  ];
}

function resumed(): { path: string; result: Result } {
  for (const name of globSync('fuzz-*.json', { cwd: folder }).sort().reverse()) {
    const path = join(folder, name);
    const result = JSON.parse(readFileSync(path, 'utf8')) as Result;
    if (!result.isFinished) return { path, result };
  }
  throw new Error(`no unfinished run in ${folder}: start one without --resume`);
}

function begun(seed: number, count: number): { path: string; result: Result } {
  const date = new Date().toISOString();
  const result: Result = {
    ...{ tier: 'fuzz', date, seed, count, suites: {}, differences: [], node: process.version },
    isFinished: false,
  };
  return { path: join(folder, `fuzz-${date.slice(0, 10)}-${seed}.json`), result };
}

const list = (text: string): string[] => text.split(',').filter((part) => part !== '');

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '' },
    suite: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    show: { type: 'string', default: '3' },
    resume: { type: 'boolean', default: false },
    target: { type: 'string', default: '' },
    seconds: { type: 'string', default: '60' },
    'without-go': { type: 'boolean', default: false },
  },
});
if (options.target !== '') process.exit((await runTargets()) === 0 ? 0 : 1);

/** @returns how much was found */
async function runTargets(): Promise<number> {
  const log = (line: string): void => console.error(line);
  const oracle = options['without-go'] ? undefined : await ensureOracle(log, 'oracle');
  const chosen = options.seed === '' ? 1 : Number(options.seed);
  let findings = 0;
  mkdirSync(folder, { recursive: true });
  for (const name of list(options.target)) {
    const target = TARGETS.get(name);
    if (target === undefined)
      throw new Error(`no such target: ${name}; there are ${[...TARGETS.keys()].join(', ')}`);
    const date = new Date().toISOString().slice(0, 10);
    const found = runTarget({
      target: target(),
      seed: chosen,
      seconds: Number(options.seconds),
      path: join(folder, `fuzz-${name}-${date}-${chosen}.json`),
      mustResume: options.resume,
      oracle,
      report: log,
    });
    findings += found.findings;
    process.stdout.write(
      `${name}, seed ${chosen}: ${found.inputs} inputs, ${found.read} read, ${found.refused} refused, ${found.compared} as Go, ${found.findings} findings, ${found.wallSeconds} s (${found.cpuSeconds} s of processor)\n`,
    );
  }
  return findings;
}

/** A part of the suites, or of what they ask, is for looking: it leaves no file. */
const isWhole = options.suite === '' && options.only === '';
const seed = options.seed === '' ? Date.now() % 1_000_000 : Number(options.seed);
const { path, result } = options.resume ? resumed() : begun(seed, Number(options.count));
const shown = new Map<string, number>();

function show(suite: string, { about, row, theirs, ours }: Difference): void {
  const times = (shown.get(`${suite} ${about}`) ?? 0) + 1;
  shown.set(`${suite} ${about}`, times);
  if (times > Number(options.show)) return;
  const text = (what: unknown) => (typeof what === 'string' ? what : JSON.stringify(what));
  process.stdout.write(`${suite} ${about}: ${text(row)}\n`);
  process.stdout.write(`  Go:   ${text(theirs)}\n  ours: ${text(ours)}\n`);
}

mkdirSync(folder, { recursive: true });
const oracles = new Map<OracleName, string>();
const wanted = list(options.suite);
const chosen = SHARES.filter(
  ([{ name }]) => isWhole || wanted.length === 0 || wanted.includes(name),
);
const shares = chosen.reduce((sum, [, share]) => sum + share, 0);
for (const [suite, share] of chosen) {
  const oracle =
    oracles.get(suite.oracle) ?? (await ensureOracle((line) => console.error(line), suite.oracle));
  oracles.set(suite.oracle, oracle);
  const count = Math.ceil((result.count * share) / shares);
  let now = result.suites[suite.name] ?? NOTHING;
  const work = { suite, oracle, seed: result.seed, count, only: list(options.only) };
  while (now.cases < count) {
    const [after, found] = runBatch(work, now);
    for (const one of found) show(suite.name, one);
    result.differences.push(...found.slice(0, Math.max(0, MAX_KEPT - now.differences)));
    now = after;
    result.suites[suite.name] = now;
    if (isWhole) writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
    process.stderr.write(
      `${suite.name}: ${now.cases} of ${count}, ${now.errors} errors, ${now.skipped} skipped, ${now.differences} differences, ${now.seconds} s\n`,
    );
  }
}
result.isFinished = true;
if (isWhole) writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
const all = Object.values(result.suites);
const sum = (of: (one: SuiteResult) => number) => all.reduce((total, one) => total + of(one), 0);
const differences = sum((one) => one.differences);
process.stdout.write(
  `seed ${result.seed}: ${sum((one) => one.cases)} cases, ${sum((one) => one.errors)} of them errors, ${sum((one) => one.skipped)} skipped, ${differences} differences, ${Math.round(sum((one) => one.seconds))} s\n`,
);
process.exitCode = differences === 0 ? 0 : 1;
