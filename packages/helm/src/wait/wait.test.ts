// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@helm-operator/kube';
import { Harness } from '../../../../test/kit/release-harness.ts';
import { waitForDeletion } from './deletion.ts';
import { waitAsHelm3 } from './helm3.ts';
import { waitForHook } from './hook.ts';
import { waitAsKstatus } from './kstatus.ts';
import { WaitError } from './wait-error.ts';

const podRef = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name });

function pod(name: string, status: JsonObject, labels: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels },
    status,
  };
}

const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const starting = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };
const options = { timeoutMs: 9_000, mustWaitForJobs: false };

async function waitError(wait: Promise<unknown>): Promise<WaitError> {
  try {
    await wait;
  } catch (error) {
    assert.ok(error instanceof WaitError, String(error));
    return error;
  }
  throw new Error('the wait should have failed');
}

test('Helm 3: what is ready becomes so in one walk', async () => {
  const harness = new Harness();
  harness.cluster.seed(pod('a', ready));
  harness.cluster.seed(pod('b', starting));
  const sleep = harness.clock.sleep.bind(harness.clock);
  harness.clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    harness.cluster.seed(pod('b', ready));
  };
  await waitAsHelm3([podRef('a'), podRef('b')], options, harness.context());
  // a, b; then b; then both once more, together.
  const gets = harness.cluster.calls.filter(({ verb }) => verb === 'get').map(({ name }) => name);
  assert.deepEqual(gets, ['a', 'b', 'b', 'a', 'b']);
});

test('Helm 3: the end of the budget names the culprit', async () => {
  const harness = new Harness();
  const broken = {
    phase: 'Pending',
    containerStatuses: [
      {
        name: 'c',
        ready: false,
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
        lastState: { terminated: { reason: 'OOMKilled' } },
      },
    ],
  };
  const { metadata } = harness.cluster.seed(pod('a', broken));
  const { uid } = metadata as { uid: string };
  for (const [i, message] of ['one', 'two', 'three', 'four'].entries()) {
    harness.cluster.seed({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `e${i}`, namespace: 'default' },
      involvedObject: { uid },
      reason: 'BackOff',
      message,
      lastTimestamp: `2026-01-01T00:00:0${i}Z`,
    });
  }
  harness.cluster.setLog('default', 'a', 'boom: password\n', 'c');
  const context = harness.context({ redact: (text) => text.replaceAll('password', '***') });
  const error = await waitError(waitAsHelm3([podRef('a')], options, context));
  assert.equal(error.message, 'context deadline exceeded');
  assert.equal(error.code, 'helm/wait-timeout');
  assert.equal(error.retry, 'transient');
  assert.deepEqual(error.notReady, [
    {
      ref: podRef('a'),
      message: 'Pod a is not ready',
      podReason: 'container c: CrashLoopBackOff: back-off 10s (last ended with OOMKilled)',
      events: ['BackOff: two', 'BackOff: three', 'BackOff: four'],
      logTail: 'boom: ***\n',
    },
  ]);
});

test('Helm 3: a failed job ends the wait, one that nobody waits for does not', async () => {
  const harness = new Harness();
  const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: 'j' };
  harness.cluster.seed({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'default' },
    spec: { backoffLimit: 0 },
    status: { failed: 1 },
  });
  await waitAsHelm3([ref], options, harness.context());
  const error = await waitError(
    waitAsHelm3([ref], { ...options, mustWaitForJobs: true }, harness.context()),
  );
  assert.equal(error.message, 'job is failed: default/j');
  assert.equal(error.code, 'helm/wait-failed');
});

test('Helm 3: an object that is gone ends the wait; told to stop, it stops', async () => {
  const harness = new Harness();
  await assert.rejects(waitAsHelm3([podRef('none')], options, harness.context()), {
    code: 'helm/wait-failed',
  });
  harness.cluster.seed(pod('a', starting));
  const signal = AbortSignal.abort();
  await assert.rejects(waitAsHelm3([podRef('a')], options, harness.context({ signal })), {
    name: 'AbortError',
  });
});

test('Helm 4: every object that is not ready has its line', async () => {
  const harness = new Harness('helm4');
  harness.cluster.seed(pod('a', ready));
  harness.cluster.seed(pod('b', starting));
  const refs = ['a', 'b', 'none'].map(podRef);
  const error = await waitError(waitAsKstatus(refs, options, harness.context()));
  assert.equal(
    error.message,
    'resource Pod/default/b not ready. status: InProgress, message: Pod is running but is not Ready\nresource Pod/default/none not ready. status: NotFound, message: Resource not found\ncontext deadline exceeded',
  );
  assert.equal(error.notReady.length, 2);
});

test('Helm 4: a failure is final, the others are awaited', async () => {
  const harness = new Harness('helm4');
  const crashing = {
    phase: 'Running',
    containerStatuses: [{ name: 'c', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
  };
  harness.cluster.seed(pod('bad', crashing));
  harness.cluster.seed(pod('late', starting));
  const sleep = harness.clock.sleep.bind(harness.clock);
  harness.clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    harness.cluster.seed(pod('late', ready));
  };
  const error = await waitError(
    waitAsKstatus([podRef('bad'), podRef('late')], options, harness.context()),
  );
  assert.equal(
    error.message,
    'resource Pod/default/bad not ready. status: Failed, message: Containers in CrashLoop state: c',
  );
  assert.equal(error.code, 'helm/wait-failed');
});

test('hooks: end, failure, removal and time', async () => {
  const rows = [
    ['helm3', { phase: 'Failed' }, 'pod h failed'],
    [
      'helm4',
      { phase: 'Failed' },
      'resource Pod/default/h not ready. status: Failed, message: pod h failed',
    ],
    ['helm3', { phase: 'Running' }, 'timed out waiting for the condition'],
    [
      'helm4',
      { phase: 'Running' },
      'resource Pod/default/h not ready. status: InProgress, message: Pod in progress\ncontext deadline exceeded',
    ],
  ] as const;
  for (const [profile, status, message] of rows) {
    const harness = new Harness(profile);
    harness.cluster.seed(pod('h', status));
    const error = await waitError(
      waitForHook([podRef('h')], { timeoutMs: 5_000, profile }, harness.context()),
    );
    assert.equal(error.message, message);
    assert.equal(harness.cluster.openWatches, 0);
  }
  const harness = new Harness();
  harness.cluster.seed(pod('h', { phase: 'Succeeded' }));
  await waitForHook([podRef('h')], { timeoutMs: 60_000, profile: 'helm3' }, harness.context());
  const other = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'none' };
  await waitForHook([other], { timeoutMs: 60_000, profile: 'helm3' }, harness.context());
});

test('deletion: what is still there is named', async () => {
  const harness = new Harness('helm4');
  harness.cluster.seed(pod('a', ready));
  const error = await waitError(
    waitForDeletion(
      [podRef('a'), podRef('b')],
      { timeoutMs: 3_000, profile: 'helm4' },
      harness.context(),
    ),
  );
  assert.equal(
    error.message,
    'resource Pod/default/a still exists. status: Current, message: Pod is Ready\ncontext deadline exceeded',
  );
  await waitForDeletion([podRef('b')], { timeoutMs: 0, profile: 'helm3' }, harness.context());
});
