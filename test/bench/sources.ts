// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run bench -- sources`: what fetching costs, beside the programs it replaces: every `sources-*.ts`, one after the other.
 * The figures go to `test/results/sources-DATE.json`.
 */

import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeFigures } from './figures.ts';

const folder = dirname(fileURLToPath(import.meta.url));
for (const file of globSync('sources-*.ts', { cwd: folder }).sort()) {
  process.stdout.write(`\n${file}\n`);
  await import(pathToFileURL(join(folder, file)).href);
}
writeFigures('sources');
