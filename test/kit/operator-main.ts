// SPDX-License-Identifier: Apache-2.0

/**
 * The operator with a finger on the trigger: `KIT_STEPS_FILE` writes down every step, and with `KIT_HALT_FOLDER` it halts where that
 * folder's file `at` says.
 *
 * A halted operator does nothing at all until the file `go` is there: it may say `die`, `stop`, or `jump MILLISECONDS`, which moves its clock.
 */

import { appendFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadKubeconfig, systemClock } from '@helm-operator/kube';
import { createLogger, createPorts, DEFAULT_OPTIONS, runOperator } from '@helm-operator/operator';

const { values: flags } = parseArgs({
  strict: false,
  options: {
    kubeconfig: { type: 'string', default: '' },
    'allow-namespace': { type: 'string', default: '' },
    listen: { type: 'string', default: '' },
    'leader-election-namespace': { type: 'string', default: '' },
  },
});
const log = createLogger({
  format: 'json',
  write: (line) => process.stdout.write(line),
  now: () => new Date().toISOString(),
});
const { ports, close } = createPorts({
  kubeConfig: await loadKubeconfig({ paths: [String(flags.kubeconfig)], mustExist: true }),
  version: 'kit',
  env: {},
  log,
  nodePath: process.execPath,
  renderEntry: fileURLToPath(
    new URL('../../packages/helm/src/render-host/main.ts', import.meta.url),
  ),
});
const { KIT_STEPS_FILE: stepsFile, KIT_HALT_FOLDER: haltFolder } = process.env;
const leaseNamespace = String(flags['leader-election-namespace']);
const stop = new AbortController();
let offsetMs = 0;
const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + offsetMs };

const LOOK_EVERY_MS = 5;

/** Blocks this thread until it may go on. */
function halt(folder: string, name: string): void {
  const at = join(folder, 'at');
  if (!existsSync(at) || readFileSync(at, 'utf8') !== name) return;
  renameSync(at, join(folder, 'reached'));
  const go = join(folder, 'go');
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(go)) Atomics.wait(sleeper, 0, 0, LOOK_EVERY_MS);
  const [word, argument] = readFileSync(go, 'utf8').split(' ');
  rmSync(go);
  if (word === 'die') process.kill(process.pid, 'SIGKILL');
  else if (word === 'stop') stop.abort();
  else if (word === 'jump') offsetMs += Number(argument);
}
process.once('SIGTERM', () => stop.abort());
await runOperator(
  {
    ...DEFAULT_OPTIONS,
    namespace: String(flags['allow-namespace']),
    listen: String(flags.listen),
    identity: `kit_${process.pid}_${Date.now()}`,
    mustElectLeader: leaseNamespace !== '',
    leaderElectionNamespace: leaseNamespace,
  },
  {
    ...ports,
    clock,
    reached: (_key, step) => {
      const name = `${step.action}/${step.name}`;
      if (stepsFile !== undefined) appendFileSync(stepsFile, `${name}\n`);
      if (haltFolder !== undefined) halt(haltFolder, name);
    },
  },
  stop.signal,
);
await close();
