// SPDX-License-Identifier: Apache-2.0

/**
 * The operator with a finger on the trigger: `KIT_KILL_AT=upgrade/waited` kills it when that step is reached,
 * `KIT_STEPS_FILE` writes down every step.
 */

import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadKubeconfig } from '@helm-operator/kube';
import { createLogger, createPorts, DEFAULT_OPTIONS, runOperator } from '@helm-operator/operator';

const { values: flags } = parseArgs({
  strict: false,
  options: {
    kubeconfig: { type: 'string', default: '' },
    'allow-namespace': { type: 'string', default: '' },
    listen: { type: 'string', default: '' },
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
const { KIT_KILL_AT: killAt, KIT_STEPS_FILE: stepsFile } = process.env;
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
await runOperator(
  {
    ...DEFAULT_OPTIONS,
    namespace: String(flags['allow-namespace']),
    listen: String(flags.listen),
    identity: `kit_${process.pid}_${Date.now()}`,
  },
  {
    ...ports,
    reached: (_key, step) => {
      const name = `${step.action}/${step.name}`;
      if (stepsFile !== undefined) appendFileSync(stepsFile, `${name}\n`);
      if (name === killAt) process.kill(process.pid, 'SIGKILL');
    },
  },
  stop.signal,
);
await close();
