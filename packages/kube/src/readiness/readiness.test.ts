// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../cluster.ts';
import { readinessOf } from './readiness.ts';

const NOW = Date.UTC(2026, 0, 1, 0, 1);

function object(kind: string, rest: JsonObject, apiVersion = 'apps/v1'): JsonObject {
  return { apiVersion, kind, metadata: { name: 'x' }, ...rest };
}

const condition = (type: string, status: string, reason = '', message = ''): JsonObject => ({
  type,
  status,
  reason,
  message,
});

const done = {
  replicas: 2,
  updatedReplicas: 2,
  readyReplicas: 2,
  availableReplicas: 2,
  conditions: [
    condition('Available', 'True'),
    condition('Progressing', 'True', 'NewReplicaSetAvailable'),
  ],
};

const rows: readonly (readonly [string, JsonObject, string])[] = [
  [
    'being deleted',
    object('A', { metadata: { deletionTimestamp: 'now' } }),
    'Terminating: Resource scheduled for deletion',
  ],
  [
    'not observed',
    object('A', { metadata: { generation: 2 }, status: { observedGeneration: 1 } }),
    'InProgress: A generation is 2, but latest observed generation is 1',
  ],
  [
    'reconciling',
    object('A', { status: { conditions: [condition('Reconciling', 'True', 'R', 'm')] } }),
    'InProgress: m',
  ],
  [
    'stalled',
    object('A', { status: { conditions: [condition('Stalled', 'True', 'R', 'm')] } }),
    'Failed: m',
  ],
  [
    'custom, ready',
    object('A', { status: { conditions: [condition('Ready', 'True')] } }),
    'Current: Resource is Ready',
  ],
  [
    'custom, not ready',
    object('A', { status: { conditions: [condition('Ready', 'False', 'R', 'm')] } }),
    'InProgress: m',
  ],
  ['custom, silent', object('A', {}), 'Current: Resource is current'],
  [
    'deployment, no pods',
    object('Deployment', { spec: { replicas: 2 } }),
    'InProgress: Replicas: 0/2',
  ],
  [
    'deployment, old pods',
    object('Deployment', { spec: { replicas: 2 }, status: { ...done, updatedReplicas: 1 } }),
    'InProgress: Updated: 1/2',
  ],
  [
    'deployment, pods too many',
    object('Deployment', { spec: { replicas: 1 }, status: done }),
    'InProgress: Pending termination: 1',
  ],
  [
    'deployment, unavailable',
    object('Deployment', { spec: { replicas: 2 }, status: { ...done, availableReplicas: 1 } }),
    'InProgress: Available: 1/2',
  ],
  [
    'deployment, out of time',
    object('Deployment', {
      spec: { replicas: 2 },
      status: { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
    }),
    'Failed: Progress deadline exceeded',
  ],
  [
    'deployment, not rolled out',
    object('Deployment', {
      spec: { replicas: 2, progressDeadlineSeconds: 600 },
      status: { ...done, conditions: [condition('Available', 'True')] },
    }),
    'InProgress: ReplicaSet not Available',
  ],
  [
    'deployment, done',
    object('Deployment', { spec: { replicas: 2 }, status: done }),
    'Current: Deployment is available. Replicas: 2',
  ],
  [
    'stateful set on delete',
    object('StatefulSet', { spec: { updateStrategy: { type: 'OnDelete' } } }),
    'Current: StatefulSet is using the ondelete update strategy',
  ],
  [
    'stateful set, old revision',
    object('StatefulSet', {
      status: {
        replicas: 1,
        readyReplicas: 1,
        currentReplicas: 1,
        currentRevision: 'a',
        updateRevision: 'b',
      },
    }),
    'InProgress: Waiting for updated revision to match current',
  ],
  [
    'stateful set, partition',
    object('StatefulSet', {
      spec: { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
      status: { replicas: 3, readyReplicas: 3, updatedReplicas: 1 },
    }),
    'Current: Partition rollout complete. updated: 1',
  ],
  [
    'daemon set, unseen',
    object('DaemonSet', { metadata: { generation: 1 } }),
    'InProgress: DaemonSet status.observedGeneration not found',
  ],
  [
    'daemon set, not ready',
    object('DaemonSet', {
      metadata: { generation: 1 },
      status: {
        observedGeneration: 1,
        desiredNumberScheduled: 2,
        currentNumberScheduled: 2,
        updatedNumberScheduled: 2,
        numberAvailable: 1,
      },
    }),
    'InProgress: Available: 1/2',
  ],
  ['replica set', object('ReplicaSet', { spec: { replicas: 1 } }), 'InProgress: Labelled: 0/1'],
  [
    'claim',
    object('PersistentVolumeClaim', { status: { phase: 'Pending' } }, 'v1'),
    'InProgress: PVC is not Bound. phase: Pending',
  ],
  [
    'pod, failed',
    object('Pod', { status: { phase: 'Failed' } }, 'v1'),
    'Current: Pod has completed, but not successfully',
  ],
  [
    'pod, crashing',
    object(
      'Pod',
      {
        status: {
          phase: 'Running',
          containerStatuses: [{ name: 'c', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
        },
      },
      'v1',
    ),
    'Failed: Containers in CrashLoop state: c',
  ],
  [
    'pod, no place',
    object(
      'Pod',
      {
        metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
        status: {
          phase: 'Pending',
          conditions: [condition('PodScheduled', 'False', 'Unschedulable')],
        },
      },
      'v1',
    ),
    'Failed: Pod could not be scheduled',
  ],
  [
    'pod, no place yet',
    object(
      'Pod',
      {
        metadata: { creationTimestamp: '2026-01-01T00:00:50Z' },
        status: {
          phase: 'Pending',
          conditions: [condition('PodScheduled', 'False', 'Unschedulable')],
        },
      },
      'v1',
    ),
    'InProgress: Pod has not been scheduled',
  ],
  ['job, not begun', object('Job', {}, 'batch/v1'), 'InProgress: Job not started'],
  [
    'job, running',
    object('Job', { status: { startTime: 'x', active: 1 } }, 'batch/v1'),
    'Current: Job in progress. success:0, active: 1, failed: 0',
  ],
  [
    'job, failed',
    object('Job', { status: { failed: 2, conditions: [condition('Failed', 'True')] } }, 'batch/v1'),
    'Failed: Job Failed. failed: 2/1',
  ],
  [
    'service',
    object('Service', { spec: { type: 'LoadBalancer' } }, 'v1'),
    'InProgress: ClusterIP not set. Service type: LoadBalancer',
  ],
  [
    'definition, name taken',
    object(
      'CustomResourceDefinition',
      { status: { conditions: [condition('NamesAccepted', 'False', 'R', 'taken')] } },
      'apiextensions.k8s.io/v1',
    ),
    'Failed: taken',
  ],
  [
    'definition',
    object(
      'CustomResourceDefinition',
      { status: { conditions: [condition('Established', 'True')] } },
      'apiextensions.k8s.io/v1',
    ),
    'Current: CRD is established',
  ],
];

for (const [name, given, expected] of rows) {
  test(`readiness: ${name}`, () => {
    const { status, message } = readinessOf(given, NOW);
    assert.equal(`${status}: ${message}`, expected);
  });
}
