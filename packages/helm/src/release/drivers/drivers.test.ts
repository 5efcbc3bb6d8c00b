// SPDX-License-Identifier: Apache-2.0

/** One contract for every storage driver. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cluster, fieldAt, KubeError } from '@helm-operator/kube';
import { FakeClock } from '../../../../../test/kit/fake-clock.ts';
import { FakeCluster } from '../../../../../test/kit/fake-cluster/fake-cluster.ts';
import { JumpingClock } from '../../../../../test/kit/release-harness.ts';
import { recordFromJson } from '../decode.ts';
import { lastRecord, pruneHistory, recordsToPrune } from '../history.ts';
import type { ReleaseRecord, ReleaseStatus } from '../record.ts';
import type { ReleaseStorage } from '../storage.ts';
import { STORAGE_DRIVERS } from './drivers.ts';
import { createSecretStorage } from './secrets.ts';

function record(
  revision: number,
  status: ReleaseStatus = 'superseded',
  name = 'web',
): ReleaseRecord {
  const base = recordFromJson(
    JSON.stringify({
      name,
      namespace: 'default',
      version: revision,
      manifest: 'x',
      info: { status },
    }),
  );
  return { ...base, labels: new Map([['team', 'a']]) };
}

for (const [name, create] of STORAGE_DRIVERS) {
  const open = (): { storage: ReleaseStorage; cluster: FakeCluster } => {
    const cluster = new FakeCluster();
    const clock = new FakeClock();
    return { cluster, storage: create({ cluster, clock, namespace: 'default', profile: 'helm3' }) };
  };

  test(`${name}: what is created is read, labels and mark included`, async () => {
    const { storage } = open();
    const mark = {
      holder: 'me',
      step: 'x',
      timeoutMs: 5,
      finishedEvents: ['pre-install'] as const,
    };
    const created = await storage.create({ ...record(1, 'pending-install'), mark });
    assert.notEqual(created.resourceVersion, undefined);
    assert.deepEqual(await storage.get('web', 1), created);
    assert.deepEqual(created.mark, mark);
    assert.deepEqual([...created.labels], [['team', 'a']]);
    assert.equal(await storage.get('web', 2), undefined);
    assert.equal(await storage.get('other', 1), undefined);
  });

  test(`${name}: a revision is created once`, async () => {
    const { storage } = open();
    await storage.create(record(1));
    await assert.rejects(storage.create(record(1)), {
      code: 'helm/release-exists',
      message: 'release: already exists',
    });
  });

  test(`${name}: history is in order and of one release`, async () => {
    const { storage } = open();
    for (const revision of [10, 2, 1]) await storage.create(record(revision));
    await storage.create(record(1, 'deployed', 'web-2'));
    const { records, corrupted } = await storage.history('web');
    assert.deepEqual(
      records.map(({ revision }) => revision),
      [1, 2, 10],
    );
    assert.deepEqual(corrupted, []);
    assert.equal((await storage.list()).records.length, 4);
    assert.equal(lastRecord(records)?.revision, 10);
  });

  test(`${name}: an update replaces what was read, nothing else`, async () => {
    const { storage } = open();
    const first = await storage.create(record(1, 'pending-install'));
    const second = await storage.update({ ...first, info: { ...first.info, status: 'deployed' } });
    assert.equal((await storage.get('web', 1))?.info.status, 'deployed');
    await assert.rejects(storage.update(first), {
      code: 'helm/record-conflict',
      retry: 'transient',
    });
    await storage.update({ ...second, resourceVersion: undefined });
    await assert.rejects(storage.update(record(9)), { code: 'helm/storage' });
  });

  test(`${name}: a deleted revision is gone`, async () => {
    const { storage } = open();
    await storage.create(record(1));
    assert.equal(await storage.delete('web', 1), 'deleted');
    assert.equal(await storage.delete('web', 1), 'absent');
    assert.deepEqual((await storage.history('web')).records, []);
  });

  test(`${name}: pruning makes room for one and spares the deployed revision`, async () => {
    const { storage } = open();
    await storage.create(record(1, 'deployed'));
    for (const revision of [2, 3, 4]) await storage.create(record(revision, 'failed'));
    const { records } = await storage.history('web');
    assert.equal(await pruneHistory(storage, records, 3), 2);
    const left = (await storage.history('web')).records;
    assert.deepEqual(
      left.map(({ revision }) => revision),
      [1, 4],
    );
  });
}

test('secrets: one that cannot be read does not hide the others', async () => {
  const cluster = new FakeCluster();
  const create = STORAGE_DRIVERS.get('secret');
  assert.ok(create !== undefined);
  const storage = create({
    cluster,
    clock: new FakeClock(),
    namespace: 'default',
    profile: 'helm3',
  });
  await storage.create(record(1, 'deployed'));
  cluster.seed({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'helm.sh/release.v1',
    metadata: {
      name: 'sh.helm.release.v1.web.v2',
      namespace: 'default',
      labels: { name: 'web', owner: 'helm', status: 'deployed', version: '2' },
    },
    data: { release: 'bm90IGEgcmVsZWFzZQ==' },
  });
  const { records, corrupted } = await storage.history('web');
  assert.deepEqual(
    records.map(({ revision }) => revision),
    [1],
  );
  assert.deepEqual(
    corrupted.map(({ key, revision }) => [key, revision]),
    [['sh.helm.release.v1.web.v2', 2]],
  );
  await assert.rejects(storage.get('web', 2), { code: 'helm/record-decode' });
});

test('secrets: labels and type are those of Helm', async () => {
  const cluster = new FakeCluster();
  const create = STORAGE_DRIVERS.get('secret');
  assert.ok(create !== undefined);
  const clock = new FakeClock(1_700_000_000_999);
  const storage = create({ cluster, clock, namespace: 'default', profile: 'helm3' });
  const created = await storage.create(record(1, 'pending-install'));
  const ref = {
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: 'default',
    name: 'sh.helm.release.v1.web.v1',
  };
  const labels = { team: 'a', name: 'web', owner: 'helm', status: 'pending-install', version: '1' };
  const secret = cluster.peek(ref);
  assert.equal(secret?.['type'], 'helm.sh/release.v1');
  assert.deepEqual(fieldAt(secret ?? {}, 'metadata.labels'), {
    ...labels,
    createdAt: '1700000000',
  });
  await storage.update({ ...created, info: { ...created.info, status: 'deployed' } });
  assert.deepEqual(fieldAt(cluster.peek(ref) ?? {}, 'metadata.labels'), {
    ...labels,
    status: 'deployed',
    modifiedAt: '1700000000',
  });
});

test('records to prune', () => {
  const records = [1, 2, 3, 4].map((revision) =>
    record(revision, revision === 2 ? 'deployed' : 'failed'),
  );
  const rows: readonly (readonly [number, readonly number[]])[] = [
    [0, []],
    [10, []],
    [5, []],
    [4, [1]],
    [2, [1, 3, 4]],
    [1, [1, 3, 4]],
  ];
  for (const [max, doomed] of rows) {
    assert.deepEqual(
      recordsToPrune(records, max).map(({ revision }) => revision),
      doomed,
      `max ${max}`,
    );
  }
});

test('a write whose answer was lost is made once and has succeeded; one of somebody else is refused', async () => {
  const cluster = new FakeCluster();
  const lost = new KubeError({ code: 'kube/unreachable', message: 'no answer' });
  let losses = 0;
  /** Does its work; the answer comes through only when nothing is to be lost. */
  const lossy: Cluster = new Proxy<Cluster>(cluster, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (key !== 'create' && key !== 'replace') return value.bind(target);
      return async (...args: unknown[]) => {
        const answer: unknown = await value.apply(target, args);
        if (losses-- > 0) throw lost;
        return answer;
      };
    },
  });
  const options = { clock: new JumpingClock(), namespace: 'default', profile: 'helm3' } as const;
  const storage = createSecretStorage({ ...options, cluster: lossy });
  losses = 1;
  const created = await storage.create(record(1, 'deployed'));
  losses = 1;
  const info = { ...created.info, status: 'superseded' } as const;
  const updated = await storage.update({ ...created, info });
  assert.equal((await storage.get('web', 1))?.info.status, 'superseded');
  assert.deepEqual(await storage.get('web', 1), updated);

  await assert.rejects(storage.update({ ...created, info: { ...info, status: 'failed' } }), {
    code: 'helm/record-conflict',
  });
});
