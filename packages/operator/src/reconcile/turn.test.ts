// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ReleaseIntent } from '@helm-operator/api';
import { Redactor } from '@helm-operator/chart';
import type { Logger } from '../logging/logger.ts';
import type { ReconcileContext, TurnResult } from './context.ts';
import { Turn } from './turn.ts';

function endedTurn(): { readonly turn: WeakRef<Turn>; readonly redact: TurnResult['redact'] } {
  const intent = { profile: 'helm3', storageNamespace: 'apps', finalizers: [] };
  const context = { ports: { cluster: {}, clock: {} } };
  const turn = new Turn(
    intent as unknown as ReleaseIntent,
    {},
    context as ReconcileContext,
    {} as Logger,
  );
  turn.redactor = new Redactor(['swordfish']);
  return { turn: new WeakRef(turn), redact: turn.end({ kind: 'rest' }).redact };
}

test('who keeps the redaction of a turn does not keep the turn, its records and its chart', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { turn, redact } = endedTurn();
  await setImmediate();
  collect();
  assert.equal(turn.deref(), undefined);
  assert.equal(redact?.('the word is swordfish'), 'the word is ***');
});
