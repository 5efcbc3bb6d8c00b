// SPDX-License-Identifier: Apache-2.0

/**
 * Looks closer at what is not ready, and says when waiting cannot help any more.
 *
 * Effects: reads the cluster: pods by watch, events of few objects now and then.
 */

import {
  conditionsOf,
  fieldAt,
  type JsonObject,
  KubeError,
  type ObjectRef,
  objectsAt,
  textAt,
} from '@helm-operator/kube';
import { newestFirst } from './events.ts';
import { type Finding, findingAt, newestPods, ownsPods, worst } from './finding.ts';
import type { LiveView, ViewContext } from './live-view.ts';
import type { Obstacle } from './obstacles/obstacle.ts';
import { eventObstacle, isScaleUp } from './obstacles/refusal.ts';
import type { Awaited } from './progress.ts';
import { labelsText, selectorText } from './selector.ts';

/** Most waits are over by then; those cost nothing more. */
const LOOK_CLOSER_MS = 1_000;
/** Objects that are looked at closer. */
const PATIENTS = 50;
const EVENTS_AFTER_MS = 3_000;
const EVENTS_AGAIN_MS = 10_000;
/** Objects whose events are read in one round. */
const EVENT_READS = 3;
const EVENTS_LOOKED_AT = 5;
/** An obstacle that is not seen for that long has gone. */
const FORGET_MS = 15_000;
const CALL_TIMEOUT_MS = 5_000;

interface Sighting {
  readonly sinceMs: number;
  readonly lastMs: number;
}

interface EventReading {
  readonly atMs: number;
  readonly events: readonly JsonObject[];
}

export class Doctor {
  readonly #view: LiveView;
  readonly #context: ViewContext;
  readonly #startMs: number;
  readonly #sightings = new Map<string, Sighting>();
  readonly #readings = new Map<string, EventReading>();
  /** The last finding of each object, by reference. */
  #found: readonly Finding[] = [];
  #hasFailed = false;

  constructor(view: LiveView, context: ViewContext) {
    this.#view = view;
    this.#context = context;
    this.#startMs = context.clock.nowMs();
  }

  /** What was found last time at an object. */
  findingOf(ref: ObjectRef): Finding | undefined {
    return this.#found.find((finding) => finding.ref === ref);
  }

  /** @returns what makes waiting useless; empty while there is hope */
  async examine(pending: readonly Awaited[]): Promise<readonly Finding[]> {
    const nowMs = this.#context.clock.nowMs();
    if (nowMs - this.#startMs < LOOK_CLOSER_MS || this.#hasFailed) return [];
    const patients = pending.slice(0, PATIENTS).map(({ ref }) => ref);
    try {
      this.#found = await this.#findAll(patients, nowMs);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      // Who may not read events waits as Helm does.
      this.#hasFailed = error.status === 403;
      return [];
    }
    const confirmed = this.#found.filter((finding) => this.#hasLasted(finding, nowMs));
    const canProgress = patients.length < pending.length || patients.length > confirmed.length;
    return confirmed.filter(({ obstacle }) => obstacle.mayDependOnOthers !== true || !canProgress);
  }

  async #findAll(patients: readonly ObjectRef[], nowMs: number): Promise<readonly Finding[]> {
    const budget = { reads: EVENT_READS };
    const found: Finding[] = [];
    for (const ref of patients) {
      const object = this.#view.look(ref);
      if (object === undefined || object === 'absent') continue;
      const pods = this.#podsOf(object);
      const finding = await this.#withEvents(ref, object, { pods, nowMs, budget });
      if (finding !== undefined) found.push(finding);
    }
    return found;
  }

  #podsOf(object: JsonObject): readonly JsonObject[] | undefined {
    if (textAt(object, 'kind') === 'Pod') return [object];
    if (!ownsPods(object)) return [];
    const namespace = textAt(object, 'metadata.namespace');
    const selector = fieldAt(object, 'spec.selector');
    const labelSelector =
      textAt(object, 'kind') === 'ReplicationController'
        ? labelsText(selector).join(',')
        : selectorText(selector);
    if (labelSelector === undefined || labelSelector === '') return undefined;
    const ask = (apiVersion: string, kind: string) =>
      this.#view.list({ apiVersion, kind, namespace, labelSelector }, true);
    const pods = ask('v1', 'Pod');
    const isDeployment = textAt(object, 'kind') === 'Deployment';
    const replicaSets = isDeployment ? ask('apps/v1', 'ReplicaSet') : [];
    if (pods === undefined || replicaSets === undefined) return undefined;
    return newestPods(object, pods, replicaSets);
  }

  async #withEvents(
    ref: ObjectRef,
    object: JsonObject,
    facts: {
      readonly pods: readonly JsonObject[] | undefined;
      readonly nowMs: number;
      readonly budget: { reads: number };
    },
  ): Promise<Finding | undefined> {
    const { pods = [], nowMs, budget } = facts;
    const seen = findingAt(ref, object, pods);
    if (nowMs - this.#startMs < EVENTS_AFTER_MS || facts.pods === undefined) return seen;
    const subject = subjectOfEvents(object, pods, seen);
    if (subject === undefined) return seen;
    const events = await this.#eventsOf(subject, nowMs, budget);
    if (seen?.obstacle.kind === 'unschedulable' && events.some(isScaleUp)) {
      return { ...seen, obstacle: { ...seen.obstacle, confirmMs: undefined } };
    }
    const told = obstaclesIn(events, textAt(subject, 'kind')).map((obstacle) => ({
      ref,
      obstacle,
      pod: textAt(subject, 'kind') === 'Pod' ? subject : undefined,
    }));
    return worst([...told, ...(seen === undefined ? [] : [seen])]);
  }

  async #eventsOf(
    object: JsonObject,
    nowMs: number,
    budget: { reads: number },
  ): Promise<readonly JsonObject[]> {
    const uid = textAt(object, 'metadata.uid');
    const reading = this.#readings.get(uid);
    const isFresh = reading !== undefined && nowMs - reading.atMs < EVENTS_AGAIN_MS;
    if (isFresh || budget.reads <= 0) return reading?.events ?? [];
    budget.reads -= 1;
    const { cluster, signal } = this.#context;
    const found = await cluster.listJson(
      {
        apiVersion: 'v1',
        kind: 'Event',
        namespace: textAt(object, 'metadata.namespace'),
        fieldSelector: `involvedObject.uid=${uid}`,
      },
      { signal, timeoutMs: CALL_TIMEOUT_MS },
    );
    const events = newestFirst(found).slice(0, EVENTS_LOOKED_AT);
    this.#readings.set(uid, { atMs: nowMs, events });
    return events;
  }

  #hasLasted({ ref, obstacle }: Finding, nowMs: number): boolean {
    const key = JSON.stringify([ref, obstacle.kind, obstacle.container ?? '']);
    const before = this.#sightings.get(key);
    const isKnown = before !== undefined && nowMs - before.lastMs < FORGET_MS;
    const sinceMs = isKnown ? before.sinceMs : nowMs;
    this.#sightings.set(key, { sinceMs, lastMs: nowMs });
    return obstacle.confirmMs !== undefined && nowMs - sinceMs >= obstacle.confirmMs;
  }
}

/** Whose events may tell more, if any: they cost a request. */
function subjectOfEvents(
  object: JsonObject,
  pods: readonly JsonObject[],
  seen: Finding | undefined,
): JsonObject | undefined {
  if (seen?.obstacle.kind === 'unschedulable') return seen.pod;
  if (seen !== undefined) return undefined;
  const kind = textAt(object, 'kind');
  if (kind === 'PersistentVolumeClaim') return object;
  if (!ownsPods(object) && kind !== 'Pod') return undefined;
  if (pods.length === 0) return kind === 'Deployment' ? undefined : object;
  return pods.find(isStarting);
}

/** It has a node, and none of its containers has begun. */
function isStarting(pod: JsonObject): boolean {
  if (textAt(pod, 'status.phase') !== 'Pending') return false;
  const hasNode = conditionsOf(pod).some(
    ({ type, status }) => type === 'PodScheduled' && status === 'True',
  );
  const states = objectsAt(pod, 'status.containerStatuses');
  return (
    hasNode &&
    states.every((state) => textAt(state, 'state.waiting.reason') === 'ContainerCreating')
  );
}

/** A controller's last word counts, of a pod the last few: scheduler and autoscaler speak in turn. */
function obstaclesIn(events: readonly JsonObject[], kind: string): readonly Obstacle[] {
  const heard = kind === 'Pod' ? events : events.slice(0, 1);
  return heard.map(eventObstacle).filter((obstacle) => obstacle !== undefined);
}
