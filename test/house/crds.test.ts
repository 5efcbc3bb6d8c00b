// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staleCrds } from '../../scripts/generate-crds.ts';

test('deploy/crds is what packages/api says; else run scripts/generate-crds.ts', () => {
  assert.deepEqual(staleCrds(), []);
});
