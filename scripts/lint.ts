// SPDX-License-Identifier: Apache-2.0

/** Format, lint rules, promises and types; ends with exit code 1 at the first that complains. */

import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const steps: readonly (readonly string[])[] = [
  ['biome', 'check', '.'],
  [
    'oxlint',
    '--type-aware',
    // node:test's `test()` gives a promise that nobody awaits.
    '--ignore-pattern=**/*.test.ts',
    '--allow=all',
    '--deny=typescript/no-floating-promises',
    '--deny=typescript/no-misused-promises',
    'packages',
    'test',
    'scripts',
    'demo',
    'examples',
  ],
  ['tsc', '-p', '.'],
];

for (const [tool, ...args] of steps) {
  process.stdout.write(`${tool}\n`);
  const { status } = spawnSync(join(root, 'node_modules/.bin', tool ?? ''), args, {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}
