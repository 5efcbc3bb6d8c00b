// SPDX-License-Identifier: Apache-2.0

/** `node scripts/generate-references.ts`: writes the pages of docs/reference that are made from tables in the code. */

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printFailureReference } from './reference/failures.ts';
import { printHelmReleaseReference } from './reference/helm-release.ts';
import { printOperatorReference } from './reference/operator.ts';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/reference');

/** File → what makes it. */
export const REFERENCES: ReadonlyMap<string, () => string> = new Map([
  ['operator.md', printOperatorReference],
  ['helm-release.md', printHelmReleaseReference],
  ['failures.md', printFailureReference],
]);

/** The page as it is on file. */
export function readReference(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, print] of REFERENCES) writeFileSync(join(folder, name), print());
