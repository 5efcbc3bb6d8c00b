// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deletionObstacle } from './deletion.ts';

test('an object that is being deleted is held by its finalizers', () => {
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  const finalizers = ['pets.test/clings', 'foregroundDeletion'];
  assert.deepEqual(deletionObstacle({ metadata: { deletionTimestamp, finalizers } }), {
    kind: 'finalizer',
    reason:
      'being deleted since 2026-01-01T00:00:00Z, held by finalizers: pets.test/clings, foregroundDeletion',
  });
  assert.equal(deletionObstacle({ metadata: { deletionTimestamp } }), undefined);
  assert.equal(deletionObstacle({ metadata: { finalizers } }), undefined);
});
