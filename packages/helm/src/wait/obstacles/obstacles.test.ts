// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@helm-operator/kube';
import { podObstacle } from './pod.ts';
import { eventObstacle, isScaleUp, refusalObstacle } from './refusal.ts';
import { workloadObstacle } from './workload.ts';

const waitingPod = (reason: string, message = '', more: JsonObject = {}): JsonObject => ({
  kind: 'Pod',
  metadata: { name: 'p' },
  status: { containerStatuses: [{ name: 'c', state: { waiting: { reason, message } }, ...more }] },
});

const unscheduled = (message: string, reason = 'Unschedulable'): JsonObject => ({
  kind: 'Pod',
  status: { conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] },
});

const crashed = (restartCount: number): JsonObject => ({
  restartCount,
  lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
});

const NODES = "0/3 nodes are available: 2 node(s) didn't match Pod's node affinity/selector";

/** Pod, then what stands in the way and how long it must last in seconds; `-`: for ever. */
const rows: readonly (readonly [string, JsonObject, string | undefined])[] = [
  [
    'running',
    { status: { containerStatuses: [{ name: 'c', state: { running: {} } }] } },
    undefined,
  ],
  ['creating', waitingPod('ContainerCreating'), undefined],
  ['unknown reason', waitingPod('Odd'), undefined],
  ['first blip', waitingPod('ErrImagePull', 'not found'), 'image-pull -'],
  ['refused', waitingPod('ImagePullBackOff', 'manifest unknown'), 'image-pull 5'],
  ['no word', waitingPod('ImagePullBackOff', 'Back-off pulling image "x"'), 'image-pull 20'],
  ['too many', waitingPod('ImagePullBackOff', 'toomanyrequests: rate limit'), 'image-pull 120'],
  ['not found at a proxy', waitingPod('ImagePullBackOff', '502: not found'), 'image-pull 120'],
  ['bad name', waitingPod('InvalidImageName'), 'image-pull 0'],
  ['no secret', waitingPod('CreateContainerConfigError'), 'container-config 60'],
  ['no command', waitingPod('RunContainerError'), 'container-start 30'],
  ['crash', waitingPod('CrashLoopBackOff', '', crashed(2)), 'crash-loop -'],
  ['crashes', waitingPod('CrashLoopBackOff', '', crashed(3)), 'crash-loop 0'],
  ['no room', unscheduled('0/3 nodes are available: 3 Insufficient cpu.'), 'unschedulable -'],
  ['half a room', unscheduled(`${NODES}, 1 Insufficient cpu. preemption: …`), 'unschedulable -'],
  ['some nodes', unscheduled(`${NODES}.`), 'unschedulable -'],
  [
    'all nodes',
    unscheduled(`${NODES}, 1 node(s) had untolerated taint {a: b}. x`),
    'unschedulable 60',
  ],
  ['no nodes', unscheduled('0/0 nodes are available: .'), 'unschedulable -'],
  ['no claim', unscheduled('persistentvolumeclaim "x" not found'), 'volume 60'],
  ['unbound', unscheduled('pod has unbound immediate PersistentVolumeClaims.'), 'volume -'],
  ['gated', unscheduled('', 'SchedulingGated'), undefined],
];

for (const [name, pod, expected] of rows) {
  test(`pod: ${name}`, () => {
    assert.equal(printed(podObstacle(pod)), expected);
  });
}

function printed(obstacle: ReturnType<typeof podObstacle>): string | undefined {
  if (obstacle === undefined) return undefined;
  const { kind, confirmMs } = obstacle;
  return `${kind} ${confirmMs === undefined ? '-' : confirmMs / 1000}`;
}

test('pod: a crash says how often and how it ended; a Job counts its crashes itself', () => {
  const pod = waitingPod('CrashLoopBackOff', 'back-off', crashed(4));
  const found = podObstacle(pod);
  assert.equal(
    found?.reason,
    'CrashLoopBackOff: back-off, 4 restarts, last exit code 137 (OOMKilled)',
  );
  assert.equal(found?.mayDependOnOthers, true);
  assert.equal(
    podObstacle(waitingPod('CrashLoopBackOff', '', crashed(6)))?.mayDependOnOthers,
    false,
  );
  const owned = { ...pod, metadata: { ownerReferences: [{ kind: 'Job' }] } };
  assert.equal(podObstacle(owned)?.confirmMs, undefined);
});

test('refusals of the API server', () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['pods "x" is forbidden: exceeded quota: q, requested: pods=1', 'quota 15'],
    ['error looking up service account a/b: serviceaccount "b" not found', 'service-account 30'],
    ['violates PodSecurity "restricted:latest"', 'admission 10'],
    ['admission webhook "a.b" denied the request: no', 'admission 10'],
    ['failed calling webhook "a.b": connection refused', 'admission -'],
  ];
  for (const [message, expected] of refusals) {
    assert.equal(printed(refusalObstacle(message)), expected, message);
  }
});

test('events', () => {
  const events: readonly (readonly [string, string, string | undefined])[] = [
    ['SuccessfulCreate', 'created pod', undefined],
    ['FailedCreate', 'exceeded quota', 'quota 15'],
    ['ProvisioningFailed', 'storageclass.storage.k8s.io "x" not found', 'volume 15'],
    ['ProvisioningFailed', 'disk API busy', 'volume -'],
    ['FailedBinding', 'no persistent volumes available', 'volume 60'],
    ['FailedMount', 'secret "x" not found', 'container-config 60'],
    ['FailedMount', 'timed out', 'volume -'],
    ['NotTriggerScaleUp', 'would not fit', 'unschedulable 30'],
  ];
  for (const [reason, message, expected] of events) {
    assert.equal(printed(eventObstacle({ reason, message })), expected, reason);
  }
  assert.ok(isScaleUp({ reason: 'TriggeredScaleUp' }));
  assert.ok(!isScaleUp({ reason: 'FailedScheduling' }));
});

test('what workloads say themselves', () => {
  const say = (kind: string, condition: JsonObject) =>
    printed(workloadObstacle({ kind, status: { conditions: [condition] } }));
  const failed = { type: 'Failed', status: 'True', reason: 'DeadlineExceeded' };
  assert.equal(say('Job', failed), 'job-failed 0');
  assert.equal(say('Widget', failed), undefined);
  const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
  assert.equal(say('Deployment', late), 'progress-deadline 0');
  const refused = { type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' };
  assert.equal(say('Deployment', refused), 'quota 15');
});
