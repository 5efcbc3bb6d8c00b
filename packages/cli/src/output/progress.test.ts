// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WaitProgress } from '@helm-operator/helm';
import { waitListener } from './progress.ts';

const PROGRESS: WaitProgress = {
  purpose: 'ready',
  elapsedMs: 12_000,
  timeoutMs: 300_000,
  total: 5,
  done: 3,
  pending: [
    {
      ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'apps', name: 'web' },
      message: '0 out of 1 expected pods are ready',
    },
    { ref: { apiVersion: 'v1', kind: 'Pod', namespace: 'apps', name: 'x' }, message: 'a\nb' },
  ],
};

function listen(isErrors: boolean, columns: number) {
  const written: string[] = [];
  const terminal = { isOutput: false, isErrors, columns };
  const stderr = (text: string) => void written.push(text);
  return { written, listener: waitListener({ stderr, terminal }) };
}

test('elsewhere: one line for each news', () => {
  const { written, listener } = listen(false, 80);
  listener.progress?.(PROGRESS);
  listener.ended?.();
  assert.deepEqual(written, [
    'waiting for 2 of 5 objects to be ready (12s of 5m0s): Deployment/apps/web: 0 out of 1 expected pods are ready, and 1 more\n',
  ]);
});

test('elsewhere: nothing before ten seconds, as Helm prints nothing', () => {
  const { written, listener } = listen(false, 80);
  listener.progress?.({ ...PROGRESS, elapsedMs: 9_999 });
  assert.deepEqual(written, []);
});

test('on a terminal: a block that is drawn over and taken away', () => {
  const { written, listener } = listen(true, 40);
  listener.progress?.(PROGRESS);
  listener.progress?.({ ...PROGRESS, pending: [], done: 5 });
  listener.ended?.();
  const [first = '', second = '', last] = written;
  assert.deepEqual(first.split('\n'), [
    'waiting for 2 of 5 objects to be ready…',
    '  Deployment/apps/web: 0 out of 1 expe…',
    '  Pod/apps/x: a b',
    '',
  ]);
  assert.ok(second.startsWith('\u001b[3A\u001b[0J'));
  assert.equal(last, '\u001b[1A\u001b[0J');
});
