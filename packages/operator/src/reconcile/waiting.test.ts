// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WaitProgress } from '@helm-operator/helm';
import { tellWaits, waitText } from './waiting.ts';

function awaited(name: string, message: string): WaitProgress['pending'][number] {
  return { ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name }, message };
}

const BASE = { elapsedMs: 0, timeoutMs: 300_000, done: 0 };
const TEXTS: readonly (readonly [WaitProgress, string])[] = [
  [
    { ...BASE, purpose: 'ready', total: 1, pending: [awaited('web', '0 of 1 ready')] },
    'waiting for Deployment/shop/web: 0 of 1 ready',
  ],
  [
    {
      ...BASE,
      purpose: 'ready',
      total: 7,
      done: 5,
      pending: [awaited('a', 'x'), awaited('b', 'y')],
    },
    'waiting for 2 of 7 objects: Deployment/shop/a: x; Deployment/shop/b: y',
  ],
  [
    { ...BASE, purpose: 'hook', total: 1, pending: [awaited('a', 'x')] },
    'waiting for the hook Deployment/shop/a: x',
  ],
  [
    {
      ...BASE,
      purpose: 'deletion',
      total: 4,
      pending: ['a', 'b', 'c', 'd'].map((n) => awaited(n, 'is there')),
    },
    'waiting for the deletion of 4 of 4 objects: Deployment/shop/a: is there; Deployment/shop/b: is there; Deployment/shop/c: is there; …',
  ],
];

test('what is waited for, in a line', () => {
  for (const [progress, text] of TEXTS) assert.equal(waitText(progress), text);
  const long = {
    ...BASE,
    purpose: 'ready',
    total: 1,
    pending: [awaited('a', 'x'.repeat(999))],
  } as const;
  assert.ok(waitText(long).length <= 401);
});

test('the log hears of a wait every ten seconds, the status of news, less and less often', () => {
  let nowMs = 0;
  const logged: number[] = [];
  const written: number[] = [];
  const clock = { nowMs: () => nowMs, elapsedMs: () => nowMs, sleep: () => Promise.resolve() };
  const tell = tellWaits(clock, {
    log: () => logged.push(nowMs / 1000),
    status: () => written.push(nowMs / 1000),
  });
  for (; nowMs <= 300_000; nowMs += 1_000) {
    const pending = [awaited('web', `${nowMs} since`)];
    tell({ ...BASE, purpose: 'ready', total: 1, pending });
  }
  assert.equal(logged.length, 30);
  assert.deepEqual(written, [10, 30, 70, 130, 190, 250]);
  const told = written.length;
  for (; nowMs <= 600_000; nowMs += 1_000) {
    tell({ ...BASE, purpose: 'ready', total: 1, pending: [awaited('web', 'the same')] });
  }
  assert.equal(written.length, told + 1);
});
