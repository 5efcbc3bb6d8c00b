// SPDX-License-Identifier: Apache-2.0

/**
 * Why an object is not ready: the pod's reason, the last events, the end of a log. Bounded, redacted, and never the reason for an error.
 */

import {
  type Cluster,
  conditionsOf,
  fieldAt,
  type JsonObject,
  KubeError,
  numberAt,
  type ObjectRef,
  textAt,
} from '@helm-operator/kube';
import { eventText, newestFirst } from './events.ts';
import type { Finding } from './finding.ts';
import { deletionObstacle } from './obstacles/deletion.ts';
import { OBSTACLES, type Obstacle, withMessage } from './obstacles/obstacle.ts';
import { containerStatuses, podObstacle } from './obstacles/pod.ts';
import { workloadObstacle } from './obstacles/workload.ts';
import { labelsText, selectorText } from './selector.ts';
import type { Culprit } from './wait-error.ts';

const EVENTS_SHOWN = 3;
const LOG_LINES = 20;
const LOG_READ_BYTES = 64 << 10;
const LOG_SHOWN = 4_096;
const TEXT_SHOWN = 1_000;
/** Objects that are looked at closer; each costs up to four requests. */
const EXAMINED = 5;
const LISTED = 50;
/** Time for each question, in milliseconds; the release is late already. */
const LOOK_TIMEOUT_MS = 5000;

export interface CulpritContext {
  readonly cluster: Cluster;
  readonly signal?: AbortSignal | undefined;
  readonly redact: (text: string) => string;
}

/** An object that is not ready, and what is known of it already. */
export interface Suspect {
  readonly ref: ObjectRef;
  readonly message: string;
  readonly finding?: Finding | undefined;
}

/** The first few with their evidence, up to fifty with their message. */
export async function findCulprits(
  suspects: readonly Suspect[],
  context: CulpritContext,
): Promise<readonly Culprit[]> {
  // Those something is known of are worth the requests.
  const sorted = suspects.toSorted((a, b) => rank(a) - rank(b)).slice(0, LISTED);
  return Promise.all(
    sorted.map((suspect, i) =>
      i < EXAMINED
        ? findCulprit(suspect, context)
        : { ref: suspect.ref, message: shown(suspect.message, context) },
    ),
  );
}

function rank({ finding }: Suspect): number {
  return finding === undefined ? 1 : 0;
}

async function findCulprit(suspect: Suspect, context: CulpritContext): Promise<Culprit> {
  const { ref, message, finding } = suspect;
  const object =
    finding?.pod === undefined
      ? await look(() => context.cluster.getJson(ref, callOptions(context)))
      : undefined;
  const pod = finding?.pod ?? (await look(() => brokenPod(object, context)));
  const subject = pod ?? object;
  const [events, logTail] = await Promise.all([
    subject === undefined ? undefined : look(() => lastEvents(subject, context)),
    pod === undefined ? undefined : look(() => lastLog(pod, context)),
  ]);
  const obstacle = finding?.obstacle ?? obstacleOf(object, pod);
  const reason = obstacle?.reason ?? (pod === undefined ? undefined : podReason(pod));
  return {
    ref,
    message: shown(message, context),
    obstacle: obstacle?.kind,
    pod: pod === undefined ? undefined : textAt(pod, 'metadata.name'),
    container: obstacle?.container,
    reason: reason === undefined ? undefined : shown(reason, context),
    mend: obstacle === undefined ? undefined : OBSTACLES[obstacle.kind],
    events: events?.map((event) => shown(event, context)),
    logTail: logTail === undefined || logTail === '' ? undefined : tailOf(context.redact(logTail)),
  };
}

/** Redacted first: half a secret is not recognised. */
function shown(text: string, context: CulpritContext): string {
  const redacted = context.redact(text);
  return redacted.length > TEXT_SHOWN ? `${redacted.slice(0, TEXT_SHOWN)}…` : redacted;
}

function tailOf(log: string): string {
  return log.length > LOG_SHOWN ? `…${log.slice(-LOG_SHOWN)}` : log;
}

function obstacleOf(
  object: JsonObject | undefined,
  pod: JsonObject | undefined,
): Obstacle | undefined {
  const own =
    object === undefined ? undefined : (deletionObstacle(object) ?? workloadObstacle(object));
  return own ?? (pod === undefined ? undefined : podObstacle(pod));
}

/** The explanation may be missing; the wait's own error must not be replaced by it. */
async function look<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}

function callOptions(context: CulpritContext) {
  return { signal: context.signal, timeoutMs: LOOK_TIMEOUT_MS };
}

async function brokenPod(
  object: JsonObject | undefined,
  context: CulpritContext,
): Promise<JsonObject | undefined> {
  if (object === undefined) return undefined;
  if (object['kind'] === 'Pod') return object;
  const labelSelector =
    object['kind'] === 'ReplicationController'
      ? labelsText(fieldAt(object, 'spec.selector')).join(',')
      : selectorText(fieldAt(object, 'spec.selector'));
  if (labelSelector === undefined || labelSelector === '') return undefined;
  const namespace = textAt(object, 'metadata.namespace');
  const pods = await context.cluster.listJson(
    { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector },
    callOptions(context),
  );
  const newestFirst = pods.toSorted((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
  return newestFirst.find((pod) => podReason(pod) !== undefined) ?? newestFirst.find(isNotReady);
}

function createdAt(object: JsonObject): string {
  return textAt(object, 'metadata.creationTimestamp');
}

function isNotReady(pod: JsonObject): boolean {
  return !conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** @returns `undefined` when nothing is wrong that the pod would know of */
function podReason(pod: JsonObject): string | undefined {
  const obstacle = podObstacle(pod);
  if (obstacle !== undefined) return obstacle.reason;
  for (const status of containerStatuses(pod)) {
    const problem = containerReason(status);
    if (problem !== undefined) return `container ${textAt(status, 'name')}: ${problem}`;
  }
  const held = conditionsOf(pod).find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  if (held !== undefined) return withMessage(held.reason, held.message);
  const reason = textAt(pod, 'status.reason');
  return reason === '' ? undefined : withMessage(reason, textAt(pod, 'status.message'));
}

function containerReason(status: JsonObject): string | undefined {
  const waiting = textAt(status, 'state.waiting.reason');
  if (waiting !== '' && waiting !== 'ContainerCreating' && waiting !== 'PodInitializing') {
    return withMessage(waiting, textAt(status, 'state.waiting.message'));
  }
  const ended = textAt(status, 'state.terminated.reason');
  if (ended === '' || ended === 'Completed') return undefined;
  const code = numberAt(status, 'state.terminated.exitCode', 0);
  return withMessage(
    `${ended} (exit code ${code})`,
    textAt(status, 'state.terminated.message').trim(),
  );
}

async function lastEvents(object: JsonObject, context: CulpritContext): Promise<readonly string[]> {
  const events = await context.cluster.listJson(
    {
      apiVersion: 'v1',
      kind: 'Event',
      namespace: textAt(object, 'metadata.namespace'),
      fieldSelector: `involvedObject.uid=${textAt(object, 'metadata.uid')}`,
    },
    callOptions(context),
  );
  return newestFirst(events).slice(0, EVENTS_SHOWN).toReversed().map(eventText);
}

async function lastLog(pod: JsonObject, context: CulpritContext): Promise<string> {
  const broken = containerStatuses(pod).find(
    (status) => status['ready'] !== true && !isDone(status),
  );
  if (broken === undefined) return '';
  const isWaiting = fieldAt(broken, 'state.waiting') !== undefined;
  const hasRun = Number(broken['restartCount'] ?? 0) > 0;
  if (isWaiting && !hasRun) return '';
  // A limit in bytes cuts the end off: it is kept far away, and the end is taken here.
  return context.cluster.podLogs(textAt(pod, 'metadata.namespace'), textAt(pod, 'metadata.name'), {
    ...callOptions(context),
    container: textAt(broken, 'name'),
    tailLines: LOG_LINES,
    limitBytes: LOG_READ_BYTES,
    isPrevious: isWaiting,
  });
}

/** An init container that has done its work. */
function isDone(status: JsonObject): boolean {
  return (
    fieldAt(status, 'state.terminated') !== undefined &&
    numberAt(status, 'state.terminated.exitCode', 0) === 0
  );
}
