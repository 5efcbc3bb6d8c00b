// SPDX-License-Identifier: Apache-2.0

/** The main job: install, upgrade, nothing when nothing changed, failure with its reason, repair, removal. */

import assert from 'node:assert/strict';
import { auditSince, markAudit, tally } from '../../kit/audit.ts';
import {
  deleteHelmRelease,
  readHelmRelease,
  until,
  untilReleased,
} from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { story } from './story.ts';

story(
  'a release is installed, upgraded by values and removed',
  async ({ plane, namespace, operator, apply, get }) => {
    await operator();
    await apply('web', { wait: true });
    const first = await untilReleased(plane, namespace, 'web');
    assert.equal(first.phase, 'Succeeded');
    assert.equal(first.status['revision'], '1.0.0');

    await apply('web', { wait: true, values: { message: 'two', replicas: 1 } });
    await untilReleased(plane, namespace, 'web');
    const config = await get(`/api/v1/namespaces/${namespace}/configmaps/web-web`);
    assert.deepEqual(config?.['data'], { message: 'two' });
    const history = JSON.parse(
      await mustRun('helm3', plane.kubeconfig, ['history', 'web', '-n', namespace, '-o', 'json']),
    );
    assert.deepEqual(
      history.map(({ revision, status, description }: Record<string, unknown>) => [
        revision,
        status,
        description,
      ]),
      [
        [1, 'superseded', 'Install complete'],
        [2, 'deployed', 'Upgrade complete'],
      ],
    );

    await deleteHelmRelease(plane, namespace, 'web');
    await until(
      'the object is gone',
      async () => (await readHelmRelease(plane, namespace, 'web')) === undefined,
    );
    assert.equal(await get(`/apis/apps/v1/namespaces/${namespace}/deployments/web-web`), undefined);
    assert.equal(
      (await mustRun('helm3', plane.kubeconfig, ['list', '-a', '-q', '-n', namespace])).trim(),
      '',
    );
  },
);

story(
  'values from a Secret are used, watched and never shown',
  async ({ plane, namespace, operator, apply, get }) => {
    const process = await operator();
    const secret = (password: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'auth', namespace },
      stringData: { 'values.yaml': `auth: {password: ${password}}` },
    });
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    await plane.call('POST', path, secret('swordfish-1'));
    await apply('web', { valuesFrom: [{ secretKeyRef: { name: 'auth' } }] });
    await untilReleased(plane, namespace, 'web');
    const password = async () => {
      const object = (await get(`${path}/web-web`)) as { data: { password: string } } | undefined;
      return Buffer.from(object?.data.password ?? '', 'base64').toString();
    };
    assert.equal(await password(), 'swordfish-1');

    await plane.call('PUT', `${path}/auth`, secret('swordfish-2'));
    await until(
      'the changed Secret is rolled out',
      async () => (await password()) === 'swordfish-2',
    );
    assert.ok(!process.log().includes('swordfish'), 'the log shows the secret');
  },
);

story(
  'an unchanged release makes no request at resync',
  async ({ plane, namespace, operator, apply }) => {
    await operator({ args: ['--charts-sync-interval=1s'] });
    await apply('web');
    await untilReleased(plane, namespace, 'web');
    await until('its objects are ready, and told to be', async () => {
      const view = await readHelmRelease(plane, namespace, 'web');
      return JSON.stringify(view?.status['health'] ?? {}).includes('"Healthy"');
    });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const mark = await markAudit(plane.auditLog);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const counted = (await auditSince(plane.auditLog, mark, 'helm-operator')).filter(
      (event) => event.resource !== 'leases' && event.verb !== 'watch',
    );
    assert.deepEqual(tally(counted), {});
  },
);

story(
  'a new chart version is rolled out; a broken upgrade says why, and a repair mends it',
  async ({ plane, namespace, operator, apply }) => {
    await operator();
    await apply('web', { wait: true });
    await untilReleased(plane, namespace, 'web');

    await apply('web', {
      wait: true,
      timeout: 15,
      values: { image: { tag: 'absent' }, outcome: 'pull' },
    });
    const broken = await untilReleased(plane, namespace, 'web', 'False');
    const released = broken.conditions.find(({ type }) => type === 'Released');
    assert.match(released?.message ?? '', /Deployment/);
    assert.match(released?.message ?? '', /ImagePullBackOff/);

    await apply('web', { wait: true, values: { message: 'mended' } });
    const mended = await untilReleased(plane, namespace, 'web');
    assert.equal(mended.phase, 'Succeeded');
  },
);
