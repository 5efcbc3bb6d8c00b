// SPDX-License-Identifier: Apache-2.0

/** `flux.weave.works/v1beta1` beside `helm.fluxcd.io/v1`: served, and never two hands on one release. */

import assert from 'node:assert/strict';
import { DIALECTS } from '@helm-operator/api';
import { until, untilReleased } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { applyCrd } from '../../kit/original-operator.ts';
import { type Story, story } from '../operator/story.ts';

const LEGACY = 'flux.weave.works/v1beta1';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

interface LegacyRelease {
  readonly metadata: { readonly generation: number };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: Condition[] };
}

const path = (namespace: string, name = '') =>
  `/apis/${LEGACY}/namespaces/${namespace}/helmreleases${name === '' ? '' : `/${name}`}`;

async function applyLegacy({ plane, namespace, repository }: Story, values: object): Promise<void> {
  const object = {
    apiVersion: LEGACY,
    kind: 'HelmRelease',
    metadata: { name: 'web', namespace },
    spec: {
      releaseName: 'web',
      chart: { repository: repository.url, name: 'web', version: '1.0.0' },
      values,
    },
  };
  const { status, body } = await plane.call(
    'PATCH',
    `${path(namespace, 'web')}?fieldManager=kit&force=true`,
    object,
    'application/apply-patch+yaml',
  );
  assert.ok(status < 300, JSON.stringify(body));
}

async function untilLegacy(
  { get, namespace }: Story,
  what: string,
  isTrue: (released: Condition, release: LegacyRelease) => boolean,
): Promise<LegacyRelease> {
  let last: LegacyRelease | undefined;
  await until(
    what,
    async () => {
      last = (await get(path(namespace, 'web'))) as LegacyRelease | undefined;
      const released = last?.status?.conditions?.find(({ type }) => type === 'Released');
      return last !== undefined && released !== undefined && isTrue(released, last);
    },
    60_000,
    () => JSON.stringify(last),
  );
  if (last === undefined) throw new Error('gone');
  return last;
}

const isDone = (released: Condition, { metadata, status }: LegacyRelease): boolean =>
  released.status === 'True' && status?.observedGeneration === metadata.generation;

story('the kind of old is served, and followed by the newer one of the same name', async (told) => {
  const { plane, namespace, operator, apply, get, podUids } = told;
  for (const { crd } of DIALECTS) await applyCrd(plane, crd);
  await until(
    'it is served',
    async () => (await plane.call('GET', path(namespace))).status === 200,
  );
  const process = await operator();
  await applyLegacy(told, { message: 'old' });
  const { status } = await untilLegacy(told, 'the release of old is released', isDone);
  assert.deepEqual(
    status?.conditions?.map(({ type, reason }) => [type, reason]),
    [
      ['ChartFetched', 'RepoChartInCache'],
      ['Released', 'HelmSuccess'],
    ],
  );
  const pods = await podUids();

  await apply('web', { values: { message: 'old' } });
  await untilReleased(plane, namespace, 'web');
  const superseded = ({ status: value, message }: Condition) =>
    value === 'Unknown' && message.includes('helm.fluxcd.io/v1 HelmRelease');
  await untilLegacy(told, 'the older one steps aside', superseded);
  assert.deepEqual(await podUids(), pods, 'no pod restarts');

  await applyLegacy(told, { message: 'ignored' });
  await plane.call('DELETE', path(namespace, 'web'));
  await until(
    'the older one is gone',
    async () => (await get(path(namespace, 'web'))) === undefined,
  );
  const config = await get(`/api/v1/namespaces/${namespace}/configmaps/web-web`);
  assert.deepEqual(config?.['data'], { message: 'old' }, process.log().slice(-2_000));
  const listed = await mustRun('helm3', plane.kubeconfig, ['list', '-q', '-n', namespace]);
  assert.equal(listed.trim(), 'web', 'the release stays');
});
