// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../../test/kit/fake-clock.ts';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { recordFromJson } from './decode.ts';
import { createSecretStorage } from './drivers/secrets.ts';
import { type HeldHistory, holdHistory } from './held-history.ts';
import type { ReleaseRecord, ReleaseStatus } from './record.ts';
import type { ReleaseStorage } from './storage.ts';

function record(revision: number, status: ReleaseStatus = 'superseded', name = 'web') {
  const fields = { name, namespace: 'default', version: revision, manifest: 'x', info: { status } };
  return recordFromJson(JSON.stringify(fields));
}

/** Somebody else's view of the same cluster is `other`. */
function open(): { held: HeldHistory; other: ReleaseStorage; clock: FakeClock } {
  const clock = new FakeClock();
  const options = { cluster: new FakeCluster(), clock, namespace: 'default' } as const;
  const other = createSecretStorage({ ...options, profile: 'helm3' });
  return { held: holdHistory(other, clock), other, clock };
}

const statuses = async (storage: ReleaseStorage, name = 'web'): Promise<readonly string[]> =>
  (await storage.history(name)).records.map(
    ({ revision, info }: ReleaseRecord) => `${revision} ${info.status}`,
  );

test('what was read and written since is the history, without another read', async () => {
  const { held, other } = open();
  await other.create(record(1, 'deployed'));
  assert.deepEqual(await statuses(held), ['1 deployed']);
  const second = await held.create(record(2, 'pending-upgrade'));
  const [first] = (await held.history('web')).records;
  assert.ok(first);
  await held.update({ ...first, info: { ...first.info, status: 'superseded' } });
  await held.update({ ...second, info: { ...second.info, status: 'deployed' } });
  await other.create(record(7, 'failed'));
  assert.deepEqual(await statuses(held), ['1 superseded', '2 deployed']);
  assert.equal(await held.delete('web', 1), 'deleted');
  assert.deepEqual(await statuses(held), ['2 deployed']);
  held.forget();
  assert.deepEqual(await statuses(held), ['2 deployed', '7 failed']);
});

test('what is held is what would be read', async () => {
  const { held, other } = open();
  await statuses(held);
  const mark = { holder: 'me', step: 'x', timeoutMs: 5, finishedEvents: [] } as const;
  const created = await held.create({ ...record(1, 'pending-install'), mark });
  assert.deepEqual(await held.history('web'), await other.history('web'));
  await held.update({ ...created, mark: undefined });
  assert.deepEqual(await held.history('web'), await other.history('web'));
});

test('a write that fails ends the memory', async () => {
  const { held, other } = open();
  assert.deepEqual(await statuses(held), []);
  await other.create(record(1, 'deployed'));
  await assert.rejects(held.create(record(1)), { code: 'helm/release-exists' });
  assert.deepEqual(await statuses(held), ['1 deployed']);

  const [mine] = (await held.history('web')).records;
  assert.ok(mine);
  await other.update({ ...mine, info: { ...mine.info, status: 'failed' } });
  await assert.rejects(held.update(mine), { code: 'helm/record-conflict' });
  assert.deepEqual(await statuses(held), ['1 failed']);
});

test('it is held for one release, and not for long', async () => {
  const { held, other, clock } = open();
  assert.deepEqual(await statuses(held), []);
  assert.deepEqual(await statuses(held, 'api'), []);
  await other.create(record(1, 'deployed'));
  assert.deepEqual(await statuses(held), ['1 deployed']);
  await other.create(record(2, 'failed'));
  await clock.advance(9_000);
  assert.deepEqual(await statuses(held), ['1 deployed']);
  await clock.advance(2_000);
  assert.deepEqual(await statuses(held), ['1 deployed', '2 failed']);
});
