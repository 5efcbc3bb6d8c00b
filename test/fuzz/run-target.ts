// SPDX-License-Identifier: Apache-2.0

/** Runs a target for some time, batch by batch; what it has done is a file from which it can go on. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { askOracle } from './ask-oracle.ts';
import { Chance } from './mutation.ts';
import type { Comparison, FuzzTarget, Outcome } from './targets.ts';

/** Inputs of one batch. */
const BATCH = 500;
/** One input may take so long on a machine that does much else; normal are microseconds. */
const HANG_MS = 60_000;
/** Findings that are written down. */
const MAX_KEPT = 50;

export interface Finding {
  /** The number of the input: with the seed it gives the input again. */
  readonly index: number;
  readonly kind: 'broke' | 'hung' | 'differs';
  readonly input: string;
  readonly what: unknown;
}

/** What stands in the file of a run. */
export interface TargetResult {
  readonly tier: 'fuzz';
  readonly target: string;
  readonly date: string;
  readonly seed: number;
  readonly node: string;
  inputs: number;
  read: number;
  refused: number;
  /** Inputs that Go answered, too. */
  compared: number;
  /** Time of all sittings together. */
  wallSeconds: number;
  cpuSeconds: number;
  findings: number;
  readonly kept: Finding[];
}

export interface TargetRun {
  readonly target: FuzzTarget;
  readonly seed: number;
  /** Wall time of this sitting. */
  readonly seconds: number;
  readonly path: string;
  /** Go on where the file ends. */
  readonly mustResume: boolean;
  /** The oracle's program; without one nothing is compared. */
  readonly oracle: string | undefined;
  readonly report: (line: string) => void;
}

function begun({ target, seed, path, mustResume }: TargetRun): TargetResult {
  if (mustResume && existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as TargetResult;
  return {
    ...{ tier: 'fuzz', target: target.name, date: new Date().toISOString(), seed },
    ...{ node: process.version, inputs: 0, read: 0, refused: 0, compared: 0 },
    ...{ wallSeconds: 0, cpuSeconds: 0, findings: 0, kept: [] },
  };
}

/** @returns what the file says */
export function runTarget(run: TargetRun): TargetResult {
  const result = begun(run);
  const keep = (finding: Finding): void => {
    result.findings++;
    if (result.kept.length < MAX_KEPT) result.kept.push(finding);
    run.report(`${finding.kind} at ${finding.index}: ${JSON.stringify(finding).slice(0, 2000)}`);
  };
  const endMs = Date.now() + run.seconds * 1000;
  while (Date.now() < endMs) {
    const startedMs = Date.now();
    const cpu = process.cpuUsage();
    batch(run, result, keep);
    const { user, system } = process.cpuUsage(cpu);
    result.wallSeconds = tenths(result.wallSeconds + (Date.now() - startedMs) / 1000);
    result.cpuSeconds = tenths(result.cpuSeconds + (user + system) / 1e6);
    writeFileSync(run.path, `${JSON.stringify(result, null, 2)}\n`);
  }
  return result;
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

function batch(
  { target, seed, oracle }: TargetRun,
  result: TargetResult,
  keep: (finding: Finding) => void,
): void {
  const from = result.inputs;
  const texts: string[] = [];
  for (let index = from; index < from + BATCH; index++) {
    const { text, probe } = target.draw(new Chance(Math.imul(seed, 1_000_003) + index));
    texts.push(text);
    try {
      result[limited(probe)]++;
    } catch (error) {
      const isHung = error instanceof Error && 'code' in error && error.code === HUNG;
      keep({ index, kind: isHung ? 'hung' : 'broke', input: text, what: String(error) });
    }
  }
  result.inputs += BATCH;
  const { comparison } = target;
  if (oracle === undefined || comparison === undefined) return;
  compare({ comparison, oracle, texts }, (at, what) => {
    if (what === undefined) result.compared++;
    else keep({ index: from + at, kind: 'differs', input: texts[at] ?? '', what });
  });
}

function compare(
  asked: {
    readonly comparison: Comparison;
    readonly oracle: string;
    readonly texts: readonly string[];
  },
  tell: (at: number, what: unknown) => void,
): void {
  const { comparison, oracle, texts } = asked;
  const questions = texts.map((text) => JSON.stringify(comparison.question(text)));
  askOracle(oracle, comparison.topic, questions).forEach((line, at) => {
    if (line !== undefined) tell(at, comparison.compare(texts[at] ?? '', line));
  });
}

const HUNG = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/** Ends what does not end by itself: code on this thread can be stopped only from a script of its own. */
function limited(probe: () => Outcome): Outcome {
  Reflect.set(globalThis, 'fuzzProbe', probe);
  return runInThisContext('fuzzProbe()', { timeout: HANG_MS }) as Outcome;
}
