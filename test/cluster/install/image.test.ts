// SPDX-License-Identifier: Apache-2.0

/** The files of the container image, run as its container would run them: by nobody in particular, read-only, with no program beside Node. */

import assert from 'node:assert/strict';
import { globSync, statSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeImageTree } from '../../../scripts/image-tree.ts';
import { untilReleased } from '../../kit/helm-release.ts';
import { story } from '../operator/story.ts';

/** As `deploy/image/Containerfile` and the chart say. */
const USER = 65532;
const isRoot = process.getuid?.() === 0;

/** Path, mode, size and time of everything in a folder. */
function listing(folder: string): readonly string[] {
  return globSync('**/*', { cwd: folder })
    .toSorted()
    .map((path) => {
      const { mode, size, mtimeMs } = statSync(join(folder, path), { throwIfNoEntry: false }) ?? {};
      return `${path} ${mode} ${size} ${mtimeMs}`;
    });
}

story(
  'the files of the image run read-only, as user 65532, without a shell or any other program',
  async (told) => {
    const { plane, namespace, operator, apply } = told;
    const folder = await mkdtemp(join(tmpdir(), 'helm-operator-image-'));
    try {
      await chmod(folder, 0o755);
      const tree = join(folder, 'image');
      const tmp = join(folder, 'tmp');
      await makeImageTree(tree);
      await mkdir(tmp);
      const kubeconfig = join(folder, 'kubeconfig');
      await copyFile(plane.kubeconfig, kubeconfig);
      if (isRoot) for (const path of [tmp, kubeconfig]) await chown(path, USER, USER);
      // Nobody but root could write to it then.
      else
        for (const path of ['.', ...globSync('**/', { cwd: tree })])
          await chmod(join(tree, path), 0o555);
      const before = listing(tree);
      const running = await operator({
        main: join(tree, 'opt/helm-operator/bin/helm-operator.js'),
        kubeconfig,
        args: [
          `--chart-cache-dir=${tmp}/helm-operator/charts`,
          `--git-cache-dir=${tmp}/helm-operator/git`,
        ],
        env: { PATH: '', HOME: join(tree, 'root'), TMPDIR: tmp },
        ...(isRoot ? { user: USER } : {}),
      });
      await apply('web', { wait: true });
      await untilReleased(plane, namespace, 'web');
      const owner = isRoot ? USER : process.getuid?.();
      assert.equal(statSync(`/proc/${running.pid}`).uid, owner);
      assert.ok(globSync('helm-operator/charts/**/*', { cwd: tmp }).length > 0, 'charts are kept');
      assert.deepEqual(listing(tree), before);
      assert.doesNotMatch(running.log(), /EACCES|EROFS|ENOENT/);
      await running.stop();
    } finally {
      if (!isRoot)
        for (const path of ['image', ...globSync('image/**/', { cwd: folder })])
          await chmod(join(folder, path), 0o755);
      await rm(folder, { recursive: true, force: true });
    }
  },
);
