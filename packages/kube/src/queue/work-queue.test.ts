// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settle } from '../../../../test/kit/fake-clock.ts';
import { WorkQueue } from './work-queue.ts';
import { runWorkers } from './workers.ts';

function setUp(): { readonly clock: FakeClock; readonly queue: WorkQueue } {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock, random: () => 0 });
  return { clock, queue };
}

test('a key waits once, in its order', async () => {
  const { queue } = setUp();
  for (const key of ['a', 'b', 'a', 'c']) queue.add(key);
  assert.deepEqual([await queue.take(), await queue.take(), await queue.take()], ['a', 'b', 'c']);
  assert.equal(queue.stats().working, 3);
});

test('a key that is worked on comes again only when it is done', async () => {
  const { queue } = setUp();
  queue.add('a');
  await queue.take();
  queue.add('a');
  queue.add('a');
  assert.equal(queue.stats().waiting, 0);
  const next = queue.take();
  await settle();
  queue.done('a');
  assert.equal(await next, 'a');
  queue.done('a');
  assert.deepEqual(queue.stats(), { waiting: 0, delayed: 0, working: 0, oldestWaitMs: 0 });
});

test('delayed keys come at their time, the earlier of two', async () => {
  const { clock, queue } = setUp();
  const log: string[] = [];
  void runWorkers(
    queue,
    1,
    async (key) => void log.push(`${key}@${clock.nowMs() - start}`),
    assert.fail,
  );
  const start = clock.nowMs();
  queue.addAfter('a', 5_000);
  queue.addAfter('a', 9_000);
  queue.addAfter('b', 3_000);
  queue.addAfter('b', 1_000);
  queue.addAfter('c', 20_000);
  queue.add('c');
  await clock.advance(30_000);
  assert.deepEqual(log, ['c@0', 'b@1000', 'a@5000']);
  assert.equal(clock.sleepers, 0);
});

test('a failing key backs off on its own, up to the limit, until it is forgotten', async () => {
  const { queue } = setUp();
  const pauses = Array.from({ length: 12 }, () => queue.retry('a'));
  assert.deepEqual(pauses.slice(0, 4), [1_000, 2_000, 4_000, 8_000]);
  assert.equal(pauses.at(-1), 15 * 60_000);
  assert.equal(queue.retry('b'), 1_000);
  assert.equal(queue.failuresOf('a'), 12);
  queue.forget('a');
  assert.equal(queue.retry('a'), 1_000);
});

test('the next pause can be told before it begins', () => {
  const clock = new FakeClock();
  let draws = 0;
  const queue = new WorkQueue({ clock, random: () => ++draws / 10 });
  const told = queue.pauseOf('a');
  assert.equal(queue.pauseOf('a'), told);
  assert.equal(queue.retry('a'), told);
  assert.ok(queue.pauseOf('a') > told);
  queue.forget('a');
  assert.ok(queue.pauseOf('a') <= 1_000);
});

test('B27: many failing keys do not come back together', () => {
  let draw = 0;
  const queue = new WorkQueue({ clock: new FakeClock(), random: () => (draw++ % 10) / 10 });
  const pauses = new Set(Array.from({ length: 10 }, (_, index) => queue.retry(String(index))));
  assert.equal(pauses.size, 10);
});

test('workers run side by side, but never two on one key', async () => {
  const { clock, queue } = setUp();
  const running = new Set<string>();
  let most = 0;
  const work = async (key: string): Promise<void> => {
    assert.ok(!running.has(key));
    running.add(key);
    most = Math.max(most, running.size);
    await clock.sleep(10);
    running.delete(key);
  };
  const ended = runWorkers(queue, 3, work, assert.fail);
  for (let turn = 0; turn < 5; turn++) {
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
    await clock.advance(15);
  }
  assert.equal(most, 3);
  await clock.advance(100);
  await queue.drain();
  await ended;
});

test('an error is told and the key retried', async () => {
  const { clock, queue } = setUp();
  const errors: string[] = [];
  let calls = 0;
  const work = async (): Promise<void> => {
    calls += 1;
    if (calls === 1) throw new Error('once');
    queue.forget('a');
  };
  void runWorkers(queue, 2, work, (error, key) => errors.push(`${key}: ${String(error)}`));
  queue.add('a');
  await clock.advance(999);
  assert.equal(calls, 1);
  await clock.advance(1);
  assert.equal(calls, 2);
  assert.deepEqual(errors, ['a: Error: once']);
});

test('draining waits for the running work and gives out nothing more', async () => {
  const { clock, queue } = setUp();
  const log: string[] = [];
  const work = async (key: string): Promise<void> => {
    await clock.sleep(100);
    log.push(key);
  };
  const ended = runWorkers(queue, 1, work, assert.fail);
  queue.add('a');
  queue.add('b');
  queue.addAfter('c', 50);
  await settle();
  let isDrained = false;
  const drained = queue.drain().then(() => {
    isDrained = true;
  });
  queue.add('d');
  await settle();
  assert.equal(isDrained, false);
  await clock.advance(1_000);
  await drained;
  await ended;
  assert.deepEqual(log, ['a']);
  assert.equal(clock.sleepers, 0);
});

test('what waits for a key can be taken back', async () => {
  const { clock, queue } = setUp();
  queue.add('a');
  queue.addAfter('b', 10);
  queue.remove('a');
  queue.remove('b');
  await clock.advance(20);
  assert.equal(queue.stats().waiting, 0);
});

test('work that waits gives its place away, and goes on beyond it', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock, random: () => 0 });
  const log: string[] = [];
  const gates = new Map(['a', 'b', 'c'].map((key) => [key, Promise.withResolvers<void>()]));
  const ended = runWorkers(
    queue,
    1,
    async (key, place) => {
      log.push(`${key} begins`);
      if (key === 'a') place.leave();
      await gates.get(key)?.promise;
      place.enter();
      log.push(`${key} ends`);
    },
    assert.fail,
  );
  for (const key of gates.keys()) queue.add(key);
  await settle();
  assert.deepEqual(log, ['a begins', 'b begins']);
  gates.get('a')?.resolve();
  gates.get('b')?.resolve();
  await settle();
  assert.deepEqual(log, ['a begins', 'b begins', 'a ends', 'b ends', 'c begins']);
  gates.get('c')?.resolve();
  await queue.drain();
  await ended;
});
