// SPDX-License-Identifier: Apache-2.0

/**
 * What keeps a pod from becoming ready. Pure.
 *
 * Source: kubernetes@v1.36.3 pkg/kubelet/images/types.go, pkg/kubelet/container/sync_result.go (reasons), kubelet back-off 10 s … 5 min
 */

import {
  conditionsOf,
  fieldAt,
  type JsonObject,
  numberAt,
  objectsAt,
  textAt,
} from '@helm-operator/kube';
import { type Obstacle, withMessage } from './obstacle.ts';

/** The registry has said no; a second answer would be the same. */
const REFUSED =
  /not found|manifest unknown|does not exist|unauthorized|authentication required|denied|forbidden|no match for platform|invalid reference/i;
/** The registry could not be asked, or asks to come later. */
const UNREACHED =
  /time ?out|timed out|deadline exceeded|connection re|no such host|i\/o|EOF|toomanyrequests|too many requests|rate limit|50[0-9]|unavailable|tls:/i;

const REFUSED_MS = 5_000;
const UNCLEAR_MS = 20_000;
const UNREACHED_MS = 120_000;
/** Secrets and ConfigMaps may be made by controllers. */
const CONFIG_MS = 60_000;
const START_MS = 30_000;
const AUTOSCALER_MS = 60_000;
/** Back-offs of 10, 20 and 40 s lie behind it. */
const CRASHES = 3;
/** Whatever the other objects do. */
const CRASHES_AT_LAST = 6;

/** Waiting reasons that tell of no trouble. */
const QUIET = new Set(['', 'ContainerCreating', 'PodInitializing']);

/** @returns `undefined` when nothing is wrong that the pod would know of */
export function podObstacle(pod: JsonObject): Obstacle | undefined {
  for (const status of containerStatuses(pod)) {
    const obstacle = containerObstacle(status, pod);
    if (obstacle !== undefined) return obstacle;
  }
  const scheduled = conditionsOf(pod).find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  if (scheduled?.reason === 'Unschedulable') return unschedulable(scheduled.message);
  return undefined;
}

export function containerStatuses(pod: JsonObject): readonly JsonObject[] {
  return [
    ...objectsAt(pod, 'status.initContainerStatuses'),
    ...objectsAt(pod, 'status.containerStatuses'),
  ];
}

function containerObstacle(status: JsonObject, pod: JsonObject): Obstacle | undefined {
  const waiting = textAt(status, 'state.waiting.reason');
  if (QUIET.has(waiting)) return undefined;
  const message = textAt(status, 'state.waiting.message');
  const container = textAt(status, 'name');
  const reason = withMessage(waiting, message);
  switch (waiting) {
    case 'InvalidImageName':
      return { kind: 'image-pull', container, reason, confirmMs: 0 };
    case 'ErrImagePull':
      // The first blip: whether it lasts, the back-off after it tells.
      return { kind: 'image-pull', container, reason };
    case 'ImagePullBackOff':
    case 'ErrImageNeverPull':
    case 'ImageInspectError':
      return { kind: 'image-pull', container, reason, confirmMs: pullMs(message) };
    case 'CreateContainerConfigError':
      return {
        kind: 'container-config',
        container,
        reason,
        confirmMs: CONFIG_MS,
        mayDependOnOthers: true,
      };
    case 'CreateContainerError':
    case 'RunContainerError':
      return { kind: 'container-start', container, reason, confirmMs: START_MS };
    case 'CrashLoopBackOff':
      return crashLoop(status, pod, reason);
    default:
      return undefined;
  }
}

function pullMs(message: string): number {
  if (UNREACHED.test(message)) return UNREACHED_MS;
  return REFUSED.test(message) ? REFUSED_MS : UNCLEAR_MS;
}

/** A Job counts its pods' failures itself. */
function crashLoop(status: JsonObject, pod: JsonObject, reason: string): Obstacle {
  const restarts = numberAt(status, 'restartCount', 0);
  const ended = lastEnd(status);
  const isJobs = objectsAt(pod, 'metadata.ownerReferences').some(
    (owner) => owner['kind'] === 'Job',
  );
  const isSure = restarts >= CRASHES && !isJobs;
  return {
    kind: 'crash-loop',
    container: textAt(status, 'name'),
    reason: `${reason}, ${restarts} restarts${ended === '' ? '' : `, ${ended}`}`,
    confirmMs: isSure ? 0 : undefined,
    mayDependOnOthers: restarts < CRASHES_AT_LAST,
  };
}

function lastEnd(status: JsonObject): string {
  const code = fieldAt(status, 'lastState.terminated.exitCode');
  const reason = textAt(status, 'lastState.terminated.reason');
  if (typeof code !== 'number') return '';
  const said = textAt(status, 'lastState.terminated.message').trim();
  const why = reason === '' || reason === 'Error' ? '' : ` (${reason})`;
  return `last exit code ${code}${why}${said === '' ? '' : `: ${said}`}`;
}

/**
 * Only what no leaving pod can change: every node refuses for what the pod asks of a node, and evicting others would not help.
 * A node added later could; an autoscaler that adds one says so in an event, for which there is time.
 */
function unschedulable(message: string): Obstacle {
  const reason = withMessage('Unschedulable', message);
  if (/persistentvolumeclaim ".*" not found/.test(message)) {
    return { kind: 'volume', reason, confirmMs: CONFIG_MS, mayDependOnOthers: true };
  }
  if (message.includes('unbound immediate PersistentVolumeClaims'))
    return { kind: 'volume', reason };
  return isAboutNodes(message)
    ? { kind: 'unschedulable', reason, confirmMs: AUTOSCALER_MS }
    : { kind: 'unschedulable', reason };
}

const NODES = /^0\/(\d+) nodes are available: (.*?)(?:\.|$)/;
const NODE_REASON =
  /^(\d+) node\(s\) (?:didn't match Pod's node affinity\/selector|didn't match Pod's node affinity|had untolerated taint.*|didn't satisfy plugin\(s\) \[NodeAffinity\]|were unschedulable)$/;

function isAboutNodes(message: string): boolean {
  const [, total, list] = NODES.exec(message) ?? [];
  if (total === undefined || list === undefined || total === '0') return false;
  const counts = list.split(/, (?=\d)/).map((part) => NODE_REASON.exec(part)?.[1]);
  if (counts.includes(undefined)) return false;
  return counts.reduce((sum, count) => sum + Number(count), 0) >= Number(total);
}
