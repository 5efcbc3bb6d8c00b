// SPDX-License-Identifier: Apache-2.0

/** Real Helm works on our releases, and we go on with those it made. */

import assert from 'node:assert/strict';
import { applyHelmRelease, until, untilReleased } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { story, WEB_CHART } from './story.ts';

for (const helm of ['helm3', 'helm4'] as const) {
  story(
    `${helm} lists, shows, rolls back and uninstalls what we made`,
    async ({ plane, namespace, operator, apply, get }) => {
      const process = await operator();
      await apply('web', { values: { message: 'one' } });
      await untilReleased(plane, namespace, 'web');
      await apply('web', { values: { message: 'two' } });
      await untilReleased(plane, namespace, 'web');
      await process.stop();
      const run = (...args: string[]) =>
        mustRun(helm, plane.kubeconfig, [...args, '-n', namespace]);

      const [listed] = JSON.parse(await run('list', '-o', 'json'));
      assert.equal(listed.name, 'web');
      assert.equal(listed.revision, '2');
      assert.equal(listed.status, 'deployed');
      assert.equal(JSON.parse(await run('history', 'web', '-o', 'json')).length, 2);
      const all = await run('get', 'all', 'web');
      assert.match(all, /message: two/);
      assert.match(all, /# Source: web\/templates\/deployment.yaml/);
      assert.match(all, /helm.sh\/hook: pre-install,pre-upgrade/);
      assert.match(all, /serves "two"/);
      await run('rollback', 'web', '1', '--wait', '--timeout', '20s');
      const config = await get(`/api/v1/namespaces/${namespace}/configmaps/web-web`);
      assert.deepEqual(config?.['data'], { message: 'one' });
      // Helm 4.2.1 may wait its whole timeout for a hook object that is gone already.
      await run('uninstall', 'web', '--timeout', '15s');
      assert.equal(
        await get(`/apis/apps/v1/namespaces/${namespace}/deployments/web-web`),
        undefined,
      );
    },
  );
}

story(
  'a release made by real helm is taken over without a pod restart',
  async ({ plane, namespace, operator, repository, podUids }) => {
    await mustRun('helm3', plane.kubeconfig, [
      'install',
      'web',
      WEB_CHART,
      '-n',
      namespace,
      '--set',
      'message=mine',
      '--wait',
      '--timeout',
      '60s',
    ]);
    const before = await podUids();
    assert.equal(before.length, 2);
    await operator();
    await applyHelmRelease(plane, namespace, 'web', {
      releaseName: 'web',
      chart: { repository: repository.url, name: 'web', version: '1.0.0' },
      values: { message: 'mine' },
    });
    await untilReleased(plane, namespace, 'web');
    assert.deepEqual(await podUids(), before);
    const history = JSON.parse(
      await mustRun('helm3', plane.kubeconfig, ['history', 'web', '-n', namespace, '-o', 'json']),
    );
    assert.equal(history.at(-1).status, 'deployed');
  },
);

story(
  'a manual change of the release is noticed and put right',
  async ({ plane, namespace, operator, apply, get }) => {
    await operator();
    await apply('web', { values: { message: 'declared' } });
    await untilReleased(plane, namespace, 'web');
    await mustRun('helm3', plane.kubeconfig, [
      'upgrade',
      'web',
      WEB_CHART,
      '-n',
      namespace,
      '--set',
      'message=by-hand',
      '--wait',
      '--timeout',
      '60s',
    ]);
    await until('the declared values are back', async () => {
      const config = await get(`/api/v1/namespaces/${namespace}/configmaps/web-web`);
      return JSON.stringify(config?.['data']) === '{"message":"declared"}';
    });
    await mustRun('helm3', plane.kubeconfig, ['uninstall', 'web', '-n', namespace, '--wait']);
    await until('the release is installed again', async () => {
      const deployment = await get(`/apis/apps/v1/namespaces/${namespace}/deployments/web-web`);
      return deployment !== undefined;
    });
  },
);
