// SPDX-License-Identifier: Apache-2.0

/** The files of the container image, run as its container would run them: read-only, by user 65532, with no program beside Node. */

import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeImageTree } from '../../../scripts/image-tree.ts';
import { untilReleased } from '../../kit/helm-release.ts';
import { story } from '../operator/story.ts';
import { canContain, makeContainer } from './container.ts';
import { installChart } from './installed-chart.ts';

const USER = 65532;
const isContained = canContain();

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-image-'));
  try {
    await chmod(folder, 0o755);
    await work(folder);
  } finally {
    for (const path of globSync('**/', { cwd: folder })) await chmod(join(folder, path), 0o755);
    await rm(folder, { recursive: true, force: true });
  }
}

story(
  'in a container of the image, with the flags and the account of the chart, the operator leads and releases',
  async (told) => {
    const { plane, namespace, operator, apply, get } = told;
    const chart = await installChart(told, ['rbac.profile=least-privilege', 'workers=2']);
    await inFolder(async (folder) => {
      const root = join(folder, 'root');
      const { command, env } = await makeContainer(root, plane, chart.account);
      assert.ok(
        !['bin/sh', 'usr/bin/sh', 'usr/bin/env'].some((path) => existsSync(join(root, path))),
      );
      const running = await operator({
        ...{ command, env, kubeconfig: '' },
        args: chart.args.filter((arg) => !arg.startsWith('--log-format')),
      });
      await apply('web', { wait: true, test: { enable: true } });
      await untilReleased(plane, namespace, 'web');
      const lease = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/helm-operator`;
      assert.ok((await get(lease)) !== undefined, 'it leads in the namespace of its pod');
      const status = readFileSync(`/proc/${running.pid}/status`, 'utf8');
      assert.match(status, new RegExp(`^Uid:\\t${USER}\\t${USER}\\t`, 'm'));
      const tmp = `/proc/${running.pid}/root/tmp/helm-operator/charts`;
      assert.ok(globSync('**/*', { cwd: tmp }).length > 1, 'charts are kept in /tmp');
      assert.throws(() => statSync(`/proc/${running.pid}/root/usr/bin`));
      assert.doesNotMatch(running.log(), /EACCES|EROFS|ENOENT|forbidden/);
      await running.stop();
      assert.equal(running.exitCode(), 0, running.log());
    });
    await chart.uninstall();
  },
  isContained ? undefined : 'only root can make a container here',
);

story(
  'the files of the image run read-only, without any other program',
  async ({ plane, namespace, operator, apply }) => {
    await inFolder(async (folder) => {
      const [tree, tmp] = [join(folder, 'image'), join(folder, 'tmp')];
      await makeImageTree(tree);
      await mkdir(tmp);
      for (const path of globSync('**/', { cwd: tree })) await chmod(join(tree, path), 0o555);
      const running = await operator({
        main: join(tree, 'opt/helm-operator/bin/helm-operator.js'),
        kubeconfig: plane.kubeconfig,
        args: [`--chart-cache-dir=${tmp}/charts`, `--git-cache-dir=${tmp}/git`],
        env: { PATH: '', HOME: join(tree, 'root'), TMPDIR: tmp },
      });
      await apply('web', { wait: true });
      await untilReleased(plane, namespace, 'web');
      assert.doesNotMatch(running.log(), /EACCES|EROFS|ENOENT/);
      await running.stop();
    });
  },
  isContained ? 'shown in a container' : undefined,
);
