// SPDX-License-Identifier: Apache-2.0

/**
 * Every fault at every step of every action: each run ends converged without a person, no object lost or left over, no revision skipped.
 *
 * The steps are those the operator itself announces, so that a new stage is covered by itself. `npm run test:faults` runs all,
 * `npm test` twenty that change from day to day (`FAULTS_SEED=N` repeats a day's, `FAULTS_COUNT=N` takes more, `FAULTS_ONLY=A@B,C@D` takes
 * the faults whose name has A at the steps whose name has B, and C at D).
 */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STEPS } from '@helm-operator/helm';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { installCrd } from '../kit/helm-release.ts';
import { clusterTest } from '../kit/shared-plane.ts';
import { FAULT_KINDS, type FaultKind } from './fault-kinds.ts';
import { JOURNEYS, type Journey } from './journeys.ts';
import { Lane } from './lane.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const isLong = process.env['LONG'] === 'true';
const SAMPLE = Number(process.env['FAULTS_COUNT'] ?? 20);
const DAY_MS = 86_400_000;
const LANES = 2;
const CONVERGED_WITHIN_MS = 300_000;

/** Steps that the operator of this dialect never reaches, and why. */
const UNREACHED: ReadonlyMap<string, string> = new Map([
  ['namespace-created', 'no HelmRelease asks for its namespace'],
]);

interface FaultCase {
  readonly kind: FaultKind;
  readonly action: Journey['action'];
  /** `upgrade/waited` */
  readonly step: string;
}

interface FaultResult {
  readonly fault: string;
  readonly step: string;
  /** `ok`, `not reached`, or what was missing at the end. */
  readonly verdict: string;
  readonly seconds: number;
}

/** Spreads over kinds and steps, another part of them every day. */
function sampleOf(cases: readonly FaultCase[]): readonly FaultCase[] {
  const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Date.now() / DAY_MS));
  const stride = Math.floor(cases.length / SAMPLE);
  const start = (seed * 7) % cases.length;
  return Array.from(
    { length: SAMPLE },
    (_, i) => cases[(start + i * stride) % cases.length],
  ).flatMap((one) => (one === undefined ? [] : [one]));
}

/** `SIGKILL@rollback/waited,409@install/`. */
function onlyOf(cases: readonly FaultCase[], only: string): readonly FaultCase[] {
  const pairs = only
    .toLowerCase()
    .split(',')
    .map((pair) => pair.split('@'));
  return cases.filter(({ kind, step }) =>
    pairs.some(
      ([name = '', at = '']) => kind.name.toLowerCase().includes(name) && step.includes(at),
    ),
  );
}

let count = 0;

/** Waits until a journey is over and stays so. @returns `''`, or what was missing in the end */
async function converge(lane: Lane, journey: Journey, message: string): Promise<string> {
  const deadlineMs = Date.now() + CONVERGED_WITHIN_MS;
  let inARow = 0;
  for (;;) {
    await lane.ensureOperator();
    const verdict = await journey.verdict(lane, message).catch((error: unknown) => String(error));
    inARow = verdict === '' ? inARow + 1 : 0;
    if (inARow === 2) return '';
    if (Date.now() > deadlineMs) return verdict || 'not steady';
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

async function runJourney(
  lane: Lane,
  journey: Journey,
  fault: FaultCase | undefined,
): Promise<FaultResult> {
  const startedMs = Date.now();
  const message = `number ${count++}`;
  if (fault !== undefined) lane.arm(fault.step);
  await journey.begin(lane, message);
  const isOver = async (): Promise<boolean> =>
    (await journey.verdict(lane, message).catch(() => 'unknown')) === '';
  const isReached = fault === undefined || (await lane.strike(fault.kind, isOver));
  const problem = await converge(lane, journey, message);
  return {
    fault: fault?.kind.name ?? 'none',
    step: fault?.step ?? `${journey.action}/-`,
    verdict: problem || (isReached ? 'ok' : 'not reached'),
    seconds: Math.round((Date.now() - startedMs) / 1000),
  };
}

/** Lives of releases, each with the next fault of each action, until there are none left. */
async function runLane(
  plane: ControlPlane,
  queues: ReadonlyMap<Journey['action'], FaultCase[]>,
): Promise<readonly FaultResult[]> {
  const results: FaultResult[] = [];
  let lane = await Lane.open(plane);
  try {
    while ([...queues.values()].some((queue) => queue.length > 0)) {
      for (const journey of JOURNEYS) {
        const fault = queues.get(journey.action)?.shift();
        const isNeeded =
          fault !== undefined || ['install', 'upgrade', 'uninstall'].includes(journey.action);
        if (!isNeeded) continue;
        const result = await runJourney(lane, journey, fault).catch(
          (error: unknown): FaultResult => ({
            fault: fault?.kind.name ?? 'none',
            step: fault?.step ?? `${journey.action}/-`,
            verdict: `the test itself failed: ${String(error)}`,
            seconds: 0,
          }),
        );
        results.push(result);
        if (isLong) process.stdout.write(`${JSON.stringify(result)}\n`);
        if (result.verdict === 'ok') continue;
        process.stdout.write(
          `${result.fault} at ${result.step}: ${result.verdict}\n${lane.log()}\n`,
        );
        await lane.close();
        lane = await Lane.open(plane);
        break;
      }
    }
  } finally {
    await lane.close();
  }
  return results;
}

function queuesOf(cases: readonly FaultCase[]): ReadonlyMap<Journey['action'], FaultCase[]> {
  return Map.groupBy(cases, ({ action }) => action);
}

/** One life without faults: which steps there are. */
async function recordSteps(plane: ControlPlane): Promise<readonly string[]> {
  const lane = await Lane.open(plane);
  try {
    for (const journey of JOURNEYS) {
      const { verdict } = await runJourney(lane, journey, undefined);
      assert.equal(verdict, 'ok', `${journey.action} without faults\n${lane.log()}`);
    }
    return lane.steps();
  } finally {
    await lane.close();
  }
}

function writeResults(results: readonly FaultResult[], possible: number, name: string): void {
  const folder = join(root, 'test/results');
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString();
  const bad = results.filter(({ verdict }) => verdict !== 'ok');
  const byFault = Object.fromEntries(
    [...Map.groupBy(results, ({ fault }) => fault)].map(([fault, rows]) => {
      const well = rows.filter(({ verdict }) => verdict === 'ok').length;
      return [fault, { runs: rows.length, converged: well }];
    }),
  );
  const path = join(folder, `${name}-${date.slice(0, 10)}.json`);
  const text = JSON.stringify(
    { date, possible, runs: results.length, byFault, notConverged: bad },
    null,
    2,
  );
  writeFileSync(path, `${text}\n`);
}

clusterTest('every run with a fault ends converged, without a person', async (plane) => {
  await installCrd(plane);
  const steps = await recordSteps(plane);
  const names = new Set(steps.map((step) => step.slice(step.indexOf('/') + 1)));
  const silent = STEPS.filter((step) => !names.has(step) && !UNREACHED.has(step));
  assert.deepEqual(silent, [], 'steps nobody reaches');

  const cases = FAULT_KINDS.flatMap((kind) =>
    JOURNEYS.flatMap(({ action }) =>
      steps
        .filter((step) => step.startsWith(`${action}/`))
        .map((step): FaultCase => ({ kind, action, step })),
    ),
  );
  const only = process.env['FAULTS_ONLY'];
  const chosen = only === undefined ? (isLong ? cases : sampleOf(cases)) : onlyOf(cases, only);
  assert.ok(chosen.length > 0, 'no fault of that name at a step of that name');
  const narrow = chosen.filter(({ kind }) => kind.isWide !== true);
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    narrow.filter((_case, i) => i % LANES === lane),
  );
  const results = (await Promise.all(lanes.map((own) => runLane(plane, queuesOf(own))))).flat();
  const wide = chosen.filter(({ kind }) => kind.isWide === true);
  results.push(...(await runLane(plane, queuesOf(wide))));
  const faulty = results.filter(({ fault }) => fault !== 'none');
  if (only !== undefined) writeResults(faulty, cases.length, 'fault-reruns');
  else if (isLong || 'FAULTS_COUNT' in process.env)
    writeResults(faulty, cases.length, 'fault-runs');
  const bad = results.filter(({ verdict }) => verdict !== 'ok');
  assert.ok(
    bad.length === 0,
    bad.map(({ fault, step, verdict }) => `${fault} at ${step}: ${verdict}`).join('\n'),
  );
  console.log(`${faulty.length} of ${cases.length} faults at ${steps.length} steps, all converged`);
});
