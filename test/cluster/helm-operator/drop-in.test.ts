// SPDX-License-Identifier: Apache-2.0

/** The image of Helm Operator 1.4 is replaced by ours: its definition, objects, marks and Helm 3.7.0 records stay as they are. */

import assert from 'node:assert/strict';
import { ATTEMPT_ANNOTATION } from '@helm-operator/api';
import {
  applyHelmRelease,
  deleteHelmRelease,
  readHelmRelease,
  until,
  untilReleased,
} from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { originalStatus, withOriginalCrd } from '../../kit/original-operator.ts';
import { runCli } from '../../kit/run-cli.ts';
import { type Story, story } from '../operator/story.ts';
import { restoreRelease } from './recorded-release.ts';

const V1 = 'helm.fluxcd.io/v1';
const FIELDS: ReadonlySet<string> = new Set([
  ...['conditions', 'lastAttemptedRevision', 'observedGeneration', 'phase', 'releaseName'],
  ...['releaseStatus', 'revision', 'rollbackCount'],
]);

const spec = ({ repository }: Story, values: object) => ({
  releaseName: 'web',
  chart: { repository: repository.url, name: 'web', version: '1.0.0' },
  values,
});

async function history({ plane, namespace }: Story): Promise<readonly number[]> {
  const args = ['history', 'web', '-n', namespace, '-o', 'json'];
  const revisions = JSON.parse(await mustRun('helm3', plane.kubeconfig, args));
  return revisions.map(({ revision }: { revision: number }) => revision);
}

/** As the original left it: two revisions, its marks, its status, no finalizer. */
async function leave(told: Story): Promise<void> {
  const { plane, namespace } = told;
  await restoreRelease(plane, namespace, `${namespace}:helmrelease/web`);
  await applyHelmRelease(plane, namespace, 'web', spec(told, { message: 'two' }));
  const path = `/apis/${V1}/namespaces/${namespace}/helmreleases/web/status`;
  const status = originalStatus({ name: 'web', namespace }, '1.0.0');
  const { status: code, body } = await plane.call('PATCH', path, { status }, MERGE);
  assert.equal(code, 200, JSON.stringify(body));
}

const MERGE = 'application/merge-patch+json';

async function object({ get, namespace }: Story): Promise<{ metadata: Metadata }> {
  const found = await get(`/apis/${V1}/namespaces/${namespace}/helmreleases/web`);
  return found as unknown as { metadata: Metadata };
}

interface Metadata {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
}

const onOriginal = (name: string, tell: (told: Story) => Promise<void>): void =>
  story(name, (told) => withOriginalCrd(told.plane, V1, () => tell(told)));

onOriginal(
  'a release of the original is taken over as it is, and each later change behaves',
  async (told) => {
    const { plane, namespace, operator, podUids, get } = told;
    await leave(told);
    const pods = await podUids();
    assert.equal(pods.length, 2);
    const process = await operator();
    // Its turn has looked, and ended.
    await until('it is taken over', async () => process.log().includes('no changes'));
    assert.deepEqual((await object(told)).metadata.finalizers, ['helm.fluxcd.io/release']);
    const taken = await untilReleased(plane, namespace, 'web');
    assert.deepEqual(await history(told), [1, 2], 'nothing is released anew');
    assert.deepEqual(await podUids(), pods, 'no pod restarts');
    assert.equal(taken.phase, 'Succeeded');

    await applyHelmRelease(plane, namespace, 'web', spec(told, { message: 'three' }));
    const edited = await untilReleased(plane, namespace, 'web');
    assert.deepEqual(await history(told), [1, 2, 3]);
    assert.deepEqual(
      Object.keys(edited.status).filter((field) => !FIELDS.has(field)),
      [],
    );
    assert.equal(edited.status['releaseStatus'], 'deployed');
    const { annotations = {} } = (await object(told)).metadata;
    assert.equal(JSON.parse(annotations[ATTEMPT_ANNOTATION] ?? '{}').action, 'upgrade');

    await mustRun('helm3', plane.kubeconfig, ['rollback', 'web', '2', '-n', namespace]);
    const message = async () => {
      const config = await get(`/api/v1/namespaces/${namespace}/configmaps/web-web`);
      return (config as { data: { message: string } } | undefined)?.data.message;
    };
    await until('a rollback by hand is put right', async () => (await message()) === 'three');

    await deleteHelmRelease(plane, namespace, 'web');
    await until(
      'it is gone',
      async () => (await readHelmRelease(plane, namespace, 'web')) === undefined,
    );
    assert.equal(await get(`/apis/apps/v1/namespaces/${namespace}/deployments/web-web`), undefined);
  },
);

onOriginal('what was tried is remembered across a restart', async (told) => {
  const { plane, namespace, operator } = told;
  await leave(told);
  const first = await operator();
  await applyHelmRelease(plane, namespace, 'web', spec(told, { message: 'four' }));
  await untilReleased(plane, namespace, 'web');
  await first.stop();
  await operator();
  await applyHelmRelease(plane, namespace, 'other', { ...spec(told, {}), releaseName: 'other' });
  await untilReleased(plane, namespace, 'other');
  assert.deepEqual(await history(told), [1, 2, 3]);
});

onOriginal('one command gives everything back to the original', async (told) => {
  const { plane, namespace, operator, podUids } = told;
  await leave(told);
  const pods = await podUids();
  const running = await operator();
  await applyHelmRelease(plane, namespace, 'web', spec(told, { message: 'two', replicas: 2 }));
  await untilReleased(plane, namespace, 'web');
  await running.stop();
  const args = ['hand-back', '--kubeconfig', plane.kubeconfig, '-n', namespace];
  const { code, stdout, stderr } = await runCli(args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /web \(helm.fluxcd.io\/v1\) handed back/);
  const { finalizers = [], annotations = {} } = (await object(told)).metadata;
  assert.deepEqual(finalizers, []);
  assert.equal(annotations[ATTEMPT_ANNOTATION], undefined);
  await deleteHelmRelease(plane, namespace, 'web');
  assert.equal(await readHelmRelease(plane, namespace, 'web'), undefined, 'nothing holds it');
  assert.deepEqual(await podUids(), pods, 'the release is left alone');
});
