// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';
import { Metrics } from '../metrics/metrics.ts';
import type { TurnResult } from '../reconcile/context.ts';
import { tellRelease } from './release-info.ts';

async function setUp() {
  const world = new ReconcileWorld();
  await world.start({ n: 1 });
  const metrics = new Metrics();
  const turn = async (name?: string): Promise<TurnResult> => {
    const result = await world.turn(name);
    assert.ok(result !== 'crashed');
    return result;
  };
  const shown = async () => {
    const { text } = await metrics.page();
    return text.split('\n').filter((line) => line.startsWith('helm_operator_release_info{'));
  };
  return { world, metrics, turn, shown };
}

test('each release shows the chart and the status of its newest revision, once', async () => {
  const { world, metrics, turn, shown } = await setUp();
  const first = await turn();
  tellRelease(metrics, undefined, first);
  const [line = ''] = await shown();
  assert.match(line, /release_name="web",chart="fake",chart_version="1\.0\.0"/);
  assert.match(line, /revision="1",status="deployed"\} 1$/);
  await world.edit({ n: 2 });
  tellRelease(metrics, first.intent, await turn());
  const after = await shown();
  assert.equal(after.length, 1);
  assert.match(after[0] ?? '', /revision="2"/);
});

test('a release that is left, or gone, is shown no more; one of somebody else is not touched', async () => {
  const { metrics, turn, shown } = await setUp();
  const result = await turn();
  const { intent } = result;
  assert.ok(intent !== undefined);
  tellRelease(metrics, undefined, result);
  tellRelease(metrics, intent, { ...result, record: undefined, isRecordKnown: false });
  assert.equal((await shown()).length, 1, 'nobody looked');
  tellRelease(metrics, intent, { ...result, isForeign: true, record: undefined });
  assert.equal((await shown()).length, 1, 'its owner tells');
  const other = { ...intent, release: { name: 'other', namespace: 'apps' } };
  tellRelease(metrics, intent, { ...result, intent: other });
  assert.match(
    (await shown()).join('\n'),
    /^helm_operator_release_info\{target_namespace="apps",release_name="other"[^\n]*$/,
  );
  tellRelease(metrics, other, { ...result, intent: other, record: undefined, isRecordKnown: true });
  assert.deepEqual(await shown(), []);
});
