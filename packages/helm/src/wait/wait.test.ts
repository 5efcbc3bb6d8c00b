// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, KubeError, systemClock } from '@helm-operator/kube';
import { Harness } from '../../../../test/kit/release-harness.ts';
import { waitForDeletion } from './deletion.ts';
import { waitAsHelm3 } from './helm3.ts';
import { waitForHook } from './hook.ts';
import { waitAsKstatus } from './kstatus.ts';
import { OBSTACLES } from './obstacles/obstacle.ts';
import type { WaitProgress } from './progress.ts';
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

const MANAGED = { 'app.kubernetes.io/managed-by': 'Helm' };

/** Does something while the wait sleeps for the first time. */
function meanwhile(harness: Harness, change: () => void): void {
  const sleep = harness.clock.sleep.bind(harness.clock);
  let hasChanged = false;
  harness.clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    if (!hasChanged) change();
    hasChanged = true;
  };
}

test('one watch for each kind and namespace, no other request', async () => {
  const harness = new Harness();
  for (const name of ['a', 'b', 'c']) harness.cluster.seed(pod(name, starting, MANAGED));
  meanwhile(harness, () => {
    for (const name of ['a', 'b', 'c']) harness.cluster.seed(pod(name, ready, MANAGED));
  });
  await waitAsHelm3(['a', 'b', 'c'].map(podRef), options, harness.context());
  const calls = harness.cluster.calls.map(({ verb, kind }) => `${verb} ${kind}`);
  assert.deepEqual(calls, ['watch Pod']);
  assert.equal(harness.cluster.openWatches, 0);
});

test('what lacks the label of its release is looked at', async () => {
  const harness = new Harness();
  harness.cluster.seed(pod('a', ready, MANAGED));
  harness.cluster.seed(pod('b', starting));
  meanwhile(harness, () => void harness.cluster.seed(pod('b', ready)));
  await waitAsHelm3(['a', 'b'].map(podRef), options, harness.context());
  const gets = harness.cluster.calls.filter(({ verb }) => verb === 'get').map(({ name }) => name);
  assert.ok(gets.length >= 2 && gets.every((name) => name === 'b'), gets.join());
});

test('where watching is forbidden it looks again and again', async () => {
  for (const wait of [waitAsHelm3, waitAsKstatus]) {
    const harness = new Harness('helm3', { authorize: ({ verb }) => verb !== 'watch' });
    harness.cluster.seed(pod('a', starting));
    meanwhile(harness, () => void harness.cluster.seed(pod('a', ready)));
    await wait([podRef('a')], options, harness.context());
    const verbs = harness.cluster.calls.map(({ verb }) => verb);
    assert.equal(verbs.filter((verb) => verb === 'watch').length, 1);
  }
});

test('a failing API server is borne for as long as Helm does', async () => {
  let isDown = true;
  let asked = 0;
  const onCall = (): void => {
    asked += 1;
    if (isDown) throw new KubeError({ code: 'kube/unavailable', message: 'down', status: 503 });
  };
  const harness = new Harness('helm3', { onCall });
  harness.cluster.seed(pod('a', ready));
  const long = { ...options, timeoutMs: 600_000 };
  await assert.rejects(waitAsHelm3([podRef('a')], long, harness.context()), { message: 'down' });
  assert.ok(asked > 30, String(asked));
  meanwhile(harness, () => {
    isDown = false;
  });
  await waitAsHelm3([podRef('a')], long, harness.context());
});

const NAMESPACES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

test('more kinds than may be watched are looked at', async () => {
  const kinds = ['Role', 'Secret', 'ConfigMap', 'ServiceAccount'];
  const harness = new Harness('helm4', { namespaces: NAMESPACES });
  const refs = NAMESPACES.flatMap((namespace) =>
    kinds.map((kind) => ({
      apiVersion: kind === 'Role' ? 'rbac.authorization.k8s.io/v1' : 'v1',
      kind,
      namespace,
      name: 'x',
    })),
  );
  for (const { apiVersion, kind, name, namespace } of refs) {
    harness.cluster.seed({ apiVersion, kind, metadata: { name, namespace } });
  }
  await waitAsKstatus(refs, options, harness.context());
  const verbs = harness.cluster.calls.map(({ verb }) => verb);
  assert.equal(verbs.filter((verb) => verb === 'watch').length, 32);
  assert.equal(verbs.filter((verb) => verb === 'get').length, 8);
  assert.equal(harness.cluster.openWatches, 0);
});

test('told to stop, it stops at once and leaves no watch', async () => {
  const harness = new Harness();
  harness.cluster.seed(pod('a', starting));
  const stop = new AbortController();
  const told: string[] = [];
  const context = harness.context({
    signal: stop.signal,
    clock: systemClock,
    waiting: { began: () => told.push('began'), ended: () => told.push('ended') },
  });
  const waits = waitAsHelm3([podRef('a')], { ...options, timeoutMs: 600_000 }, context);
  setTimeout(() => stop.abort(new Error('enough')), 50);
  const startMs = Date.now();
  await assert.rejects(waits, { message: 'enough' });
  assert.ok(Date.now() - startMs < 60_000, 'not when the time is over');
  assert.equal(harness.cluster.openWatches, 0);
  assert.deepEqual(told, ['began', 'ended']);
});

test('progress: who is awaited and why, redacted, not too often', async () => {
  const harness = new Harness();
  harness.cluster.seed(pod('secret-a', starting, MANAGED));
  harness.cluster.seed(pod('b', ready, MANAGED));
  const told: WaitProgress[] = [];
  const context = harness.context({
    redact: (text) => text.replaceAll('secret', '***'),
    waiting: { progress: (progress) => told.push(progress) },
  });
  const refs = ['secret-a', 'b'].map(podRef);
  const late = { ...options, timeoutMs: 60_000 };
  await assert.rejects(waitAsHelm3(refs, late, context), { code: 'helm/wait-timeout' });
  assert.equal(told.length, 6, JSON.stringify(told));
  const [first] = told;
  assert.equal(first?.total, 2);
  assert.equal(first?.done, 1);
  assert.deepEqual(
    first?.pending.map(({ message }) => message),
    ['Pod ***-a is not ready'],
  );
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
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
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
  const patient = { ...options, patience: 'helm' } as const;
  const error = await waitError(waitAsHelm3([podRef('a')], patient, context));
  assert.equal(error.message, 'context deadline exceeded');
  assert.equal(error.code, 'helm/wait-timeout');
  assert.equal(error.retry, 'transient');
  assert.deepEqual(error.culprits, [
    {
      ref: podRef('a'),
      message: 'Pod a is not ready',
      obstacle: 'crash-loop',
      pod: 'a',
      container: 'c',
      reason: 'CrashLoopBackOff: back-off 10s, 3 restarts, last exit code 137 (OOMKilled)',
      mend: OBSTACLES['crash-loop'],
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
  assert.equal(error.culprits.length, 2);
});

test('Helm 4: a failure is final, the others are awaited', async () => {
  const harness = new Harness('helm4');
  const crashing = {
    phase: 'Running',
    containerStatuses: [{ name: 'c', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
  };
  harness.cluster.seed(pod('bad', crashing));
  harness.cluster.seed(pod('late', starting));
  meanwhile(harness, () => void harness.cluster.seed(pod('late', ready)));
  const refs = [podRef('bad'), podRef('late')];
  const error = await waitError(
    waitAsKstatus(refs, { ...options, patience: 'helm' }, harness.context()),
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
