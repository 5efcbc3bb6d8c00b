// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../../test/kit/fake-clock.ts';
import {
  FakeCluster,
  type FakeClusterOptions,
} from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import type { JsonObject } from '../cluster.ts';
import { EventRecorder, type ObjectEvent } from './event-recorder.ts';

const SUBJECT = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'default',
  name: 'web',
  uid: 'u',
};

function setUp(options: FakeClusterOptions = {}): {
  readonly clock: FakeClock;
  readonly cluster: FakeCluster;
  readonly recorder: EventRecorder;
  readonly troubles: unknown[];
  record(message: string, more?: Partial<ObjectEvent>): Promise<void>;
  events(): JsonObject[];
} {
  const clock = new FakeClock();
  const cluster = new FakeCluster({ clock, ...options });
  const troubles: unknown[] = [];
  const recorder = new EventRecorder({
    ...{ cluster, clock, component: 'helm-operator', instance: 'pod-1', random: () => 0.5 },
    onTrouble: (error) => troubles.push(error),
  });
  return {
    ...{ clock, cluster, recorder, troubles },
    async record(message, more = {}) {
      recorder.record({ subject: SUBJECT, type: 'Normal', reason: 'Installed', message, ...more });
      await recorder.flush();
    },
    events: () => cluster.objects().filter((object) => object['kind'] === 'Event'),
  };
}

test('an event says what happened to which object', async () => {
  const { record, events } = setUp();
  await record('release web installed');
  const [event] = events();
  assert.deepEqual(event?.['involvedObject'], { ...SUBJECT, resourceVersion: '' });
  assert.equal(event?.['message'], 'release web installed');
  assert.equal(event?.['firstTimestamp'], '2026-01-01T00:00:00Z');
  assert.deepEqual(event?.['source'], { component: 'helm-operator', host: 'pod-1' });
  assert.equal(event?.['reportingComponent'], 'helm-operator');
});

test('the same event again only counts up, another one is another', async () => {
  const { clock, record, events } = setUp();
  await record('one');
  await clock.advance(1_000);
  await record('one');
  await record('two');
  assert.deepEqual(
    events().map((event) => [event['message'], event['count'], event['lastTimestamp']]),
    [
      ['one', 2, '2026-01-01T00:00:01Z'],
      ['two', 1, '2026-01-01T00:00:01Z'],
    ],
  );
});

test('an event that the API server forgot is written anew', async () => {
  const { clock, cluster, record, events } = setUp();
  await record('one');
  const [{ metadata } = {}] = events();
  const { name } = metadata as { name: string };
  cluster.unseed({ apiVersion: 'v1', kind: 'Event', namespace: 'default', name });
  await clock.advance(1);
  await record('one');
  assert.equal(events().length, 1);
  assert.equal(events()[0]?.['count'], 1);
});

test('a chatty object is cut short, others are not', async () => {
  const { clock, record, events, troubles } = setUp();
  for (let index = 0; index < 40; index++) {
    await clock.advance(1);
    await record(`message ${index}`);
  }
  assert.equal(events().length, 25);
  assert.equal(troubles.length, 1);
  await record('other', { subject: { ...SUBJECT, name: 'api', uid: 'v' } });
  assert.equal(events().length, 26);
  await clock.advance(5 * 60_000);
  await record('later');
  assert.equal(events().length, 27);
});

test('failures are told, never thrown', async () => {
  const { record, troubles } = setUp({ authorize: () => false });
  await record('one');
  assert.equal(troubles.length, 1);
});

test('events that are called the same count up and tell the newest message', async () => {
  const { record, events } = setUp();
  await record('pod web-a fails', { sameAs: 'web' });
  await record('pod web-b fails', { sameAs: 'web' });
  assert.deepEqual(
    events().map(({ count, message }) => [count, message]),
    [[2, 'pod web-b fails']],
  );
});
