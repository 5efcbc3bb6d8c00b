// SPDX-License-Identifier: Apache-2.0

/** Somebody deletes the definition of HelmRelease while objects of it exist that were not moved. */

import assert from 'node:assert/strict';
import { DIALECTS } from '@helm-operator/api';
import { until } from '../../kit/helm-release.ts';
import { applyCrd } from '../../kit/original-operator.ts';
import { type Story, story } from './story.ts';

const LEGACY = 'flux.weave.works/v1beta1';
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/helmreleases.flux.weave.works';

async function applyLegacy({ plane, namespace, repository }: Story): Promise<void> {
  const path = `/apis/${LEGACY}/namespaces/${namespace}/helmreleases`;
  const chart = { repository: repository.url, name: 'web', version: '1.0.0' };
  await until('the kind is served', async () => {
    const { status } = await plane.call('POST', path, {
      apiVersion: LEGACY,
      kind: 'HelmRelease',
      metadata: { name: 'web', namespace },
      spec: { releaseName: 'web', chart },
    });
    return status === 201;
  });
  await until(
    'it is released',
    async () =>
      JSON.stringify((await plane.call('GET', `${path}/web`)).body).includes('HelmSuccess'),
    60_000,
  );
}

story(
  'when the definition of HelmRelease is deleted, releases stay and can be taken up again',
  async (told) => {
    const { plane, namespace, operator, get, podUids } = told;
    const crd = DIALECTS.find(({ apiVersion }) => apiVersion === LEGACY)?.crd;
    assert.ok(crd !== undefined);
    await applyCrd(plane, crd);
    const running = await operator();
    await applyLegacy(told);
    const pods = await podUids();
    assert.ok(pods.length > 0);

    await plane.call('DELETE', CRD);
    await until('the definition is gone', async () => (await get(CRD)) === undefined, 60_000);
    assert.match(running.log(), /the definition of HelmRelease is being deleted/);
    const record = `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.web.v1`;
    assert.ok((await get(record)) !== undefined, 'the record stays');
    assert.deepEqual(await podUids(), pods);
    let events = '';
    await until('an event tells of it', async () => {
      events = JSON.stringify(await get(`/api/v1/namespaces/${namespace}/events`));
      return events.includes('DefinitionDeleted');
    });
    assert.match(events, /release 'web' .* was not uninstalled: the definition/);

    await applyCrd(plane, crd);
    await applyLegacy(told);
    assert.deepEqual(await podUids(), pods, 'no pod was started anew');
  },
);
