// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_BUDGET } from '@helm-operator/chart';
import { budgetOf, hostLimits, parseLimit } from './limits.ts';

test('limits add up by name', () => {
  const limits = parseLimit('memoryMiB=64', parseLimit('steps=10', parseLimit('steps=5')));
  assert.deepEqual(limits, { steps: 10, memoryMiB: 64 });
  assert.deepEqual(budgetOf(limits), { ...DEFAULT_BUDGET, steps: 10 });
  assert.deepEqual(hostLimits(limits), {
    memoryLimitMiB: 64,
    timeLimitMs: 60_000,
    budget: { steps: 10 },
  });
});

test('what is no limit, and what is no number, is refused', () => {
  for (const text of ['', 'step=1', 'toString=1', 'steps=1=2']) {
    assert.throws(() => parseLimit(text), {
      message: /^must be NAME=NUMBER, where NAME is steps, /,
    });
  }
  for (const text of [
    'steps',
    'steps=',
    'steps=0',
    'steps=-1',
    'steps=1e3',
    'steps=99999999999999999',
  ]) {
    assert.throws(() => parseLimit(text), { message: /^the limit steps must be a whole number/ });
  }
});
