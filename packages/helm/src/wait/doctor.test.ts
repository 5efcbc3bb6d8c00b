// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@helm-operator/kube';
import type { FakeClusterOptions } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { Harness } from '../../../../test/kit/release-harness.ts';
import { waitAsHelm3 } from './helm3.ts';
import { WaitError } from './wait-error.ts';

const TEMPLATE = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c' }] } };
const NEW = { ...TEMPLATE, spec: { containers: [{ name: 'c', image: 'new' }] } };
const SPEC = { replicas: 1, selector: { matchLabels: { app: 'a' } } };

function waitingFor(reason: string, message = '', restartCount = 5): JsonObject {
  return {
    containerStatuses: [{ name: 'c', restartCount, state: { waiting: { reason, message } } }],
  };
}

const PULL = { phase: 'Pending', ...waitingFor('ImagePullBackOff', 'not found') };
const CRASH = { phase: 'Running', ...waitingFor('CrashLoopBackOff') };
const UNREADY = { phase: 'Running', containerStatuses: [{ name: 'c', state: { running: {} } }] };

function unscheduled(message: string): JsonObject {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  return { phase: 'Pending', conditions: [condition] };
}

/** A namespace in which things go wrong. */
class Ward {
  readonly harness: Harness;

  constructor(options: FakeClusterOptions = {}) {
    this.harness = new Harness('helm3', options);
  }

  put(kind: string, name: string, object: JsonObject, owner?: JsonObject): JsonObject {
    const groups = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'];
    const apiVersion = groups.includes(kind) ? 'apps/v1' : 'v1';
    const uid = owner && (owner['metadata'] as JsonObject)['uid'];
    const ownerReferences = uid ? [{ uid, controller: true, kind: String(owner['kind']) }] : [];
    const { metadata = {}, ...rest } = object;
    const named = { name, namespace: 'default', ownerReferences, ...(metadata as JsonObject) };
    return this.harness.cluster.seed({ apiVersion, kind, metadata: named, ...rest });
  }

  pod(name: string, owner: JsonObject, status: JsonObject, labels: JsonObject = {}): JsonObject {
    const metadata = { labels: { app: 'a', ...labels } };
    return this.put('Pod', name, { metadata, status }, owner);
  }

  event(object: JsonObject, reason: string, message: string, second = 0): void {
    const { uid, name } = object['metadata'] as { uid: string; name: string };
    this.put('Event', `${name}.${reason}`, {
      involvedObject: { uid, name, kind: object['kind'] ?? '' },
      reason,
      message,
      lastTimestamp: `2026-01-01T00:00:0${second}Z`,
    });
  }

  deployment(): { readonly old: JsonObject; readonly fresh: JsonObject } {
    const owner = this.put('Deployment', 'web', { spec: { ...SPEC, template: NEW } });
    const old = this.put('ReplicaSet', 'web-1', { spec: { template: TEMPLATE } }, owner);
    const fresh = this.put('ReplicaSet', 'web-2', { spec: { template: NEW } }, owner);
    for (const set of [old, fresh]) {
      this.harness.cluster.seed({
        ...set,
        metadata: { ...(set['metadata'] as JsonObject), labels: { app: 'a' } },
      });
    }
    return { old, fresh };
  }

  async wait(kind: string, names: readonly string[] = ['web']): Promise<WaitError> {
    const apiVersion = ['Pod', 'PersistentVolumeClaim'].includes(kind) ? 'v1' : 'apps/v1';
    const refs = names.map((name) => ({ apiVersion, kind, namespace: 'default', name }));
    const options = { timeoutMs: 300_000, mustWaitForJobs: false };
    try {
      await waitAsHelm3(refs, options, this.harness.context());
    } catch (error) {
      assert.ok(error instanceof WaitError, String(error));
      assert.equal(this.harness.cluster.openWatches, 0);
      return error;
    }
    throw new Error('the wait should have failed');
  }
}

test('a Deployment: only pods of the newest revision count', async () => {
  const ward = new Ward();
  const { old, fresh } = ward.deployment();
  ward.pod('web-1-x', old, CRASH);
  ward.pod('web-2-x', fresh, UNREADY);
  assert.equal((await ward.wait('Deployment')).code, 'helm/wait-timeout');

  ward.pod('web-2-y', fresh, PULL);
  const error = await ward.wait('Deployment');
  assert.equal(error.code, 'helm/wait-impossible');
  assert.equal(error.culprits[0]?.pod, 'web-2-y');
  assert.equal(error.culprits[0]?.obstacle, 'image-pull');
});

test('a StatefulSet in order: a broken pod of an older revision is in the way', async () => {
  const stuck = (spec: JsonObject, status: JsonObject = {}) => {
    const ward = new Ward();
    const set = ward.put('StatefulSet', 'web', {
      spec: { ...SPEC, ...spec },
      status: { updateRevision: 'new', ...status },
    });
    ward.pod('web-0', set, CRASH, { 'controller-revision-hash': 'old' });
    return ward.wait('StatefulSet');
  };
  const error = await stuck({});
  assert.equal(error.code, 'helm/wait-impossible');
  assert.equal(error.culprits[0]?.obstacle, 'old-pod');
  assert.match(error.message, /older revision is broken: CrashLoopBackOff.*delete that pod/);
  assert.equal((await stuck({ podManagementPolicy: 'Parallel' })).code, 'helm/wait-timeout');
  assert.equal((await stuck({ updateStrategy: { type: 'OnDelete' } })).code, 'helm/wait-timeout');
});

test('a StatefulSet and a DaemonSet: only pods of the newest revision count', async () => {
  const ward = new Ward();
  const set = ward.put('StatefulSet', 'web', {
    spec: { ...SPEC, podManagementPolicy: 'Parallel' },
    status: { updateRevision: 'new' },
  });
  ward.pod('web-0', set, CRASH, { 'controller-revision-hash': 'old' });
  assert.equal((await ward.wait('StatefulSet')).code, 'helm/wait-timeout');
  ward.pod('web-0', set, CRASH, { 'controller-revision-hash': 'new' });
  assert.equal((await ward.wait('StatefulSet')).code, 'helm/wait-impossible');

  const annotations = { 'deprecated.daemonset.template.generation': '2' };
  const status = { desiredNumberScheduled: 1, updatedNumberScheduled: 0 };
  const daemons = ward.put('DaemonSet', 'web', {
    metadata: { annotations },
    spec: { ...SPEC, updateStrategy: { type: 'RollingUpdate' } },
    status,
  });
  ward.pod('d-1', daemons, PULL, { 'pod-template-generation': '1' });
  assert.equal((await ward.wait('DaemonSet')).code, 'helm/wait-timeout');
  ward.pod('d-2', daemons, PULL, { 'pod-template-generation': '2' });
  assert.equal((await ward.wait('DaemonSet')).culprits[0]?.pod, 'd-2');
});

test('a crash may depend on another object that gets on; many crashes do not', async () => {
  const ward = new Ward();
  const set = ward.put('StatefulSet', 'web', { spec: SPEC });
  ward.put('StatefulSet', 'db', { spec: SPEC });
  const pod = ward.pod('web-0', set, CRASH);
  assert.equal((await ward.wait('StatefulSet', ['web', 'db'])).code, 'helm/wait-timeout');
  const status = { phase: 'Running', ...waitingFor('CrashLoopBackOff', '', 6) };
  ward.harness.cluster.seed({ ...pod, status });
  assert.equal((await ward.wait('StatefulSet', ['web', 'db'])).code, 'helm/wait-impossible');
});

test('events: what a controller could not create', async () => {
  const ward = new Ward();
  const set = ward.put('StatefulSet', 'web', { spec: SPEC });
  ward.event(set, 'FailedCreate', 'exceeded quota: small');
  const error = await ward.wait('StatefulSet');
  assert.equal(error.code, 'helm/wait-impossible');
  assert.match(
    error.message,
    /StatefulSet default\/web: FailedCreate: exceeded quota: small\. To mend: raise/,
  );
  ward.event(set, 'SuccessfulCreate', 'create Pod web-0', 5);
  assert.equal((await ward.wait('StatefulSet')).code, 'helm/wait-timeout');
});

test('events: an autoscaler that is at it gives hope, one that cannot takes it', async () => {
  const nodes = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
  const rows = [
    [nodes, 'TriggeredScaleUp', 'helm/wait-timeout'],
    [nodes, 'FailedScheduling', 'helm/wait-impossible'],
    ['0/1 nodes are available: 1 Insufficient cpu.', 'FailedScheduling', 'helm/wait-timeout'],
    ['0/1 nodes are available: 1 Insufficient cpu.', 'NotTriggerScaleUp', 'helm/wait-impossible'],
  ] as const;
  for (const [message, reason, code] of rows) {
    const ward = new Ward();
    const set = ward.put('StatefulSet', 'web', { spec: SPEC });
    ward.event(ward.pod('web-0', set, unscheduled(message)), reason, 'x');
    assert.equal((await ward.wait('StatefulSet')).code, code, `${message} ${reason}`);
  }
});

test('events: the claim behind a pod that has no node', async () => {
  const ward = new Ward();
  const set = ward.put('StatefulSet', 'web', { spec: SPEC });
  const pod = ward.pod(
    'web-0',
    set,
    unscheduled('pod has unbound immediate PersistentVolumeClaims'),
  );
  const spec = { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'd-web-0' } }] };
  ward.harness.cluster.seed({ ...pod, spec });
  const claim = ward.put('PersistentVolumeClaim', 'd-web-0', { status: { phase: 'Pending' } });
  ward.event(claim, 'ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found');
  const error = await ward.wait('StatefulSet');
  assert.equal(error.code, 'helm/wait-impossible');
  assert.match(
    error.message,
    /pod web-0: ProvisioningFailed: storageclass\.storage\.k8s\.io "fast" not found/,
  );
});

test('who may read neither pods nor events waits as Helm does', async () => {
  const ward = new Ward({ authorize: ({ kind }) => kind !== 'Pod' && kind !== 'Event' });
  const set = ward.put('StatefulSet', 'web', { spec: SPEC });
  ward.event(set, 'FailedCreate', 'exceeded quota: small');
  const error = await ward.wait('StatefulSet');
  assert.equal(error.code, 'helm/wait-timeout');
  assert.equal(error.message, 'context deadline exceeded');
});
