// SPDX-License-Identifier: Apache-2.0

/** Somebody changes live objects by hand: it is noticed, and put right where that is wanted. */

import assert from 'node:assert/strict';
import {
  type HelmReleaseView,
  readHelmRelease,
  until,
  untilReleased,
} from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { story } from './story.ts';

const PATCH = ['--type=merge', '-p'];

story('drift is put right at once, without a new revision, and not invented', async (told) => {
  const { plane, namespace, operator, apply, get } = told;
  const running = await operator({ args: ['--drift-detection=correct'] });
  await apply('web', { values: { message: 'hello', replicas: 2 } });
  await untilReleased(plane, namespace, 'web');
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/web-web`;
  const configMap = `/api/v1/namespaces/${namespace}/configmaps/web-web`;
  const kubectl = (...args: string[]) =>
    mustRun('kubectl', plane.kubeconfig, [...args, '-n', namespace]);
  const specOf = async () => (await get(deployment))?.['spec'] as { replicas: number } | undefined;
  await until('the first look is over', async () => specOf().then((spec) => spec !== undefined));

  await kubectl('scale', 'deployment/web-web', '--replicas=5');
  await until(
    'the scale is put right',
    async () => (await specOf())?.replicas === 2,
    30_000,
    () => running.log(),
  );
  let view: HelmReleaseView | undefined;
  await until(
    'the status tells what it was',
    async () => {
      view = await readHelmRelease(plane, namespace, 'web');
      return JSON.stringify(view?.status['drift'] ?? {}).includes('spec.replicas: 5 instead of 2');
    },
    30_000,
    () => JSON.stringify(view?.status),
  );
  await kubectl('delete', 'deployment/web-web');
  await until(
    'the Deployment is back',
    async () => (await specOf())?.replicas === 2,
    30_000,
    () => running.log(),
  );
  await kubectl('delete', 'configmap/web-web');
  await until(
    'the ConfigMap is back',
    async () => (await get(configMap)) !== undefined,
    30_000,
    () => running.log(),
  );

  // What nobody declared is nobody's business.
  await kubectl('annotate', 'deployment/web-web', 'somebody=else');
  await kubectl('patch', 'deployment/web-web', ...PATCH, '{"spec":{"revisionHistoryLimit":3}}');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const live = (await get(deployment)) as { metadata: { annotations: Record<string, string> } };
  assert.equal(live.metadata.annotations['somebody'], 'else');
  assert.equal(((await specOf()) as { revisionHistoryLimit?: number }).revisionHistoryLimit, 3);

  const corrections = running.log().split('correcting drift').length - 1;
  assert.equal(corrections, 3, running.log());
  const history = JSON.parse(
    await mustRun('helm3', plane.kubeconfig, ['history', 'web', '-n', namespace, '-o', 'json']),
  );
  assert.equal(history.length, 1);
  const events = await kubectl(
    'get',
    'events',
    '-o',
    'jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}',
  );
  assert.match(events, /DriftCorrected: .*Deployment\/.*\/web-web changed \(spec.replicas\)/);
  assert.match(events, /DriftCorrected: .*ConfigMap\/.*\/web-web removed/);
});

story('drift is told and left where that is wanted', async (told) => {
  const { plane, namespace, operator, apply, get } = told;
  const running = await operator({ args: ['--drift-detection=warn'] });
  await apply('web', { values: { message: 'hello', replicas: 2 } });
  await untilReleased(plane, namespace, 'web');
  const kubectl = (...args: string[]) =>
    mustRun('kubectl', plane.kubeconfig, [...args, '-n', namespace]);
  await kubectl('scale', 'deployment/web-web', '--replicas=5');
  await until(
    'the drift is told',
    async () => (await kubectl('get', 'events')).includes('DriftDetected'),
    30_000,
    () => running.log(),
  );
  const deployment = (await get(`/apis/apps/v1/namespaces/${namespace}/deployments/web-web`)) as {
    spec: { replicas: number };
  };
  assert.equal(deployment.spec.replicas, 5);
});
