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
  numberAt,
  type ObjectRef,
  objectsAt,
  textAt,
} from '@helm-operator/kube';
import { EventReader, type EventSubject, subjectOf } from './event-reader.ts';
import {
  blockingPods,
  type Finding,
  findingAt,
  newestPods,
  ownsPods,
  type Pods,
  worst,
} from './finding.ts';
import type { LiveView, ViewContext } from './live-view.ts';
import type { Obstacle } from './obstacles/obstacle.ts';
import { eventObstacle, isScaleUp } from './obstacles/refusal.ts';
import type { Awaited } from './progress.ts';
import { labelsText, selectorText } from './selector.ts';

/** Most waits are over by then; those cost nothing more. */
const LOOK_CLOSER_MS = 1_000;
const EVENTS_AFTER_MS = 3_000;
/** Objects that are looked at closer. */
const PATIENTS = 50;
/** An obstacle that is not seen for that long has gone. */
const FORGET_MS = 15_000;

const NO_PODS: Pods = { newest: [], blocking: [] };

interface Sighting {
  readonly sinceMs: number;
  readonly lastMs: number;
}

export class Doctor {
  readonly #view: LiveView;
  readonly #context: ViewContext;
  readonly #events: EventReader;
  readonly #startMs: number;
  readonly #sightings = new Map<string, Sighting>();
  /** What was found last time, one for each object. */
  #found: readonly Finding[] = [];

  constructor(view: LiveView, context: ViewContext) {
    this.#view = view;
    this.#context = context;
    this.#events = new EventReader(context);
    this.#startMs = context.clock.elapsedMs();
  }

  /** What was found last time at an object. */
  findingOf(ref: ObjectRef): Finding | undefined {
    return this.#found.find((finding) => finding.ref === ref);
  }

  /** @returns what makes waiting useless; empty while there is hope */
  async examine(pending: readonly Awaited[]): Promise<readonly Finding[]> {
    const nowMs = this.#context.clock.elapsedMs();
    if (nowMs - this.#startMs < LOOK_CLOSER_MS) return [];
    const patients = pending.slice(0, PATIENTS).map(({ ref }) => ref);
    this.#found = await this.#findAll(patients, nowMs);
    const lasting = this.#found.filter((finding) => this.#hasLasted(finding, nowMs));
    const canProgress = pending.length > lasting.length;
    return lasting.filter(({ obstacle }) => obstacle.mayDependOnOthers !== true || !canProgress);
  }

  async #findAll(patients: readonly ObjectRef[], nowMs: number): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    this.#events.beginRound();
    for (const ref of patients) {
      const object = this.#view.look(ref);
      if (object === undefined || object === 'absent') continue;
      const pods = this.#podsOf(object);
      const seen = findingAt(ref, object, pods ?? NO_PODS);
      const isEarly = nowMs - this.#startMs < EVENTS_AFTER_MS || pods === undefined;
      const finding = isEarly
        ? seen
        : await this.#withEvents({ ref, object, pods: pods.newest, seen });
      if (finding !== undefined) found.push(finding);
    }
    return found;
  }

  #podsOf(object: JsonObject): Pods | undefined {
    if (textAt(object, 'kind') === 'Pod') return { newest: [object], blocking: [] };
    if (!ownsPods(object)) return NO_PODS;
    const namespace = textAt(object, 'metadata.namespace');
    const selector = fieldAt(object, 'spec.selector');
    const labelSelector =
      textAt(object, 'kind') === 'ReplicationController'
        ? labelsText(selector).join(',')
        : selectorText(selector);
    if (labelSelector === undefined || labelSelector === '') return undefined;
    const ask = (apiVersion: string, kind: string) =>
      this.#view.list(
        { apiVersion, kind, namespace, labelSelector },
        { mayWiden: true, isOptional: true },
      );
    const pods = ask('v1', 'Pod');
    const isDeployment = textAt(object, 'kind') === 'Deployment';
    const replicaSets = isDeployment ? ask('apps/v1', 'ReplicaSet') : [];
    if (pods === undefined || replicaSets === undefined) return undefined;
    const newest = newestPods(object, pods, replicaSets);
    return { newest, blocking: blockingPods(object, pods) };
  }

  async #withEvents(patient: Patient): Promise<Finding | undefined> {
    const { ref, seen } = patient;
    const asked = whoseEvents(patient);
    if (asked === undefined) return seen;
    const events = await this.#events.read(asked.subject);
    if (seen?.obstacle.kind === 'unschedulable' && events.some(isScaleUp)) {
      return { ...seen, obstacle: { ...seen.obstacle, confirmMs: undefined } };
    }
    const told = obstaclesIn(events, asked.subject.kind).map((obstacle) => ({
      ref,
      obstacle,
      pod: asked.pod,
    }));
    return worst([...told, ...(seen === undefined ? [] : [seen])]);
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

interface Patient {
  readonly ref: ObjectRef;
  readonly object: JsonObject;
  readonly pods: readonly JsonObject[];
  /** What object and pods say themselves. */
  readonly seen: Finding | undefined;
}

interface Asked {
  readonly subject: EventSubject;
  /** The pod it is about. */
  readonly pod?: JsonObject | undefined;
}

/** Whose events may tell more, if any: they cost a request. */
function whoseEvents({ object, pods, seen }: Patient): Asked | undefined {
  const held = seen?.pod;
  if (held !== undefined && seen?.obstacle.kind === 'volume') return claimOf(held);
  if (held !== undefined && seen?.obstacle.kind === 'unschedulable') {
    return { subject: subjectOf(held), pod: held };
  }
  if (seen !== undefined) return undefined;
  const kind = textAt(object, 'kind');
  if (kind === 'PersistentVolumeClaim') return { subject: subjectOf(object) };
  const starting = pods.find(isStarting);
  if (starting !== undefined) return { subject: subjectOf(starting), pod: starting };
  const lacksPods = kind !== 'Deployment' && ownsPods(object) && pods.length < wantedPods(object);
  return lacksPods ? { subject: subjectOf(object) } : undefined;
}

/** The first claim of a pod that cannot get its volumes. */
function claimOf(pod: JsonObject): Asked | undefined {
  const namespace = textAt(pod, 'metadata.namespace');
  const name = objectsAt(pod, 'spec.volumes')
    .map((volume) => textAt(volume, 'persistentVolumeClaim.claimName'))
    .find((claim) => claim !== '');
  if (name === undefined) return undefined;
  return { subject: { kind: 'PersistentVolumeClaim', namespace, name }, pod };
}

function wantedPods(object: JsonObject): number {
  switch (textAt(object, 'kind')) {
    case 'DaemonSet':
      return numberAt(object, 'status.desiredNumberScheduled', 0);
    case 'Job':
      return 1;
    default:
      return numberAt(object, 'spec.replicas', 1);
  }
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
