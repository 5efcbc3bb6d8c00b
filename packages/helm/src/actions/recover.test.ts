// SPDX-License-Identifier: Apache-2.0

/** A release action is stopped after every single step, and after every single call; what is begun is then finished. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '@helm-operator/gocompat';
import { Crash, configMap, Harness } from '../../../../test/kit/release-harness.ts';
import { recordFromJson } from '../release/decode.ts';
import { lastRecord } from '../release/history.ts';
import type { OperationMark, ReleaseStatus } from '../release/record.ts';
import { install } from './install.ts';
import { decideRecovery, type RecoveryFacts, resume, unlock } from './recover.ts';
import { rollback } from './rollback.ts';
import { uninstall } from './uninstall.ts';
import { upgrade } from './upgrade.ts';

const HOOK = (name: string, event: string) => configMap(name, 'a: b', [`helm.sh/hook: ${event}`]);
const HOOKS = [
  HOOK('before', 'pre-install,pre-upgrade,pre-rollback,pre-delete'),
  HOOK('after', 'post-install,post-upgrade,post-rollback,post-delete'),
];
const FIRST = { documents: [configMap('a'), configMap('b'), ...HOOKS] };
const SECOND = { documents: [configMap('a', 'a: c'), configMap('new'), ...HOOKS] };

interface Story {
  readonly name: string;
  readonly prepare: (harness: Harness) => Promise<unknown>;
  readonly act: (harness: Harness) => Promise<unknown>;
  readonly objects: readonly string[];
  readonly data: string | undefined;
  readonly statuses: readonly string[];
}

const nothing = async (): Promise<void> => {};
const first = (harness: Harness) => install(harness.options(FIRST), harness.context());
const second = (harness: Harness) => upgrade(harness.options(SECOND), harness.context());

const STORIES: readonly Story[] = [
  {
    name: 'install',
    prepare: nothing,
    act: first,
    objects: ['a', 'after', 'b', 'before'],
    data: 'b',
    statuses: ['1 deployed'],
  },
  {
    name: 'upgrade',
    prepare: first,
    act: second,
    objects: ['a', 'after', 'before', 'new'],
    data: 'c',
    statuses: ['1 superseded', '2 deployed'],
  },
  {
    name: 'rollback',
    prepare: async (harness) => {
      await first(harness);
      await second(harness);
    },
    act: (harness) => rollback({ ...harness.options(FIRST), toRevision: 1 }, harness.context()),
    objects: ['a', 'after', 'b', 'before'],
    data: 'b',
    statuses: ['1 superseded', '2 superseded', '3 deployed'],
  },
  {
    name: 'uninstall',
    prepare: first,
    act: (harness) =>
      uninstall({ ...harness.options(FIRST), canBeAbsent: true }, harness.context()),
    objects: ['after', 'before'],
    data: undefined,
    statuses: [],
  },
];

/** Goes on as the operator would: resume what is begun, begin again what is not. */
async function goOn(harness: Harness, story: Story): Promise<void> {
  const last = lastRecord(await harness.records());
  const decision = decideRecovery(last, {
    nowMs: harness.clock.nowMs(),
    timeoutMs: 60_000,
    isDead: (holder) => holder === 'me',
  });
  const isDone = (await harness.statuses()).join() === story.statuses.join();
  if (decision.kind === 'resume') {
    await resume(harness.options(FIRST), { ...harness.context(), holder: 'the next' });
  } else {
    assert.equal(decision.kind, 'none');
    if (!isDone) await story.act(harness);
  }
}

async function assertDone(harness: Harness, story: Story, where: string): Promise<void> {
  assert.deepEqual(await harness.statuses(), story.statuses, where);
  const names = harness.objects().map((name) => name.replace('ConfigMap/', ''));
  assert.deepEqual(names, story.objects, where);
  const live = harness.cluster.peek({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: 'default',
    name: 'a',
  });
  assert.deepEqual((live?.['data'] as { a: string } | undefined)?.a, story.data, where);
  for (const record of await harness.records()) assert.equal(record.mark, undefined, where);
}

for (const story of STORIES) {
  test(`${story.name}: stopped after any step, it is finished`, async () => {
    let stops = 0;
    for (let stopAt = 0; ; stopAt++) {
      const harness = new Harness();
      await story.prepare(harness);
      const from = harness.steps.length;
      harness.onStep = (step) => {
        if (harness.steps.length - from === stopAt + 1) throw new Crash(step.name);
      };
      let isStopped = false;
      try {
        await story.act(stoppable(harness));
      } catch {
        isStopped = true;
      }
      harness.onStep = () => {};
      const where = `stopped after step ${stopAt} (${harness.steps[from + stopAt]?.name})`;
      await goOnUntilDone(harness, story, where);
      if (!isStopped) break;
      stops++;
    }
    assert.ok(stops >= 8, `${stops} stops`);
  });

  for (const phase of ['before', 'after'] as const) {
    test(`${story.name}: stopped ${phase} any call takes effect, it is finished`, async () => {
      let stops = 0;
      for (let stopAt = 0; ; stopAt++) {
        let calls = Number.NEGATIVE_INFINITY;
        const stop = new AbortController();
        const harness: Harness = new Harness('helm3', {
          onCall: (_call, at) => {
            if (at === phase && calls++ === stopAt) stop.abort(new Crash('stop'));
            if (calls > stopAt) stop.signal.throwIfAborted();
          },
        });
        await story.prepare(harness);
        calls = 0;
        let isStopped = false;
        try {
          await story.act(stoppable(harness, stop));
        } catch {
          isStopped = true;
        }
        calls = Number.NEGATIVE_INFINITY;
        await goOnUntilDone(harness, story, `stopped ${phase} call ${stopAt}`);
        if (!isStopped) break;
        stops++;
      }
      assert.ok(stops >= 8, `${stops} stops`);
    });
  }
}

/** From the first stop on, nothing more is written: the process is gone. */
function stoppable(harness: Harness, stop: AbortController = new AbortController()): Harness {
  const context = harness.context.bind(harness);
  const options = harness.options.bind(harness);
  const reached = (step: Parameters<Harness['onStep']>[0]): void => {
    harness.steps.push(step);
    try {
      harness.onStep(step);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  return Object.assign(Object.create(harness) as Harness, {
    context: () => context({ signal: stop.signal, reached }),
    options,
  });
}

async function goOnUntilDone(harness: Harness, story: Story, where: string): Promise<void> {
  await goOn(harness, story);
  await assertDone(harness, story, where);
}

const FACTS: RecoveryFacts = {
  nowMs: 0,
  timeoutMs: 300_000,
  isDead: (holder) => holder === 'dead',
};
const SINCE = Date.UTC(2026, 0, 1);
const MARK: OperationMark = { holder: 'dead', step: 'x', timeoutMs: 60_000, finishedEvents: [] };

test('what to do with a record somebody works on', () => {
  const rows: readonly (readonly [ReleaseStatus, string | undefined, number, string])[] = [
    ['deployed', undefined, 0, 'none'],
    ['failed', undefined, 0, 'none'],
    ['pending-install', 'dead', 0, 'resume'],
    ['pending-upgrade', 'alive', 119_999, 'wait'],
    ['pending-upgrade', 'alive', 120_000, 'resume'],
    ['pending-upgrade', undefined, 359_999, 'wait'],
    ['pending-rollback', undefined, 360_000, 'unlock'],
    ['uninstalling', 'dead', 0, 'resume'],
    ['uninstalling', undefined, 360_000, 'resume'],
  ];
  for (const [status, holder, lateMs, kind] of rows) {
    const times = { last_deployed: '2026-01-01T00:00:00Z', deleted: '2026-01-01T00:00:00Z' };
    const base = recordFromJson(JSON.stringify({ name: 'x', info: { status, ...times } }));
    const mark = holder === undefined ? undefined : { ...MARK, holder };
    const decision = decideRecovery({ ...base, mark }, { ...FACTS, nowMs: SINCE + lateMs });
    assert.equal(decision.kind, kind, `${status} of ${holder} after ${lateMs}`);
  }
  assert.deepEqual(decideRecovery(undefined, FACTS), { kind: 'none' });
  const foreign = recordFromJson('{"info":{"status":"pending-upgrade"}}');
  assert.equal(decideRecovery(foreign, { ...FACTS, mustUnlockAtOnce: true }).kind, 'unlock');
});

test('unlock marks the record failed, so that the next upgrade may begin', async () => {
  const harness = new Harness();
  harness.onStep = ({ name }) => {
    if (name === 'record-pending') throw new Crash('stop');
  };
  await assert.rejects(first(harness));
  harness.onStep = () => {};
  const record = await unlock(harness.options(FIRST), harness.context());
  assert.equal(record?.info.status, 'failed');
  assert.equal(record?.info.description, "Release unlocked from stale 'pending-install' state");
  assert.equal(await unlock(harness.options(FIRST), harness.context()), undefined);
  await second(harness);
  assert.deepEqual(await harness.statuses(), ['1 superseded', '2 deployed']);
});

test('two at work: the one whose record was taken writes no more', async () => {
  const harness = new Harness();
  await first(harness);
  harness.onStep = ({ name }) => {
    // Somebody else takes the record over while this one is at work.
    if (name === 'pre-hooks-done') harness.onStep = () => {};
    if (name !== 'record-pending') return;
    const name2 = 'sh.helm.release.v1.web.v2';
    const secret = harness.cluster.peek({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: 'default',
      name: name2,
    });
    assert.ok(secret !== undefined);
    harness.cluster.seed({
      ...secret,
      metadata: { ...(secret['metadata'] as object), annotations: { taken: 'yes' } },
    });
  };
  await assert.rejects(second(harness), { code: 'helm/action-failed', retry: 'transient' });
  assert.deepEqual(await harness.statuses(), ['1 deployed', '2 pending-upgrade']);
  assert.deepEqual(harness.objects(), ['ConfigMap/a', 'ConfigMap/after', 'ConfigMap/b']);
});

test('a pending upgrade is finished though the revision before it is gone', async () => {
  const harness = new Harness();
  await first(harness);
  harness.onStep = ({ name }) => {
    if (name === 'record-pending') throw new Crash();
  };
  await assert.rejects(second(harness));
  harness.onStep = () => {};
  await harness.storage.delete('web', 1);
  const record = await resume(harness.options(SECOND), harness.context());
  assert.equal(record?.info.status, 'deployed');
  assert.ok(harness.log.some(({ message }) => message.includes('stays behind')));
  assert.ok(harness.objects().includes('ConfigMap/new'));
});

test('a revision that vanishes while it is followed by the next one is no error', async () => {
  const harness = new Harness();
  await first(harness);
  harness.onStep = ({ name }) => {
    if (name !== 'post-hooks-done') return;
    void harness.cluster.delete({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: 'default',
      name: 'sh.helm.release.v1.web.v1',
    });
  };
  assert.equal((await second(harness)).info.status, 'deployed');
  assert.deepEqual(await harness.statuses(), ['2 deployed']);
});

test('a newest revision that cannot be read does not block the next', async () => {
  const harness = new Harness();
  await first(harness);
  await second(harness);
  const metadata = new Map([
    ['name', 'sh.helm.release.v1.web.v2'],
    ['namespace', 'default'],
  ]);
  const labels = new Map([
    ['owner', 'helm'],
    ['name', 'web'],
    ['status', 'deployed'],
    ['version', '2'],
  ]);
  await harness.cluster.replace(
    new Map<string, Value>([
      ['apiVersion', 'v1'],
      ['kind', 'Secret'],
      ['type', 'helm.sh/release.v1'],
      ['metadata', new Map<string, Value>([...metadata, ['labels', labels]])],
      ['data', new Map([['release', 'bm9uc2Vuc2U=']])],
    ]),
  );
  const record = await upgrade(harness.options(FIRST), harness.context());
  assert.deepEqual([record.revision, record.info.status], [3, 'deployed']);
  assert.deepEqual(await harness.statuses(), ['1 superseded', '3 deployed']);
});

test('a person who stops a command leaves no pending record', async () => {
  const rows = [
    ['install', first, 'Release "web" failed: context canceled', ['1 failed']],
    ['upgrade', second, 'Upgrade "web" failed: context canceled', ['1 deployed', '2 failed']],
  ] as const;
  for (const [name, act, description, statuses] of rows) {
    const harness = new Harness();
    if (name === 'upgrade') await first(harness);
    const stop = new AbortController();
    harness.onStep = (step) => {
      if (step.name === 'object-done') stop.abort();
    };
    const context = harness.context.bind(harness);
    const change = { signal: stop.signal, abortGraceMs: 5_000, holder: undefined };
    harness.context = () => context(change);
    await assert.rejects(act(harness), { message: 'context canceled' });
    const last = lastRecord(await harness.records());
    assert.equal(last?.info.description, description);
    assert.deepEqual(await harness.statuses(), statuses);
  }
});
