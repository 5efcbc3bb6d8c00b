// SPDX-License-Identifier: Apache-2.0

/** How objects, definitions and Jobs are treated is each action's own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailurePolicy, ReleaseIntent } from '@helm-operator/api';
import type { JsonObject } from '@helm-operator/kube';
import {
  ReconcileWorld,
  VALUES_MAP,
  type WorldOptions,
} from '../../../../test/kit/reconcile-world.ts';

async function worldWith(
  intent: (before: ReleaseIntent) => Partial<ReleaseIntent>,
  options: WorldOptions = {},
): Promise<ReconcileWorld> {
  const all = (before: ReleaseIntent): ReleaseIntent => ({ ...before, ...intent(before) });
  const world = new ReconcileWorld({ ...options, intent: all });
  await world.start({ n: 1 });
  return world;
}

async function statuses(world: ReconcileWorld): Promise<string> {
  const records = await world.records();
  return records.map(({ revision, info }) => `${revision} ${info.status}`).join(', ');
}

const WEB = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'web' };
const ROLLBACK: FailurePolicy = {
  ...{ remedy: 'rollback', retries: 0, mustRemedyLast: true },
  pace: { kind: 'at-once' },
};

const definition = (scope: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.test.io
  labels: {is: ${scope}}
spec:
  group: test.io
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions: [{name: v1, served: true, storage: true}]`;

test('crds: a definition that is there is replaced by the action that says so, and by no other', async () => {
  const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
  for (const [install, upgrade, after] of [
    ['create', 'create', ['old', 'old']],
    ['create-replace', 'skip', ['new', 'new']],
    ['create', 'create-replace', ['old', 'new']],
  ] as const) {
    const world = await worldWith(
      (before) => ({
        install: { ...before.install, crds: { mode: install } },
        upgrade: { ...before.upgrade, crds: { mode: upgrade } },
      }),
      { crd: definition('new') },
    );
    world.cluster.seed({
      ...{ ...crd, metadata: { name: 'widgets.test.io', labels: { is: 'old' } } },
      spec: {
        ...{ group: 'test.io', scope: 'Namespaced' },
        names: { kind: 'Widget', plural: 'widgets' },
        versions: [{ name: 'v1', served: true, storage: true }],
      },
    });
    const is: unknown[] = [];
    for (const n of [1, 2]) {
      await world.edit({ n });
      await world.turn();
      const live = world.cluster.peek({ ...crd, name: 'widgets.test.io' }) ?? {};
      is.push(((live['metadata'] as JsonObject)['labels'] as JsonObject)['is']);
    }
    assert.deepEqual(is, after, `${install}, ${upgrade}`);
  }
});

test('apply.mustReplace: what others put into an object is gone, or stays', async () => {
  for (const action of ['upgrade', 'rollback'] as const) {
    for (const mustReplace of [true, false]) {
      const apply = { method: 'client', fieldManager: 'helm', mustReplace } as const;
      const world = await worldWith((before) => ({
        [action]: { ...before[action], apply },
        onFailure: { ...before.onFailure, upgrade: ROLLBACK },
      }));
      await world.turn();
      await world.cluster.patch(WEB, 'merge', '{"data":{"mine":"x"}}');
      if (action === 'rollback') world.ends.push('bad-apply');
      await world.edit({ n: 2 });
      await world.turn();
      assert.equal(world.actions.at(-1), action);
      const { data } = world.cluster.peek(WEB) as { readonly data: JsonObject };
      assert.equal('mine' in data, !mustReplace, `${action} ${mustReplace}`);
    }
  }
});

test('rollback.mustCleanupOnFail: what a failed rollback created is gone, or stays', async () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'default', name: 'own' };
  const text = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: own';
  const documents = (content: number) => (content === 1 ? [text, VALUES_MAP] : [VALUES_MAP]);
  for (const mustCleanupOnFail of [true, false]) {
    const world = await worldWith(
      (before) => ({
        rollback: { ...before.rollback, mustCleanupOnFail },
        onFailure: { ...before.onFailure, upgrade: ROLLBACK },
      }),
      { documents },
    );
    await world.turn();
    for (const ref of [account, WEB]) await world.cluster.delete(ref);
    world.changeChart();
    world.refusal = 'data: no';
    await world.edit({ n: 2 });
    await world.turn();
    assert.equal(await statuses(world), '1 deployed, 2 superseded, 3 failed');
    assert.equal(world.cluster.peek(account) === undefined, mustCleanupOnFail);
  }
});

test('wait.mustWaitForJobs: a Job that does not end fails the action that waits for it', async () => {
  const job = `apiVersion: batch/v1
kind: Job
metadata:
  name: web
spec:
  completions: 1
  template:
    spec:
      restartPolicy: Never
      containers: [{name: web, image: web}]`;
  for (const action of ['install', 'upgrade'] as const) {
    for (const mustWaitForJobs of [true, false]) {
      const wait = { strategy: 'helm3', mustWaitForJobs, patience: 'helm' } as const;
      const world = await worldWith(
        (before) => ({ [action]: { ...before[action], wait, timeoutMs: 2_000 } }),
        { documents: () => [VALUES_MAP, job] },
      );
      await world.turn();
      if (action === 'upgrade') {
        await world.edit({ n: 2 });
        await world.turn();
      }
      const released = (await world.conditions()).get('Released') ?? '';
      const expected = mustWaitForJobs ? /^False.*Job/ : /^True/;
      assert.match(released, expected, `${action} ${mustWaitForJobs}`);
    }
  }
});

test('apply.isValidated: fields that nobody knows are refused by the API server, or not', async () => {
  for (const isValidated of [true, false]) {
    const apply = { method: 'server', fieldManager: 'helm', isValidated } as const;
    const world = await worldWith((before) => ({
      profile: 'helm4',
      install: { ...before.install, apply },
      upgrade: { ...before.upgrade, apply },
    }));
    const told: unknown[] = [];
    const patch = world.cluster.patch.bind(world.cluster);
    world.cluster.patch = (ref, type, body, options) => {
      if (ref.kind === 'ConfigMap') told.push(options?.fieldValidation);
      return patch(ref, type, body, options);
    };
    await world.turn();
    await world.edit({ n: 2 });
    await world.turn();
    const expected = isValidated ? 'Strict' : 'Ignore';
    assert.deepEqual(told, [expected, expected]);
  }
});
