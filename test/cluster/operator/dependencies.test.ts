// SPDX-License-Identifier: Apache-2.0

/** Releases that wait for others, and releases that are left alone. */

import assert from 'node:assert/strict';
import { readHelmRelease, until, untilReleased } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { story } from './story.ts';

story('a release waits for its dependency and is woken by it', async (told) => {
  const { plane, namespace, operator, repository } = told;
  const kubectl = (...args: string[]) =>
    mustRun('kubectl', plane.kubeconfig, [...args, '-n', namespace]);
  const annotate = (name: string, text: string) =>
    kubectl('annotate', `helmreleases.helm.fluxcd.io/${name}`, '--overwrite', text);
  const running = await operator();
  const messageOf = async (name: string) =>
    (await readHelmRelease(plane, namespace, name))?.conditions.find(
      ({ type }) => type === 'Released',
    )?.message ?? '';
  const saying = (name: string, text: string) =>
    until(
      `${name} says "${text}"`,
      async () => (await messageOf(name)).includes(text),
      20_000,
      () => running.log(),
    );

  // Suspended before anybody looked: nothing is made.
  const create = (name: string, annotation: string, value: string) =>
    plane.call('POST', `/apis/helm.fluxcd.io/v1/namespaces/${namespace}/helmreleases`, {
      ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
      metadata: { name, namespace, annotations: { [annotation]: value } },
      spec: {
        releaseName: name,
        chart: { repository: repository.url, name: 'web', version: '1.0.0' },
      },
    });
  await create('db', 'helm-operator.dev/suspend', 'true');
  await create('web', 'helm-operator.dev/depends-on', 'db');
  await saying('web', `dependency '${namespace}/db' is not ready`);
  assert.equal(await kubectl('get', 'secrets', '-l', 'owner=helm', '-o', 'name'), '');

  const startedMs = Date.now();
  await annotate('db', 'helm-operator.dev/suspend-');
  await untilReleased(plane, namespace, 'db');
  await untilReleased(plane, namespace, 'web');
  assert.ok(Date.now() - startedMs < 29_000, 'it was woken, not found at the next look');

  await annotate('db', 'helm-operator.dev/suspend=perhaps');
  await saying('db', 'helm-operator.dev/suspend must be "true" or "false"');

  // Suspended, then deleted: the release stays.
  await annotate('db', 'helm-operator.dev/suspend=true');
  await kubectl('delete', 'helmreleases.helm.fluxcd.io/db', '--timeout=20s');
  const list = JSON.parse(
    await mustRun('helm3', plane.kubeconfig, ['list', '-n', namespace, '-o', 'json']),
  );
  assert.deepEqual(list.map(({ name }: { name: string }) => name).sort(), ['db', 'web']);
});

story('a person asks for an upgrade, and for another look', async (told) => {
  const { plane, namespace, operator, apply } = told;
  const running = await operator();
  await apply('web', {});
  await untilReleased(plane, namespace, 'web');
  await mustRun('kubectl', plane.kubeconfig, [
    ...['annotate', 'helmreleases.helm.fluxcd.io/web', '-n', namespace],
    ...['reconcile.fluxcd.io/requestedAt=one', 'reconcile.fluxcd.io/forceAt=one'],
  ]);
  const revisions = async () =>
    JSON.parse(
      await mustRun('helm3', plane.kubeconfig, ['history', 'web', '-n', namespace, '-o', 'json']),
    ).length as number;
  await until(
    'it was upgraded once',
    async () => (await revisions()) === 2,
    20_000,
    () => running.log(),
  );
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  assert.equal(await revisions(), 2, 'once');
});
