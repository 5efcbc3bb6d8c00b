// SPDX-License-Identifier: Apache-2.0

/** Every chart of the corpus renders as Helm 3.22.0 rendered it. The corpus lies beside the project, where it was put. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { checkCase, readCases } from './corpus-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, '../shared/corpus');
const isThere = existsSync(join(folder, 'cases.json'));
const isCi = process.env['CI'] === 'true';
const skip = isThere || isCi ? false : 'no corpus at ../shared/corpus: put one there';

test('every corpus case is identical to what Helm made', { skip }, () => {
  assert.ok(isThere, 'CI=true, but there is no corpus at ../shared/corpus');
  const cases = readCases(folder);
  const different = cases
    .map((row) => checkCase(folder, row))
    .filter(({ differences }) => differences.length > 0);
  assert.deepEqual(different, []);
  assert.ok(cases.length > 0);
});
