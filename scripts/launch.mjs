// SPDX-License-Identifier: Apache-2.0

/**
 * Runs a task of this repository on the pinned Node, and installs the packages first where they are missing.
 * Plain JavaScript, because the Node that starts it may be too old for TypeScript: `node scripts/launch.mjs TASK [ARGUMENTS]`.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Task → the file that does it. */
const tasks = new Map([
  ['test', 'scripts/test.ts'],
  ['test:long', 'scripts/long-test.ts'],
  ['test:fuzz', 'scripts/fuzz.ts'],
  ['lint', 'scripts/lint.ts'],
  ['build', 'scripts/build.ts'],
  ['demo', 'demo/demo.ts'],
  ['cluster', 'test/kit/control-plane/main.ts'],
  ['conformance', 'test/conformance/corpus.ts'],
  ['bench', 'test/bench/main.ts'],
]);

const [task, ...rest] = process.argv.slice(2);
const file = tasks.get(task ?? '');
if (file === undefined) {
  console.error(`usage: launch.mjs TASK, where TASK is one of: ${[...tasks.keys()].join(', ')}`);
  process.exit(2);
}

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const stamp = join(root, 'node_modules', '.installed');
const node = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);
if (!existsSync(node) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('installing the packages of package-lock.json (once) ...');
  const npm = spawnSync('npm', ['install', '--no-save', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (npm.status !== 0 || !existsSync(node)) {
    console.error('installing failed: see the lines above; `npm install` must work in this folder');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

const run = spawnSync(node, [join(root, file), ...rest], { stdio: 'inherit' });
process.exit(run.status ?? 1);
