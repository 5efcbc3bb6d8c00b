// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settle } from '../../../../test/kit/fake-clock.ts';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { KubeError } from '../errors.ts';
import { type ElectionEnd, runLeaderElection } from './leader-election.ts';
import { decodeLease, type LeaseRecord } from './lease-record.ts';

const REF = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  namespace: 'default',
  name: 'operator',
};

interface Candidate {
  readonly log: string[];
  readonly stop: AbortController;
  readonly ended: Promise<ElectionEnd>;
}

class World {
  readonly clock: FakeClock = new FakeClock();
  /** Users whose calls do not come through. */
  readonly cutOff: Set<string> = new Set();
  readonly cluster: FakeCluster = new FakeCluster({
    clock: this.clock,
    onCall: ({ user }) => {
      if (!this.cutOff.has(user ?? '')) return;
      throw new KubeError({ code: 'kube/unreachable', message: 'cut off' });
    },
  });

  enter(identity: string, mustRelease = false): Candidate {
    const log: string[] = [];
    const stop = new AbortController();
    const ended = runLeaderElection({
      ...{ cluster: this.cluster.as({ user: identity }), clock: this.clock, random: () => 0 },
      ...{ namespace: 'default', name: 'operator', identity, mustRelease, signal: stop.signal },
      lead: async (signal) => {
        log.push('leads');
        await this.clock.sleep(1e9, signal).catch(() => undefined);
        log.push('ends');
      },
      onLeader: (leader) => log.push(`sees ${leader}`),
    });
    return { log, stop, ended };
  }

  lease(): LeaseRecord {
    return decodeLease(this.cluster.peek(REF) ?? assert.fail('there is no Lease'));
  }
}

test('the first to come leads and renews with one request each time', async () => {
  const world = new World();
  const one = world.enter('one');
  await settle();
  assert.deepEqual(one.log, ['sees one', 'leads']);
  const { durationSeconds, transitions } = world.lease();
  assert.deepEqual([durationSeconds, transitions], [35, 0]);
  const before = world.cluster.calls.length;
  await world.clock.advance(60_000);
  assert.equal(world.cluster.calls.length - before, 12);
  assert.equal(world.lease().renewMs, world.clock.nowMs());
  const raw = world.cluster.peek(REF)?.['spec'];
  assert.match(JSON.stringify(raw), /"renewTime":"2026-01-01T00:01:00\.000000Z"/);
  one.stop.abort();
  assert.equal(await one.ended, 'stopped');
});

test('a second waits until the leader has been silent for its whole lease', async () => {
  const world = new World();
  const one = world.enter('one');
  await settle();
  const two = world.enter('two');
  await world.clock.advance(100_000);
  assert.deepEqual(two.log, ['sees one']);
  world.cutOff.add('one');
  await world.clock.advance(29_999);
  assert.ok(!one.log.includes('ends'));
  await world.clock.advance(2);
  assert.equal(await one.ended, 'lost');
  assert.deepEqual(one.log.slice(-1), ['ends'], 'the old leader ends before the new one begins');
  assert.deepEqual(two.log, ['sees one']);
  await world.clock.advance(11_000);
  assert.deepEqual(two.log, ['sees one', 'sees two', 'leads']);
  assert.equal(world.lease().transitions, 1);
  two.stop.abort();
  await two.ended;
});

test('a released Lease is taken at the next try', async () => {
  const world = new World();
  const one = world.enter('one', true);
  await settle();
  const two = world.enter('two');
  await world.clock.advance(7_000);
  one.stop.abort();
  assert.equal(await one.ended, 'stopped');
  assert.equal(world.lease().holder, '');
  await world.clock.advance(5_000);
  assert.deepEqual(two.log, ['sees one', 'sees two', 'leads']);
  two.stop.abort();
  await two.ended;
});

test('a Lease is given back though the last renewal came through unnoticed', async () => {
  const world = new World();
  const one = world.enter('one', true);
  await world.clock.advance(7_000);
  const lease = world.cluster.peek(REF) ?? assert.fail('there is no Lease');
  world.cluster.seed({
    ...lease,
    metadata: { ...(lease['metadata'] as object), labels: { x: 'y' } },
  });
  one.stop.abort();
  await one.ended;
  assert.equal(world.lease().holder, '');
});

test('a Lease that somebody else took is lost at once', async () => {
  const world = new World();
  const one = world.enter('one');
  await world.clock.advance(7_000);
  const lease = world.cluster.peek(REF) ?? assert.fail('there is no Lease');
  world.cluster.seed({ ...lease, spec: { ...(lease['spec'] as object), holderIdentity: 'thief' } });
  await world.clock.advance(10_000);
  assert.equal(await one.ended, 'lost');
  assert.equal(world.lease().holder, 'thief');
});

test('setting the clock ahead costs no leader its Lease, and gives it to nobody', async () => {
  const world = new World();
  const one = world.enter('one');
  await settle();
  const two = world.enter('two');
  await world.clock.advance(20_000);
  world.clock.jump(3_600_000);
  await world.clock.advance(60_000);
  assert.deepEqual([one.log.includes('ends'), two.log], [false, ['sees one']]);
  for (const { stop, ended } of [one, two]) {
    stop.abort();
    await ended;
  }
});

test('setting the clock back lets nobody lead longer than its Lease', async () => {
  const world = new World();
  const one = world.enter('one');
  await settle();
  const two = world.enter('two');
  await world.clock.advance(20_000);
  world.clock.jump(-3_600_000);
  world.cutOff.add('one');
  await world.clock.advance(50_000);
  assert.equal(await one.ended, 'lost');
  assert.deepEqual(two.log, ['sees one', 'sees two', 'leads']);
  two.stop.abort();
  await two.ended;
});

test('short failures are survived', async () => {
  const world = new World();
  const one = world.enter('one');
  await settle();
  world.cutOff.add('one');
  await world.clock.advance(25_000);
  world.cutOff.clear();
  await world.clock.advance(60_000);
  assert.ok(!one.log.includes('ends'));
  one.stop.abort();
  assert.equal(await one.ended, 'stopped');
});

test('work that ends gives the Lease back; work that fails passes its error on', async () => {
  const world = new World();
  const options = {
    ...{ cluster: world.cluster, clock: world.clock, random: () => 0, namespace: 'default' },
    ...{
      name: 'operator',
      identity: 'one',
      mustRelease: true,
      signal: new AbortController().signal,
    },
  };
  const election = runLeaderElection({ ...options, lead: async () => undefined });
  assert.equal(await election, 'stopped');
  assert.equal(world.lease().holder, '');
  const failing = runLeaderElection({
    ...options,
    lead: async () => {
      throw new Error('work failed');
    },
  });
  const failure = assert.rejects(failing, /work failed/);
  await world.clock.advance(10_000);
  await failure;
  assert.equal(world.lease().holder, '');
});

test('of two that try together one leads', async () => {
  const world = new World();
  const candidates = ['a', 'b', 'c'].map((name) => world.enter(name));
  await settle();
  const leaders = () => candidates.filter(({ log }) => log.includes('leads')).length;
  assert.equal(leaders(), 1);
  await world.clock.advance(300_000);
  assert.equal(leaders(), 1);
  for (const { stop, ended } of candidates) {
    stop.abort();
    await ended;
  }
});
