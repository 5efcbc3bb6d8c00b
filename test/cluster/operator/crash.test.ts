// SPDX-License-Identifier: Apache-2.0

/** SIGKILL in the middle of an upgrade, at every step: the next start ends in `deployed` without a person. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { untilReleased } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { story } from './story.ts';

const MAIN = fileURLToPath(new URL('../../kit/operator-main.ts', import.meta.url));

interface Revision {
  readonly revision: number;
  readonly status: string;
}

story('an operator killed at any step of an upgrade is survived', async (told) => {
  const { plane, namespace, operator, apply, get } = told;
  const stepsFile = join(tmpdir(), `helm-operator-steps-${process.pid}`);
  const recorder = await operator({ main: MAIN, env: { KIT_STEPS_FILE: stepsFile } });
  await apply('web', { wait: true, values: { message: 'first' } });
  await untilReleased(plane, namespace, 'web');
  await apply('web', { wait: true, values: { message: 'second' } });
  await untilReleased(plane, namespace, 'web');
  await recorder.stop();
  const steps = upgradeSteps(stepsFile);
  assert.ok(steps.length >= 10, `an upgrade announces its steps: ${steps.join(' ')}`);

  for (const step of steps) {
    const message = `killed at ${step}`;
    await apply('web', { wait: true, values: { message } });
    const victim = await operator({
      main: MAIN,
      env: { KIT_KILL_AT: `upgrade/${step}` },
      mustBeReady: false,
    });
    await victim.ended();
    const successor = await operator({ main: MAIN });
    await untilReleased(plane, namespace, 'web');
    await successor.stop();
    const history: Revision[] = JSON.parse(
      await mustRun('helm3', plane.kubeconfig, ['history', 'web', '-n', namespace, '-o', 'json']),
    );
    assert.equal(history.at(-1)?.status, 'deployed', message);
    assert.equal(history.filter(({ status }) => status === 'deployed').length, 1, message);
    assert.deepEqual(
      history.map(({ revision }) => revision),
      gapless(history),
      message,
    );
    const config = await get(`/api/v1/namespaces/${namespace}/configmaps/web-web`);
    assert.deepEqual(config?.['data'], { message });
  }
});

/** Names of the steps that an upgrade reached, each once. */
function upgradeSteps(file: string): string[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('upgrade/'));
  rmSync(file);
  return [...new Set(lines.map((line) => line.slice('upgrade/'.length)))];
}

function gapless(history: readonly Revision[]): number[] {
  const first = history[0]?.revision ?? 0;
  return history.map((_, index) => first + index);
}
