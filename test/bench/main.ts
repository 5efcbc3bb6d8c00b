// SPDX-License-Identifier: Apache-2.0

/** `npm run bench -- NAME`: runs one benchmark; without a name it lists them. */

import { existsSync, globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runBuild } from '../../scripts/run-build.ts';

const here = dirname(fileURLToPath(import.meta.url));
const [name] = process.argv.slice(2);
const file = join(here, `${name ?? ''}.ts`);

if (name === undefined || name === 'main' || !existsSync(file)) {
  const names = globSync('*.ts', { cwd: here })
    .map((path) => basename(path, '.ts'))
    .filter((found) => found !== 'main')
    .sort();
  process.stdout.write(`usage: npm run bench -- NAME, where NAME is one of: ${names.join(', ')}\n`);
  process.exitCode = 2;
} else {
  process.argv.splice(2, 1);
  runBuild();
  await import(pathToFileURL(file).href);
}
