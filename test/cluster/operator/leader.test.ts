// SPDX-License-Identifier: Apache-2.0

/** Two operators: one leads; told to stop amid a wait, it hands over and the other finishes. */

import assert from 'node:assert/strict';
import { readHelmRelease, until, untilReleased } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { story } from './story.ts';

story(
  'a leader that is told to stop amid an upgrade hands over; the next one finishes it',
  async (told) => {
    const { plane, namespace, operator, apply } = told;
    const args = ['--leader-elect=true', `--leader-election-namespace=${namespace}`];
    const first = await operator({ args });
    await apply('web', { wait: true });
    await untilReleased(plane, namespace, 'web');
    const second = await operator({ args });
    assert.doesNotMatch(second.log(), /informer caches synced/);

    // Pods that never get ready: the upgrade waits.
    await apply('web', { wait: true, timeout: 120, values: { message: 'waits', outcome: 'run' } });
    await until('the upgrade waits', async () => {
      const view = await readHelmRelease(plane, namespace, 'web');
      const pods = await mustRun('kubectl', plane.kubeconfig, [
        'get',
        'pods',
        '-n',
        namespace,
        '--no-headers',
      ]);
      return view?.phase === 'Upgrading' && pods.includes('0/1');
    });
    const startedMs = Date.now();
    await first.stop();
    assert.ok(Date.now() - startedMs < 60_000, 'it ends at once: waiting holds nothing');
    await until(
      'the other leads',
      async () => second.log().includes('finishing what was begun'),
      60_000,
      () => second.log(),
    );
    await apply('web', { wait: true, values: { message: 'repaired' } });
    await untilReleased(plane, namespace, 'web');
    const history = JSON.parse(
      await mustRun('helm3', plane.kubeconfig, ['history', 'web', '-n', namespace, '-o', 'json']),
    );
    assert.equal(history.at(-1).status, 'deployed');
  },
);
