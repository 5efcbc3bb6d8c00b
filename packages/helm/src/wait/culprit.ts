// SPDX-License-Identifier: Apache-2.0

/**
 * Why an object is not ready: the pod's reason, the last events, the end of a log. Bounded, and never the reason for an error.
 */

import {
  type Cluster,
  conditionsOf,
  fieldAt,
  type JsonObject,
  KubeError,
  type ObjectRef,
  objectsAt,
  textAt,
} from '@helm-operator/kube';
import { labelsText, selectorText } from './selector.ts';
import type { NotReady } from './wait-error.ts';

const EVENTS_SHOWN = 3;
const LOG_LINES = 20;
const LOG_LIMIT_BYTES = 4096;
/** Time for each question, in milliseconds; the release is late already. */
const LOOK_TIMEOUT_MS = 5000;

export interface CulpritContext {
  readonly cluster: Cluster;
  readonly signal?: AbortSignal | undefined;
  readonly redact: (text: string) => string;
}

/** Adds to what is known about an object that is not ready. */
export async function findCulprit(
  ref: ObjectRef,
  message: string,
  context: CulpritContext,
): Promise<NotReady> {
  const object = await look(() => context.cluster.getJson(ref, callOptions(context)));
  const pod = await look(() => brokenPod(object, context));
  const subject = pod ?? object;
  const [events, logTail] = await Promise.all([
    subject === undefined ? undefined : look(() => lastEvents(subject, context)),
    pod === undefined ? undefined : look(() => lastLog(pod, context)),
  ]);
  const reason = pod === undefined ? undefined : podReason(pod);
  return {
    ref,
    message: context.redact(message),
    podReason: reason === undefined ? undefined : context.redact(reason),
    events: events?.map(context.redact),
    logTail: logTail === undefined || logTail === '' ? undefined : context.redact(logTail),
  };
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
  return pods.find((pod) => podReason(pod) !== undefined) ?? pods.find(isNotReady);
}

function isNotReady(pod: JsonObject): boolean {
  return !conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True');
}

function containerStatuses(pod: JsonObject): readonly JsonObject[] {
  return [
    ...objectsAt(pod, 'status.initContainerStatuses'),
    ...objectsAt(pod, 'status.containerStatuses'),
  ];
}

/** @returns `undefined` when nothing is wrong that the pod would know of */
function podReason(pod: JsonObject): string | undefined {
  for (const status of containerStatuses(pod)) {
    const problem = containerReason(status);
    if (problem !== undefined) return `container ${textAt(status, 'name')}: ${problem}`;
  }
  const unscheduled = conditionsOf(pod).find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  if (unscheduled !== undefined) return withMessage(unscheduled.reason, unscheduled.message);
  const reason = textAt(pod, 'status.reason');
  return reason === '' ? undefined : withMessage(reason, textAt(pod, 'status.message'));
}

function containerReason(status: JsonObject): string | undefined {
  const waiting = textAt(status, 'state.waiting.reason');
  const last = textAt(status, 'lastState.terminated.reason');
  if (waiting !== '' && waiting !== 'ContainerCreating' && waiting !== 'PodInitializing') {
    const text = withMessage(waiting, textAt(status, 'state.waiting.message'));
    return last === '' ? text : `${text} (last ended with ${last})`;
  }
  const ended = textAt(status, 'state.terminated.reason');
  return ended === '' || ended === 'Completed' ? undefined : ended;
}

function withMessage(reason: string, message: string): string {
  return message === '' ? reason : `${reason}: ${message}`;
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
  return events
    .toSorted((a, b) => (eventTime(a) < eventTime(b) ? -1 : 1))
    .slice(-EVENTS_SHOWN)
    .map((event) => withMessage(textAt(event, 'reason'), textAt(event, 'message')));
}

function eventTime(event: JsonObject): string {
  return textAt(event, 'lastTimestamp') || textAt(event, 'eventTime');
}

async function lastLog(pod: JsonObject, context: CulpritContext): Promise<string> {
  const broken = containerStatuses(pod).find((status) => status['ready'] !== true);
  if (broken === undefined) return '';
  const isWaiting = fieldAt(broken, 'state.waiting') !== undefined;
  const hasRun = Number(broken['restartCount'] ?? 0) > 0;
  if (isWaiting && !hasRun) return '';
  return context.cluster.podLogs(textAt(pod, 'metadata.namespace'), textAt(pod, 'metadata.name'), {
    ...callOptions(context),
    container: textAt(broken, 'name'),
    tailLines: LOG_LINES,
    limitBytes: LOG_LIMIT_BYTES,
    isPrevious: isWaiting,
  });
}
