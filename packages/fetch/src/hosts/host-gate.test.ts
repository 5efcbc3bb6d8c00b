// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchError } from '../errors.ts';
import { HostGate } from './host-gate.ts';
import { SingleFlight } from './single-flight.ts';

const signal = new AbortController().signal;
const place = { host: 'charts.test', url: 'http://charts.test/', signal };
const down = () => Promise.reject(new FetchError('fetch/unreachable', place.url, 'refused'));

test('a host gets so many fetches at a time', async () => {
  const gate = new HostGate({ maxParallel: 2 });
  let running = 0;
  let most = 0;
  const work = async () => {
    running++;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
  };
  await Promise.all(Array.from({ length: 9 }, () => gate.run(place, work)));
  assert.equal(most, 2);
});

test('a host that fails again and again is left alone for a time that grows, and only it', async () => {
  let now = 0;
  const gate = new HostGate({ nowMs: () => now, random: () => 0.5, firstPauseMs: 100 });
  for (let count = 0; count < 3; count++) await assert.rejects(gate.run(place, down));
  let asked = 0;
  const fine = async () => ++asked;
  await assert.rejects(gate.run(place, fine), { code: 'fetch/backing-off', retry: 'transient' });
  assert.equal(asked, 0);
  assert.equal(await gate.run({ ...place, host: 'other.test' }, fine), 1);
  now += 100;
  await assert.rejects(gate.run(place, down), { code: 'fetch/unreachable' });
  now += 199;
  await assert.rejects(gate.run(place, fine), { code: 'fetch/backing-off' });
  now += 1;
  assert.equal(await gate.run(place, fine), 2);
  assert.equal(await gate.run(place, fine), 3);
});

test('what a server says of when to come again counts at once; what only one file lacks counts nothing', async () => {
  let now = 0;
  const gate = new HostGate({ nowMs: () => now });
  const limited = () =>
    Promise.reject(
      new FetchError('fetch/rate-limited', place.url, '429', { status: 429, retryAfterMs: 7_000 }),
    );
  await assert.rejects(gate.run(place, limited), { code: 'fetch/rate-limited' });
  now += 6_999;
  await assert.rejects(gate.run(place, down), { code: 'fetch/backing-off', retryAfterMs: 1 });
  now += 1;
  const missing = () => Promise.reject(new FetchError('fetch/not-found', place.url, '404'));
  for (let count = 0; count < 5; count++)
    await assert.rejects(gate.run(place, missing), { code: 'fetch/not-found' });
});

test('whoever is told to stop while waiting gives its place to the next', async () => {
  const gate = new HostGate({ maxParallel: 1 });
  const first = Promise.withResolvers<void>();
  const running = gate.run(place, () => first.promise);
  const stop = new AbortController();
  const stopped = gate.run({ ...place, signal: stop.signal }, async () => 'never');
  const last = gate.run(place, async () => 'last');
  stop.abort(new Error('enough'));
  await assert.rejects(stopped, /enough/);
  first.resolve();
  await running;
  assert.equal(await last, 'last');
});

test('one flight for all who ask; it ends when nobody waits any more', async () => {
  const flights = new SingleFlight<number>();
  let started = 0;
  let isEnded = false;
  const start = (ended: AbortSignal) => {
    started++;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    ended.addEventListener('abort', () => {
      isEnded = true;
      reject(ended.reason);
    });
    setTimeout(() => resolve(started), 20);
    return promise;
  };
  assert.deepEqual(
    await Promise.all([1, 2, 3].map(() => flights.run('a', undefined, start))),
    [1, 1, 1],
  );
  isEnded = false;
  const stops = [new AbortController(), new AbortController()];
  const waiting = stops.map((stop) => flights.run('a', stop.signal, start));
  stops[0]?.abort(new Error('one'));
  await assert.rejects(waiting[0] ?? Promise.resolve(), /one/);
  assert.equal(isEnded, false);
  stops[1]?.abort(new Error('two'));
  await assert.rejects(waiting[1] ?? Promise.resolve(), /two/);
  assert.equal(isEnded, true);
});
