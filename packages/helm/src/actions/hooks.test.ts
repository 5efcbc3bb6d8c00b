// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldAt } from '@helm-operator/kube';
import { configMap, Harness } from '../../../../test/kit/release-harness.ts';
import { install } from './install.ts';
import { readTestLogs } from './read.ts';
import { ActionError } from './session.ts';
import { runTests } from './test.ts';

async function failure(action: Promise<unknown>): Promise<ActionError> {
  try {
    await action;
  } catch (error) {
    assert.ok(error instanceof ActionError, String(error));
    return error;
  }
  throw new Error('the action should have failed');
}

const POD = (name: string, annotations: readonly string[]) =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  annotations:${annotations.map((line) => `\n    ${line}`).join('')}\nspec:\n  containers:\n  - {name: c, image: i}`;

/** Ends every hook pod as soon as it is created. */
function endPods(harness: Harness, phaseOf: (name: string) => string): void {
  const before = harness.onStep;
  harness.onStep = (step) => {
    before(step);
    if (step.name !== 'hook-created' || step.subject === undefined) return;
    const pod = harness.cluster.peek({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'default',
      name: step.subject,
    });
    if (pod !== undefined)
      harness.cluster.seed({ ...pod, status: { phase: phaseOf(step.subject) } });
  };
}

test('hooks: order, policies and records', async () => {
  const harness = new Harness();
  const chart = {
    documents: [
      configMap('a'),
      POD('late', [
        'helm.sh/hook: pre-install',
        'helm.sh/hook-weight: "5"',
        'helm.sh/hook-delete-policy: hook-succeeded',
      ]),
      POD('b-early', ['helm.sh/hook: pre-install', 'helm.sh/hook-weight: "-1"']),
      POD('a-early', ['helm.sh/hook: pre-install', 'helm.sh/hook-weight: "-1"']),
      POD('after', ['helm.sh/hook: post-install']),
    ],
  };
  endPods(harness, () => 'Succeeded');
  const record = await install(harness.options(chart), harness.context());
  const created = harness.steps
    .filter(({ name }) => name === 'hook-created')
    .map(({ subject }) => subject);
  assert.deepEqual(created, ['a-early', 'b-early', 'late', 'after']);
  assert.deepEqual(harness.objects(), ['ConfigMap/a', 'Pod/a-early', 'Pod/after', 'Pod/b-early']);
  assert.deepEqual(
    record.hooks.map(({ name, lastRun, deletePolicies }) => [name, lastRun.phase, deletePolicies]),
    [
      ['late', 'Succeeded', ['hook-succeeded']],
      ['b-early', 'Succeeded', ['before-hook-creation']],
      ['a-early', 'Succeeded', ['before-hook-creation']],
      ['after', 'Succeeded', ['before-hook-creation']],
    ],
  );
  const after = harness.cluster.peek({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'default',
    name: 'after',
  });
  const marks = fieldAt(after ?? {}, 'metadata.annotations') as Record<string, unknown>;
  assert.equal(marks['meta.helm.sh/release-name'], undefined);
});

test('hooks: a failed one stops the release and says why', async () => {
  const harness = new Harness();
  const chart = {
    documents: [
      configMap('a'),
      POD('good', [
        'helm.sh/hook: pre-install',
        'helm.sh/hook-weight: "-1"',
        'helm.sh/hook-delete-policy: hook-succeeded',
      ]),
      POD('bad', ['helm.sh/hook: pre-install', 'helm.sh/hook-delete-policy: hook-failed']),
    ],
  };
  endPods(harness, (name) => (name === 'bad' ? 'Failed' : 'Succeeded'));
  const error = await failure(install(harness.options(chart), harness.context()));
  assert.equal(error.message, 'failed pre-install: 1 error occurred:\n\t* pod bad failed\n\n');
  assert.deepEqual(harness.objects(), []);
  assert.deepEqual(
    error.record.hooks.map(({ lastRun }) => lastRun.phase),
    ['Succeeded', 'Failed'],
  );
  assert.deepEqual(await harness.statuses(), ['1 failed']);
});

test('hooks: those that are disabled do not run', async () => {
  const harness = new Harness();
  const chart = { documents: [configMap('h', 'a: b', ['helm.sh/hook: pre-install'])] };
  await install(harness.options(chart, { hooks: { isDisabled: true } }), harness.context());
  assert.deepEqual(harness.objects(), []);
});

test('tests: chosen by name, recorded', async () => {
  const harness = new Harness();
  const chart = {
    documents: [POD('t1', ['helm.sh/hook: test']), POD('t2', ['helm.sh/hook: test'])],
  };
  endPods(harness, (name) => (name === 't2' ? 'Failed' : 'Succeeded'));
  await install(harness.options(chart), harness.context());
  const good = await runTests(
    { ...harness.options(chart), includeNames: ['t1'] },
    harness.context(),
  );
  assert.deepEqual(
    good.hooks.map(({ name, lastRun }) => [name, lastRun.phase]),
    [
      ['t1', 'Succeeded'],
      ['t2', ''],
    ],
  );
  const error = await failure(runTests(harness.options(chart), harness.context()));
  assert.equal(error.message, '1 error occurred:\n\t* pod t2 failed\n\n');
  assert.deepEqual(await harness.statuses(), ['1 deployed']);
  assert.equal((await harness.records())[0]?.hooks[1]?.lastRun.phase, 'Failed');
});

test('hooks: logs go out, container by container, before a policy removes the pod', async () => {
  const harness = new Harness();
  const policies = [
    'helm.sh/hook: pre-install',
    'helm.sh/hook-delete-policy: hook-succeeded,hook-failed',
    'helm.sh/hook-output-log-policy: hook-succeeded,hook-failed',
  ];
  const two = (name: string) => `${POD(name, policies)}\n  - {name: d, image: i}`;
  for (const name of ['fine', 'lost']) {
    for (const container of ['c', 'd']) {
      harness.cluster.setLog('default', name, `${name} ${container}: hunter2\n`, container);
    }
  }
  endPods(harness, (name) => (name === 'lost' ? 'Failed' : 'Succeeded'));
  const context = harness.context({ redact: (text) => text.replaceAll('hunter2', '***') });
  const chart = { documents: [two('fine'), two('lost')] };
  await failure(install(harness.options(chart), context));
  assert.deepEqual(
    harness.log.filter(({ fields }) => fields !== undefined),
    ['c', 'd'].map((container) => ({
      level: 'info',
      message: `lost ${container}: ***\n`,
      fields: { hook: 'lost', pod: 'lost', container },
    })),
  );
  assert.deepEqual(harness.objects(), []);
});

test('tests: their logs are kept before a policy removes the pods', async () => {
  const harness = new Harness();
  const policy = 'helm.sh/hook-delete-policy: hook-succeeded,hook-failed';
  const documents = ['good', 'bad'].map((name) => POD(name, ['helm.sh/hook: test', policy]));
  for (const name of ['good', 'bad']) harness.cluster.setLog('default', name, `${name} said\n`);
  endPods(harness, (name) => (name === 'bad' ? 'Failed' : 'Succeeded'));
  await install(harness.options({ documents }), harness.context());
  const logs = new Map<string, string>();
  const options = { ...harness.options({ documents }), logs };
  const error = await failure(runTests(options, harness.context()));
  assert.deepEqual(harness.objects(), []);
  assert.deepEqual([...logs], [['bad', 'bad said\n']]);
  const said: string[] = [];
  const wanted = { ...options, includeNames: ['bad'] };
  await readTestLogs(error.record, wanted, harness.context(), ({ text }) => said.push(text));
  assert.deepEqual(said, ['bad said\n']);
});
