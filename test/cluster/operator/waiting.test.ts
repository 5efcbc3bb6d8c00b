// SPDX-License-Identifier: Apache-2.0

/** A wait holds no worker, survives the operator, and goes on where it was. */

import assert from 'node:assert/strict';
import { until, untilReleased } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { story } from './story.ts';

interface Pods {
  readonly items: { readonly metadata: { readonly name: string } }[];
}

story('one worker, one release that hangs, another that does not', async (told) => {
  const { plane, namespace, operator, apply, get, podUids } = told;
  const first = await operator({ args: ['--workers=1'] });
  const values = { outcome: 'hang', replicas: 1, migration: { enabled: false } };
  await apply('hangs', { wait: true, timeout: 300, values });
  await until('its pods are there', async () => (await podUids()).length > 0);

  await apply('web', { wait: true });
  await untilReleased(plane, namespace, 'web');
  const statusOf = async () => {
    const args = ['history', 'hangs', '-n', namespace, '-o', 'json'];
    const history: { status: string }[] = JSON.parse(
      await mustRun('helm3', plane.kubeconfig, args),
    );
    return history.map(({ status }) => status);
  };
  assert.deepEqual(await statusOf(), ['pending-install']);

  await until('the status says what is waited for', async () => {
    const path = `/apis/helm.fluxcd.io/v1/namespaces/${namespace}/helmreleases/hangs`;
    return /Running installation .*: waiting for .*Deployment\//.test(
      JSON.stringify((await get(path))?.['status'] ?? {}),
    );
  });

  await first.kill();
  await operator({ args: ['--workers=1'] });
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const { items } = (await get(path)) as unknown as Pods;
  for (const { metadata } of items.filter(({ metadata: { name } }) => name.startsWith('hangs'))) {
    const change = { metadata: { annotations: { 'kit/outcome': 'ready' } } };
    await plane.call('PATCH', `${path}/${metadata.name}`, change, 'application/merge-patch+json');
  }
  await untilReleased(plane, namespace, 'hangs');
  assert.deepEqual(await statusOf(), ['deployed']);
});
