// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@helm-operator/kube';
import { scaledValue } from '../scaled-value.ts';
import { selectorText } from '../selector.ts';
import { READY_RULES } from './rules.ts';

const seen = { generation: 1, name: 'x', namespace: 'n', uid: 'u' };
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c' }] } };

function deployment(spec: JsonObject, metadata: JsonObject = seen): JsonObject {
  return {
    kind: 'Deployment',
    metadata,
    spec: { template, ...spec },
    status: { observedGeneration: 1 },
  };
}

function replicaSet(readyReplicas: number, change: JsonObject = {}): JsonObject {
  return {
    metadata: {
      ...seen,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [{ uid: 'u', controller: true }],
    },
    spec: {
      template: { ...template, metadata: { labels: { app: 'a', 'pod-template-hash': 'h' } } },
    },
    status: { observedGeneration: 1, readyReplicas },
    ...change,
  };
}

const rolling = (maxUnavailable: number | string, maxSurge: number | string = 1): JsonObject => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxUnavailable, maxSurge },
});

const pod = (status: string): JsonObject => ({
  metadata: { name: 'p' },
  status: { conditions: [{ type: 'Ready', status }] },
});

const rows: readonly (readonly [string, string, JsonObject, readonly JsonObject[], string])[] = [
  ['no new replica set', 'apps/Deployment', deployment({ replicas: 1 }), [], 'waiting'],
  ['paused', 'apps/Deployment', deployment({ paused: true }), [], 'ready'],
  [
    'too few ready',
    'apps/Deployment',
    deployment({ replicas: 4, strategy: rolling('25%') }),
    [replicaSet(2)],
    'waiting',
  ],
  [
    'enough ready',
    'apps/Deployment',
    deployment({ replicas: 4, strategy: rolling('25%') }),
    [replicaSet(3)],
    'ready',
  ],
  [
    'both limits zero allow one',
    'apps/Deployment',
    deployment({ replicas: 2, strategy: rolling(0, 0) }),
    [replicaSet(1)],
    'ready',
  ],
  [
    'recreate needs all',
    'apps/Deployment',
    deployment({ replicas: 2, strategy: { type: 'Recreate' } }),
    [replicaSet(1)],
    'waiting',
  ],
  [
    'unobserved',
    'apps/Deployment',
    deployment({ replicas: 1 }, { ...seen, generation: 2 }),
    [replicaSet(1)],
    'waiting',
  ],
  [
    'another owner',
    'apps/Deployment',
    deployment({ replicas: 0 }),
    [replicaSet(1, { metadata: { ...seen, ownerReferences: [{ uid: 'v', controller: true }] } })],
    'waiting',
  ],
  [
    'another template',
    'apps/Deployment',
    deployment({ replicas: 0 }),
    [replicaSet(1, { spec: { template: {} } })],
    'waiting',
  ],
  ['pod', '/Pod', pod('True'), [], 'ready'],
  ['pod not ready', '/Pod', pod('False'), [], 'waiting'],
  ['job done', 'batch/Job', { spec: { completions: 1 }, status: { succeeded: 1 } }, [], 'ready'],
  [
    'job not done',
    'batch/Job',
    { spec: { completions: 2 }, status: { succeeded: 1 } },
    [],
    'waiting',
  ],
  [
    'job failed',
    'batch/Job',
    { metadata: seen, spec: { backoffLimit: 0 }, status: { failed: 1 } },
    [],
    'failed',
  ],
  ['claim', '/PersistentVolumeClaim', { status: { phase: 'Bound' } }, [], 'ready'],
  ['claim pending', '/PersistentVolumeClaim', { status: { phase: 'Pending' } }, [], 'waiting'],
  ['external name', '/Service', { spec: { type: 'ExternalName' } }, [], 'ready'],
  ['no address', '/Service', { spec: { type: 'ClusterIP' } }, [], 'waiting'],
  ['headless', '/Service', { spec: { clusterIP: 'None' } }, [], 'ready'],
  ['balancer', '/Service', { spec: { type: 'LoadBalancer', clusterIP: '1' } }, [], 'waiting'],
  [
    'balancer with address',
    '/Service',
    { spec: { type: 'LoadBalancer', clusterIP: '1', externalIPs: ['1'] } },
    [],
    'ready',
  ],
  [
    'balancer with ingress',
    '/Service',
    {
      spec: { type: 'LoadBalancer', clusterIP: '1' },
      status: { loadBalancer: { ingress: [{ ip: '1' }] } },
    },
    [],
    'ready',
  ],
  [
    'daemon set on delete',
    'apps/DaemonSet',
    { spec: { updateStrategy: { type: 'OnDelete' } } },
    [],
    'ready',
  ],
  [
    'daemon set short',
    'apps/DaemonSet',
    {
      spec: { updateStrategy: rolling('10%') },
      status: { desiredNumberScheduled: 10, updatedNumberScheduled: 10, numberReady: 8 },
    },
    [],
    'waiting',
  ],
  [
    'daemon set',
    'apps/DaemonSet',
    {
      spec: { updateStrategy: rolling('10%') },
      status: { desiredNumberScheduled: 10, updatedNumberScheduled: 10, numberReady: 9 },
    },
    [],
    'ready',
  ],
  [
    'stateful set on delete',
    'apps/StatefulSet',
    { spec: { updateStrategy: { type: 'OnDelete' } } },
    [],
    'ready',
  ],
  [
    'stateful set partition',
    'apps/StatefulSet',
    {
      spec: {
        replicas: 3,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
      },
      status: { updatedReplicas: 1, readyReplicas: 3, currentRevision: 'a', updateRevision: 'b' },
    },
    [],
    'ready',
  ],
  [
    'stateful set revision',
    'apps/StatefulSet',
    {
      spec: { replicas: 1, updateStrategy: { type: 'RollingUpdate' } },
      status: { updatedReplicas: 1, readyReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    },
    [],
    'waiting',
  ],
  ['replica set pods', 'apps/ReplicaSet', {}, [pod('True'), pod('False')], 'waiting'],
  ['controller pods', '/ReplicationController', {}, [pod('True')], 'ready'],
  [
    'definition',
    'apiextensions.k8s.io/CustomResourceDefinition',
    { status: { conditions: [{ type: 'Established', status: 'True' }] } },
    [],
    'ready',
  ],
  [
    'definition, name taken',
    'apiextensions.k8s.io/CustomResourceDefinition',
    { status: { conditions: [{ type: 'NamesAccepted', status: 'False' }] } },
    [],
    'ready',
  ],
  ['definition, new', 'apiextensions.k8s.io/CustomResourceDefinition', {}, [], 'waiting'],
];

for (const [name, kind, object, related, state] of rows) {
  test(`Helm 3 rule: ${kind}: ${name}`, () => {
    const rule = READY_RULES.get(kind);
    assert.ok(rule !== undefined);
    assert.equal(rule.check(object, related).state, state);
  });
}

test('what a rule asks for', () => {
  const selector = {
    matchLabels: { a: 'b' },
    matchExpressions: [{ key: 'c', operator: 'NotIn', values: ['d', 'e'] }],
  };
  const query = READY_RULES.get('apps/Deployment')?.related?.({
    metadata: seen,
    spec: { selector },
  });
  assert.deepEqual(query, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    namespace: 'n',
    labelSelector: 'a=b,c notin (d,e)',
  });
  assert.equal(selectorText({}), undefined);
});

test('shares are rounded as Kubernetes rounds them', () => {
  assert.equal(scaledValue('25%', 10, 'up'), 3);
  assert.equal(scaledValue('25%', 10, 'down'), 2);
  assert.equal(scaledValue(3, 10, 'down'), 3);
  assert.equal(scaledValue('x', 10, 'down'), undefined);
});
