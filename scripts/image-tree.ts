// SPDX-License-Identifier: Apache-2.0

/**
 * `node scripts/image-tree.ts --out FOLDER`: the files that the container image adds to its base. `deploy/image/Containerfile` copies them to `/`.
 *
 * The operator writes under /tmp alone; everything here may be read-only and belong to somebody else.
 */

import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleCommand, EXTERNAL } from './build/bundle-command.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const HOME = 'opt/helm-operator';

/** Folders that people mount something at, empty in the image. */
const MOUNT_POINTS: readonly string[] = [
  'etc/fluxd/ssh',
  'etc/fluxd/known-hosts',
  'etc/fluxd/repositories',
  'etc/fluxd/kube',
  'etc/fluxd/api-token',
  'root/.ssh',
  'root/.cache/helm/plugins',
  'root/.local/share/helm/plugins',
];

/** Makes the tree in a folder, which is emptied before. */
export async function makeImageTree(out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  const home = join(out, HOME);
  await bundleCommand(join(home, 'bundle'));
  cpSync(join(root, 'packages/cli/bin'), join(home, 'bin'), { recursive: true });
  for (const name of EXTERNAL)
    cpSync(join(root, 'node_modules', name), join(home, 'node_modules', name), {
      recursive: true,
      dereference: true,
      filter: (path) => !/\/(lightweight|types?)$|\.(map|d\.ts)$/.test(path),
    });
  cpSync(join(root, 'LICENSE'), join(home, 'LICENSE'));
  writeFileSync(join(home, 'package.json'), '{"type":"module"}\n');
  for (const folder of MOUNT_POINTS) mkdirSync(join(out, folder), { recursive: true });
  mkdirSync(join(out, 'usr/local/bin'), { recursive: true });
  symlinkSync(`/${HOME}/bin/helm-operator.js`, join(out, 'usr/local/bin/helm-operator'));
  makeReadable(out);
}

/** Whoever runs it may read all and write nothing. */
function makeReadable(out: string): void {
  for (const entry of globSync('**/*', { cwd: out, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || entry.name === 'helm-operator.js';
    chmodSync(path, isProgram ? 0o755 : 0o644);
  }
  chmodSync(out, 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const out = resolve(values.out ?? join(root, 'dist/image'));
  await makeImageTree(out);
  process.stdout.write(`${out}\n`);
}
