// SPDX-License-Identifier: Apache-2.0

/** Options, values and owners. Source: spec helm-operator.md §1.3, §2.7, §2.8, §5, §10.3 (5, 13 to 17, 26). */

import assert from 'node:assert/strict';
import { applyHelmRelease, readHelmRelease } from '../../kit/helm-release.ts';
import { makeNamespace } from '../../kit/shared-plane.ts';
import { crdChart } from './promise-chart.ts';
import type { Promised, PromisedCase } from './promised.ts';

const MARK = 'helm.fluxcd.io/antecedent';

const annotationsOf = (object: Record<string, unknown> | undefined) =>
  (object?.['metadata'] as { annotations?: Record<string, string> } | undefined)?.annotations ?? {};

async function isServed(world: Promised, plural: string): Promise<boolean> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  return (await world.told.get(`${path}/${plural}.promise.test`)) !== undefined;
}

export const OPTION_CASES: readonly PromisedCase[] = [
  {
    title: 'api: what the definition refuses, prunes and keeps',
    isSample: true,
    tell: async (world, name) => {
      const { namespace, plane } = world.told;
      const path = `/apis/helm.fluxcd.io/v1/namespaces/${namespace}/helmreleases`;
      const send = (spec: object | undefined) =>
        plane.call('POST', path, {
          ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
          metadata: { name, annotations: { 'helm-operator.dev/suspend': 'true' } },
          ...(spec === undefined ? {} : { spec }),
        });
      const refused: readonly (object | undefined)[] = [
        undefined,
        {},
        { chart: {}, helmVersion: 'v4' },
        { chart: {}, valuesFrom: [{ configMapKeyRef: {} }] },
        { chart: {}, valuesFrom: [{ secretKeyRef: { key: 'k' } }] },
        { chart: {}, valueFileSecrets: [{}] },
      ];
      for (const spec of refused)
        assert.equal((await send(spec)).status, 422, JSON.stringify(spec) ?? 'no spec');
      const values = { any: { thing: [1, { deep: null }] } };
      const { status, body } = await send({ chart: {}, unknown: 1, values });
      assert.equal(status, 201);
      assert.deepEqual((body as { spec: object }).spec, { chart: {}, values });
    },
  },
  {
    title: 'options: --allow-namespace leaves other namespaces alone',
    tell: async (world, name) => {
      const { plane, namespace, repository } = world.told;
      const other = await makeNamespace(plane, 'foreign');
      const chart = { repository: repository.url, name: 'promise', version: '1.0.0' };
      await applyHelmRelease(plane, other, name, { releaseName: name, chart });
      await world.apply(name);
      await world.released(name);
      assert.deepEqual((await readHelmRelease(plane, other, name))?.status, {});
      assert.notEqual(other, namespace);
    },
  },
  {
    title: 'values: a ConfigMap or Secret that is missing is told, and used once it is there',
    tell: async (world, name) => {
      const other = await makeNamespace(world.told.plane, 'other');
      const document = (n: string, message: string) => ({
        metadata: { name: n },
        ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { 'values.yaml': `message: ${message}` } },
      });
      const config = { configMapKeyRef: { name: `${name}-config` } };
      const elsewhere = { configMapKeyRef: { name: `${name}-config`, namespace: other } };
      const secret = { secretKeyRef: { name: `${name}-secret`, key: 'k', optional: true } };
      await world.apply(name, { valuesFrom: [config] });
      await world.released(name, 'False');
      await world.create('configmaps', document(`${name}-config`, 'one'));
      await world.released(name);
      assert.equal(await world.message(name), 'one');
      await world.apply(name, { valuesFrom: [elsewhere] });
      await world.released(name, 'False');
      const path = `/api/v1/namespaces/${other}/configmaps`;
      await world.told.plane.call('POST', path, document(`${name}-config`, 'two'));
      await world.released(name);
      assert.equal(await world.message(name), 'two');
      await world.apply(name, { valuesFrom: [elsewhere, secret] });
      await world.released(name);
      await world.create('secrets', {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: `${name}-secret` } },
        stringData: { k: 'message: three' },
      });
      await world.untilThat(
        'the Secret counts',
        async () => (await world.message(name)) === 'three',
      );
    },
  },
  {
    title: 'options: skipCRDs leaves CRDs out; without it they are made, and stay',
    tell: async (world, name) => {
      const { repository } = world.told;
      const letters = name.replaceAll(/[^a-z]/g, '');
      const kinds = [`Skip${letters}`, `Make${letters}`] as const;
      for (const kind of kinds) repository.add(await crdChart(kind));
      const chart = (kind: string) => ({
        ...{ repository: repository.url, name: `crd-${kind.toLowerCase()}`, version: '1.0.0' },
      });
      await world.apply(name, { chart: chart(kinds[0]), skipCRDs: true });
      await world.released(name);
      assert.equal(await isServed(world, `${kinds[0].toLowerCase()}s`), false);
      await world.apply(`${name}-two`, { chart: chart(kinds[1]) });
      await world.released(`${name}-two`);
      assert.equal(await isServed(world, `${kinds[1].toLowerCase()}s`), true);
      await world.remove(`${name}-two`);
      await world.untilThat(
        'it is gone',
        async () => (await world.view(`${name}-two`)) === undefined,
      );
      assert.equal(await isServed(world, `${kinds[1].toLowerCase()}s`), true);
    },
  },
  {
    title:
      'options: a field nobody knows is left out as by Helm 3.22, with disableOpenAPIValidation too',
    tell: async (world, name) => {
      const values = { bogus: true };
      await world.apply(name, { values });
      await world.released(name);
      const more = { bogus: true, message: 'two' };
      await world.apply(name, { values: more, disableOpenAPIValidation: true });
      await world.released(name);
      assert.equal(await world.message(name), 'two');
    },
  },
  {
    title: 'a chart may hold a HelmRelease, which follows its parent',
    tell: async (world, name) => {
      const child = (message: string) => ({
        values: { child: { repository: world.told.repository.url, message } },
      });
      await world.apply(name, child('one'));
      await world.released(name);
      await world.released(`${name}-child`);
      await world.apply(name, child('two'));
      await world.released(name);
      await world.untilThat(
        'the child follows',
        async () => (await world.message(`${name}-child`)) === 'two',
      );
      assert.equal((await world.released(`${name}-child`)).observedGeneration, 2);
    },
  },
  {
    title: 'owners: two HelmReleases with one release never uninstall each other',
    isSample: true,
    tell: async (world, name) => {
      const { namespace } = world.told;
      const owner = `${namespace}:helmrelease/${name}`;
      await world.apply(name, { values: { message: 'mine' } });
      await world.released(name);
      for (const path of ['/api/v1/namespaces/NS/services/', '/api/v1/namespaces/NS/configmaps/'])
        assert.equal(annotationsOf(await world.object(`${path}${name}`))[MARK], owner);

      const twin = `${name}-twin`;
      await world.apply(twin, { releaseName: name, values: { message: 'theirs' } });
      const view = await world.released(twin, 'False');
      assert.match(
        view.conditions.find(({ type }) => type === 'Released')?.message ?? '',
        new RegExp(`release appears to be managed by '${owner}'`),
      );
      await world.remove(twin);
      await world.untilThat('the twin is gone', async () => (await world.view(twin)) === undefined);
      assert.equal(await world.message(name), 'mine');

      const orphan = { [`helm-operator.dev/orphan`]: 'true' };
      await world.kubectl(
        ...['annotate', `helmreleases.helm.fluxcd.io/${name}`],
        ...Object.entries(orphan).map(([key, value]) => `${key}=${value}`),
      );
      await world.remove(name);
      await world.untilThat('it is gone', async () => (await world.view(name)) === undefined);
      assert.equal(await world.message(name), 'mine', 'its release stays');
      await world.apply(twin, { releaseName: name, values: { message: 'theirs' } });
      await world.released(twin);
      assert.equal(await world.message(name), 'theirs', 'and is free for another');
      await world.remove(twin);
      await world.untilThat('it is gone', async () => (await world.view(twin)) === undefined);
      assert.equal(await world.message(name), undefined);
    },
  },
];
