// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectRef } from '@helm-operator/kube';
import { Crash, configMap, Harness } from '../../../../test/kit/release-harness.ts';
import { install } from './install.ts';
import { resume } from './recover.ts';

const JOB: ObjectRef = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: 'two' };

function hook(kind: string, name: string, weight: number): string {
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'v1';
  const annotations = `helm.sh/hook: pre-install\n    helm.sh/hook-weight: "${weight}"`;
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  annotations:\n    ${annotations}`;
}

function complete(harness: Harness): void {
  const job = harness.cluster.peek(JOB);
  assert.ok(job !== undefined);
  const status = { conditions: [{ type: 'Complete', status: 'True' }] };
  harness.cluster.seed({ ...job, status });
}

const CHART = { documents: [configMap('a'), hook('ConfigMap', 'one', 1), hook('Job', 'two', 2)] };

/** Every kind and name that was created, in order. */
function created(harness: Harness): readonly string[] {
  return harness.cluster.calls
    .filter(({ verb, kind }) => verb === 'create' && kind !== 'Secret')
    .map(({ kind, name }) => `${kind} ${name}`);
}

/** @param nowMs of the API server */
async function stopWhileHookRuns(nowMs?: () => number): Promise<Harness> {
  const clock = nowMs && { nowMs, elapsedMs: nowMs, sleep: () => Promise.resolve() };
  const harness = new Harness('helm3', { clock });
  const stop = new AbortController();
  harness.onStep = ({ name, subject }) => {
    if (name === 'hook-created' && subject === 'two') stop.abort(new Crash('killed'));
  };
  const run = install(harness.options(CHART), harness.context({ signal: stop.signal }));
  await assert.rejects(run, Crash);
  harness.onStep = () => {};
  return harness;
}

test('a hook that ran when its holder died is waited for, not begun anew', async () => {
  const harness = await stopWhileHookRuns();
  setImmediate(() => complete(harness));
  const record = await resume(harness.options(CHART), harness.context({ holder: 'next' }));
  assert.equal(record?.info.status, 'deployed');
  assert.deepEqual(created(harness), ['ConfigMap one', 'Job two', 'ConfigMap a']);
  assert.deepEqual(
    record.hooks.map(({ lastRun }) => lastRun.phase),
    ['Succeeded', 'Succeeded'],
  );
});

test('a hook of which not everything is there is begun anew', async () => {
  const harness = await stopWhileHookRuns();
  harness.cluster.unseed(JOB);
  harness.onStep = ({ name }) => {
    if (name === 'hook-created') complete(harness);
  };
  const record = await resume(harness.options(CHART), harness.context({ holder: 'next' }));
  assert.equal(record?.info.status, 'deployed');
  assert.deepEqual(created(harness).slice(2), ['Job two', 'ConfigMap a']);
});

test('a hook that an earlier run left is not taken for the one that was begun', async () => {
  const harness = await stopWhileHookRuns(() => Date.UTC(2025, 0, 1));
  harness.onStep = ({ name }) => {
    if (name === 'hook-created') complete(harness);
  };
  await resume(harness.options(CHART), harness.context({ holder: 'next' }));
  assert.deepEqual(created(harness).slice(2), ['Job two', 'ConfigMap a']);
});

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - {name: c, image: "web:1"}`;

test('a wait that is gone on with has what was left of its time', async () => {
  const harness = new Harness();
  const stop = new AbortController();
  const options = harness.options(
    { documents: [DEPLOYMENT] },
    { wait: { strategy: 'helm3' }, timeoutMs: 60_000 },
  );
  const startMs = harness.clock.nowMs();
  const progress = ({ elapsedMs }: { readonly elapsedMs: number }) => {
    if (elapsedMs > 25_000) stop.abort(new Crash('killed'));
  };
  const context = harness.context({ signal: stop.signal, waiting: { progress } });
  await assert.rejects(install(options, context), Crash);
  const stoppedMs = harness.clock.nowMs();
  assert.ok(stoppedMs - startMs < 60_000);
  await assert.rejects(resume(options, harness.context({ holder: 'next' })), {
    message: /context deadline exceeded/,
  });
  const tookMs = harness.clock.nowMs() - startMs;
  assert.ok(tookMs >= 60_000 && tookMs < 70_000, `${tookMs} ms in all`);
});

test('objects that had still to be written get the whole time', async () => {
  const harness = new Harness();
  const stop = new AbortController();
  const options = harness.options(
    { documents: [DEPLOYMENT] },
    { wait: { strategy: 'helm3' }, timeoutMs: 60_000 },
  );
  harness.onStep = ({ name }) => {
    if (name === 'record-pending') stop.abort(new Crash('killed'));
  };
  await assert.rejects(install(options, harness.context({ signal: stop.signal })), Crash);
  harness.onStep = () => {};
  for (let i = 0; i < 10; i++) await harness.clock.sleep(10_000);
  const fromMs = harness.clock.nowMs();
  await assert.rejects(resume(options, harness.context({ holder: 'next' })), {
    message: /context deadline exceeded/,
  });
  const tookMs = harness.clock.nowMs() - fromMs;
  assert.ok(tookMs >= 60_000, `${tookMs} ms`);
});
