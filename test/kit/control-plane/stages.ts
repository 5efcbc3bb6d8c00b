// SPDX-License-Identifier: Apache-2.0

/**
 * What the fake kubelet does with nodes and pods: Stage objects for kwok.
 *
 * A pod says by the annotation `kit/outcome` what shall become of it:
 *
 * | value          | the pod …                                                        |
 * | -------------- | ---------------------------------------------------------------- |
 * | absent, other  | becomes ready; a Job's or a `helm test` pod then succeeds         |
 * | `fail`         | runs, then ends in phase Failed with exit code 1                  |
 * | `hang`         | stays Pending for ever                                            |
 * | `run`          | runs and is never ready                                           |
 * | `crash`        | is in CrashLoopBackOff, last exit code 1                          |
 * | `pull`         | waits in ImagePullBackOff: the registry has no such image         |
 * | `unreached`    | waits in ImagePullBackOff: the registry cannot be reached         |
 * | `name`         | waits in InvalidImageName                                         |
 * | `config`       | waits in CreateContainerConfigError: a Secret is missing          |
 * | `start`        | waits in RunContainerError: its command does not exist            |
 * | `mount`        | waits in ContainerCreating, with an event FailedMount             |
 *
 * What `kubectl logs` shows is its annotation `kit/log` (see pod-logs.ts).
 */

export const OUTCOME_ANNOTATION = 'kit/outcome';
export const LOG_ANNOTATION = 'kit/log';

const OUTCOME = `.metadata.annotations["${OUTCOME_ANNOTATION}"]`;
const ALIVE = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const PENDING = { key: '.status.phase', operator: 'In', values: ['Pending'] };
const RUNNING = { key: '.status.phase', operator: 'In', values: ['Running'] };
const isOutcome = (...values: string[]) => ({ key: OUTCOME, operator: 'In', values });
const isNoOutcome = (...values: string[]) => ({ key: OUTCOME, operator: 'NotIn', values });

function stage(
  name: string,
  kind: 'Node' | 'Pod',
  matchExpressions: readonly object[],
  next: object,
  delayMs = 0,
): object {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind },
      selector: { matchExpressions },
      ...(delayMs > 0 ? { delay: { durationMilliseconds: delayMs } } : {}),
      next,
    },
  };
}

const nodeConditions = `conditions:
{{ range NodeConditions }}
- lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ Now | Quote }}
  message: {{ .message | Quote }}
  reason: {{ .reason | Quote }}
  status: {{ .status | Quote }}
  type: {{ .type | Quote }}
{{ end }}`;

const nodeStatus = `${nodeConditions}
addresses:
- address: {{ NodeIP | Quote }}
  type: InternalIP
- address: {{ NodeName | Quote }}
  type: Hostname
daemonEndpoints:
  kubeletEndpoint:
    Port: {{ NodePort }}
allocatable: { cpu: 1k, memory: 1Ti, pods: 1M }
capacity: { cpu: 1k, memory: 1Ti, pods: 1M }
nodeInfo:
  architecture: amd64
  bootID: ""
  containerRuntimeVersion: fake
  kernelVersion: fake
  kubeProxyVersion: fake
  kubeletVersion: fake
  machineID: ""
  operatingSystem: linux
  osImage: ""
  systemUUID: ""
phase: Running
`;

const addresses = `{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
{{ end }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
startTime: {{ Now | Quote }}`;

function podConditions(isReady: boolean, extra = ''): string {
  const status = isReady ? '"True"' : '"False"';
  return `conditions:
- { type: Initialized, status: "True", lastTransitionTime: {{ Now | Quote }} }
- { type: Ready, status: ${status}, lastTransitionTime: {{ Now | Quote }}${extra} }
- { type: ContainersReady, status: ${status}, lastTransitionTime: {{ Now | Quote }}${extra} }`;
}

function containers(isReady: boolean, state: string, more = ''): string {
  return `containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: ${isReady}
  restartCount: ${more === '' ? 0 : 3}
  state: ${state}${more}
{{ end }}`;
}

const running = '{ running: { startedAt: {{ Now | Quote }} } }';
const terminated = (code: number, reason: string) =>
  `{ terminated: { exitCode: ${code}, reason: ${reason}, startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }} } }`;
const waiting = (reason: string, message: string) =>
  `{ waiting: { reason: ${reason}, message: ${message} } }`;

const status = (...parts: string[]) => ({ statusTemplate: `${parts.join('\n')}\n` });

const ready = status(podConditions(true), containers(true, running), addresses, 'phase: Running');
const unready = status(
  podConditions(false, ', reason: ContainersNotReady, message: "containers are not ready"'),
  containers(false, running),
  addresses,
  'phase: Running',
);
const crashing = status(
  podConditions(false, ', reason: ContainersNotReady, message: "containers are not ready"'),
  containers(
    false,
    waiting('CrashLoopBackOff', '"back-off 5m0s restarting failed container"'),
    `\n  lastState: ${terminated(1, 'Error')}`,
  ),
  addresses,
  'phase: Running',
);
const held = (reason: string, message: string) =>
  status(
    podConditions(false, ', reason: ContainersNotReady, message: "containers are not ready"'),
    containers(false, waiting(reason, `'${message}'`)),
    addresses,
    'phase: Pending',
  );
/** What containers wait for, by outcome. */
const HELD: readonly (readonly [outcome: string, reason: string, message: string])[] = [
  ['pull', 'ImagePullBackOff', 'Back-off pulling image: not found'],
  ['unreached', 'ImagePullBackOff', 'Back-off pulling image: dial tcp: i/o timeout'],
  ['name', 'InvalidImageName', 'Failed to apply default image tag: invalid reference format'],
  ['config', 'CreateContainerConfigError', 'secret "absent" not found'],
  ['start', 'RunContainerError', 'exec: "absent": executable file not found in $PATH'],
  ['mount', 'ContainerCreating', ''],
];
const MOUNT_EVENT = {
  type: 'Warning',
  reason: 'FailedMount',
  message: 'MountVolume.SetUp failed for volume "config" : configmap "absent" not found',
};
const ended = (phase: string, code: number, reason: string) =>
  status(
    podConditions(false, ', reason: PodCompleted'),
    containers(false, terminated(code, reason)),
    `phase: ${phase}`,
  );

const isJobPod = { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] };
const isTestPod = { key: '.metadata.annotations["helm.sh/hook"]', operator: 'Exists' };
const isBarePod = { key: '.metadata.ownerReferences', operator: 'DoesNotExist' };
const neverReady = isNoOutcome('hang', 'crash', 'run', ...HELD.map(([outcome]) => outcome));
const isNotReady = {
  key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
  operator: 'NotIn',
  values: ['True'],
};
const noContainers = { key: '.status.containerStatuses', operator: 'DoesNotExist' };

/** All stages, as kwok reads them from its configuration file (a JSON document each). */
export function stageDocuments(): readonly object[] {
  return [
    stage('node-ready', 'Node', [isNotReady], { statusTemplate: nodeStatus }),
    stage('pod-ready', 'Pod', [ALIVE, PENDING, isNotReady, neverReady], ready),
    stage('pod-unready', 'Pod', [ALIVE, PENDING, noContainers, isOutcome('run')], unready),
    stage('pod-crash', 'Pod', [ALIVE, PENDING, noContainers, isOutcome('crash')], crashing),
    ...HELD.map(([outcome, reason, message]) =>
      stage(`pod-${outcome}`, 'Pod', [ALIVE, PENDING, noContainers, isOutcome(outcome)], {
        ...held(reason, message),
        ...(outcome === 'mount' ? { event: MOUNT_EVENT } : {}),
      }),
    ),
    stage(
      'job-pod-complete',
      'Pod',
      [ALIVE, RUNNING, isJobPod, isNoOutcome('fail', 'hang', 'run', 'crash')],
      ended('Succeeded', 0, 'Completed'),
    ),
    stage(
      'test-pod-complete',
      'Pod',
      [ALIVE, RUNNING, isTestPod, isBarePod, isNoOutcome('fail', 'hang', 'run', 'crash')],
      ended('Succeeded', 0, 'Completed'),
    ),
    stage('pod-fail', 'Pod', [ALIVE, RUNNING, isOutcome('fail')], ended('Failed', 1, 'Error')),
    stage('pod-delete', 'Pod', [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }], {
      finalizers: { empty: true },
      delete: true,
    }),
  ];
}
