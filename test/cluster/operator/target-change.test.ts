// SPDX-License-Identifier: Apache-2.0

/** A HelmRelease that describes another release than before: the old one goes or stays, as it says. */

import assert from 'node:assert/strict';
import { readHelmRelease, until } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { makeNamespace } from '../../kit/shared-plane.ts';
import { story } from './story.ts';

story(
  'another name, another namespace: the old release is uninstalled first, or kept',
  async (told) => {
    const { plane, namespace, operator, repository } = told;
    const elsewhere = await makeNamespace(plane, 'target');
    const helm = async (where: string): Promise<readonly string[]> => {
      const text = await mustRun('helm3', plane.kubeconfig, ['list', '-n', where, '-o', 'json']);
      return (JSON.parse(text) as { name: string; status: string }[])
        .map(({ name, status }) => `${name} ${status}`)
        .toSorted();
    };
    /** Objects that carry the mark of a release. */
    const objectsOf = async (where: string, release: string): Promise<number> => {
      const { body } = await plane.call('GET', `/api/v1/namespaces/${where}/configmaps`);
      const { items } = body as { items: { metadata: { annotations?: Record<string, string> } }[] };
      const key = 'meta.helm.sh/release-name';
      return items.filter(({ metadata }) => metadata.annotations?.[key] === release).length;
    };
    const path = `/apis/helm.fluxcd.io/v1/namespaces/${namespace}/helmreleases`;
    const chart = { repository: repository.url, name: 'small', version: '1.0.0' };
    const create = (onTargetChange: string, releaseName: string) =>
      plane.call('POST', path, {
        ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
        metadata: {
          ...{ name: releaseName, namespace },
          annotations: { 'helm-operator.dev/on-target-change': onTargetChange },
        },
        spec: { releaseName, chart },
      });
    const edit = (name: string, spec: object) =>
      mustRun('kubectl', plane.kubeconfig, [
        ...['patch', `helmreleases.helm.fluxcd.io/${name}`, '-n', namespace],
        ...['--type=merge', '-p', JSON.stringify({ spec })],
      ]);
    const running = await operator();
    const settled = (name: string, release: string, generation: number) =>
      until(
        `${name} is released as ${release}`,
        async () => {
          const view = await readHelmRelease(plane, namespace, name);
          const released = view?.conditions.find(({ type }) => type === 'Released');
          return (
            released?.status === 'True' &&
            view?.status['observedGeneration'] === generation &&
            view.status['releaseName'] === release
          );
        },
        60_000,
        () => running.log(),
      );

    await create('uninstall', 'goes');
    await create('keep', 'stays');
    await settled('goes', 'goes', 1);
    await settled('stays', 'stays', 1);
    assert.deepEqual(await helm(namespace), ['goes deployed', 'stays deployed']);
    const objects = await objectsOf(namespace, 'goes');

    await edit('goes', { releaseName: 'renamed' });
    await edit('stays', { releaseName: 'second' });
    await settled('goes', 'renamed', 2);
    await settled('stays', 'second', 2);
    assert.deepEqual(await helm(namespace), [
      'renamed deployed',
      'second deployed',
      'stays deployed',
    ]);
    assert.deepEqual(
      [await objectsOf(namespace, 'goes'), await objectsOf(namespace, 'renamed')],
      [0, objects],
    );
    assert.equal(await objectsOf(namespace, 'stays'), objects, 'what is kept is not touched');

    // Records move with the release.
    await edit('goes', { targetNamespace: elsewhere });
    await settled('goes', 'renamed', 3);
    assert.deepEqual(await helm(elsewhere), ['renamed deployed']);
    assert.deepEqual(await helm(namespace), ['second deployed', 'stays deployed']);
    assert.deepEqual(
      [await objectsOf(namespace, 'renamed'), await objectsOf(elsewhere, 'renamed')],
      [0, objects],
    );
  },
);
