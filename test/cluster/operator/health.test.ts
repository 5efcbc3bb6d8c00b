// SPDX-License-Identifier: Apache-2.0

/** The health of a release's objects, beside what became of the release. */

import assert from 'node:assert/strict';
import {
  type HelmReleaseView,
  readHelmRelease,
  until,
  untilReleased,
} from '../../kit/helm-release.ts';
import { story } from './story.ts';

interface Health {
  readonly state?: string;
  readonly ready?: string;
  readonly notReady?: readonly { readonly [field: string]: string }[];
}

story(
  'a release that nobody waits for tells what is not ready, why, and when it is',
  async (told) => {
    const { plane, namespace, operator, apply } = told;
    await operator();
    let view: HelmReleaseView | undefined;
    const untilHealth = (what: string, isTrue: (health: Health) => boolean) =>
      until(
        what,
        async () => {
          view = await readHelmRelease(plane, namespace, 'web');
          return isTrue((view?.status['health'] ?? {}) as Health);
        },
        60_000,
        () => JSON.stringify(view?.status),
      );
    const values = { outcome: 'pull', replicas: 1, migration: { enabled: false } };
    await apply('web', { wait: false, values });
    await untilReleased(plane, namespace, 'web');
    await untilHealth(
      'the reason of the pod is told',
      ({ state, notReady }) =>
        state === 'Progressing' && notReady?.[0]?.['reason'] === 'ImagePullBackOff',
    );
    const [entry] = ((view?.status['health'] ?? {}) as Health).notReady ?? [];
    assert.equal(entry?.['object'], `Deployment ${namespace}/web-web`);
    assert.match(entry['pod'] ?? '', /^web-web-/);
    assert.ok((entry['mend'] ?? '').length > 0);
    assert.equal(view?.conditions.find(({ type }) => type === 'Released')?.status, 'True');

    await apply('web', { wait: false, values: { ...values, outcome: 'ready' } });
    await untilHealth(
      'all is well',
      ({ state, notReady }) => state === 'Healthy' && notReady === undefined,
    );

    await plane.call('DELETE', `/apis/apps/v1/namespaces/${namespace}/deployments/web-web`);
    await untilHealth(
      'what is gone is missed',
      ({ state, notReady }) =>
        state === 'Unhealthy' && notReady?.[0]?.['message'] === 'it does not exist',
    );
    assert.equal(view?.conditions.find(({ type }) => type === 'Released')?.status, 'True');
  },
);
