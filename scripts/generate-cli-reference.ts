// SPDX-License-Identifier: Apache-2.0

/** `node scripts/generate-cli-reference.ts`: writes docs/reference/cli.md from the commands. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM, printReference } from '@helm-operator/cli';

const file = join(import.meta.dirname, '../docs/reference/cli.md');
writeFileSync(file, printReference(PROGRAM));
process.stdout.write(`${file}\n`);
