// SPDX-License-Identifier: Apache-2.0

/** docs/reference/api.md says what the packages of the engine export. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { apiReference } from '../../scripts/generate-api-reference.ts';

test('the reference of the packages is up to date, and every export is documented', () => {
  const { markdown, undocumented } = apiReference();
  assert.deepEqual(undocumented, []);
  const file = join(import.meta.dirname, '../../docs/reference/api.md');
  assert.equal(
    readFileSync(file, 'utf8'),
    markdown,
    'run `node scripts/generate-api-reference.ts`',
  );
});
