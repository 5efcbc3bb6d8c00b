// SPDX-License-Identifier: Apache-2.0

/**
 * Events about objects, few of them: the same event again only counts up, and a chatty object is cut short.
 *
 * Effects: writes Events; never fails its caller.
 * Source:  kubernetes@v1.36.3 client-go/tools/record/events_cache.go (aggregation, spam filter)
 * Differs: no "combined from similar events": what exceeds the burst is dropped and told to `onTrouble` once.
 */

import type { Clock } from '../clock.ts';
import type { Cluster, JsonObject, ObjectRef } from '../cluster.ts';
import { isKubeError } from '../errors.ts';
import { objectOfJson } from '../json-value.ts';

/** The object an event is about. */
export interface EventSubject extends ObjectRef {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface ObjectEvent {
  readonly subject: EventSubject;
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase, for machines. */
  readonly reason: string;
  readonly message: string;
  /** Events with the same word are the same event, told with the newest message; default: the message. */
  readonly sameAs?: string | undefined;
  readonly annotations?: ReadonlyMap<string, string> | undefined;
}

export interface EventRecorderOptions {
  readonly cluster: Pick<Cluster, 'create' | 'patch'>;
  readonly clock: Clock;
  /** Who reports: `helm-operator`. */
  readonly component: string;
  /** Where it runs: the pod's name. */
  readonly instance?: string | undefined;
  /** In [0, 1): for names of events. */
  readonly random: () => number;
  readonly onTrouble?: ((error: unknown) => void) | undefined;
}

/** Each object may have this many events at once, then one more every 5 minutes. */
const BURST = 25;
const REFILL_MS = 5 * 60_000;
/** The same event within this time counts up. */
const SAME_EVENT_MS = 60 * 60_000;
const REMEMBERED_LIMIT = 4_096;
const QUEUE_LIMIT = 1_000;
const MESSAGE_LIMIT = 4_096;

interface Remembered {
  readonly name: string;
  readonly firstMs: number;
  readonly count: number;
  readonly lastMs: number;
}

interface Allowance {
  readonly left: number;
  readonly atMs: number;
  /** The last event was dropped, and that was told. */
  readonly isCut: boolean;
}

const UNREAD = { isMetadataEnough: true } as const;

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #remembered = new Map<string, Remembered>();
  readonly #allowances = new Map<string, Allowance>();
  #queued = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Queues an event; it is written soon, or dropped when there are too many. */
  record(event: ObjectEvent): void {
    if (this.#queued >= QUEUE_LIMIT) {
      this.#options.onTrouble?.(
        new Error(`${QUEUE_LIMIT} events wait to be written; dropped ${event.reason}`),
      );
      return;
    }
    if (!this.#allow(event)) return;
    this.#queued += 1;
    this.#last = this.#last
      .then(() => this.#write(event))
      .finally(() => {
        this.#queued -= 1;
      });
  }

  /** Waits until everything recorded so far is written. */
  async flush(): Promise<void> {
    await this.#last;
  }

  #allow(event: ObjectEvent): boolean {
    const nowMs = this.#options.clock.elapsedMs();
    const key = subjectKey(event.subject);
    const before = this.#allowances.get(key) ?? { left: BURST, atMs: nowMs, isCut: false };
    const left = Math.min(BURST, before.left + (nowMs - before.atMs) / REFILL_MS);
    const mayPass = left >= 1;
    const after = { left: mayPass ? left - 1 : left, atMs: nowMs, isCut: !mayPass };
    remember(this.#allowances, key, after);
    if (!mayPass && !before.isCut) {
      this.#options.onTrouble?.(
        new Error(
          `too many events about ${event.subject.kind} ${event.subject.name}; dropping some`,
        ),
      );
    }
    return mayPass;
  }

  async #write(event: ObjectEvent): Promise<void> {
    try {
      await this.#countUpOrCreate(event);
    } catch (error) {
      // An event is a courtesy: work goes on without it.
      this.#options.onTrouble?.(error);
    }
  }

  async #countUpOrCreate(event: ObjectEvent): Promise<void> {
    const { clock, cluster } = this.#options;
    const nowMs = clock.nowMs();
    const key = eventKey(event);
    const before = this.#remembered.get(key);
    if (before !== undefined && nowMs - before.lastMs < SAME_EVENT_MS) {
      const count = before.count + 1;
      const body = JSON.stringify({
        ...{ count, lastTimestamp: time(nowMs) },
        ...(event.sameAs === undefined ? {} : { message: shorten(event.message) }),
      });
      try {
        await cluster.patch(eventRef(event, before.name), 'merge', body, UNREAD);
        remember(this.#remembered, key, { ...before, count, lastMs: nowMs });
        return;
      } catch (error) {
        // The API server forgets events after an hour.
        if (!isKubeError(error, 'kube/not-found')) throw error;
      }
    }
    const name = this.#newName(event);
    await cluster.create(objectOfJson(this.#body(event, name, nowMs)), UNREAD);
    remember(this.#remembered, key, { name, firstMs: nowMs, lastMs: nowMs, count: 1 });
  }

  #newName(event: ObjectEvent): string {
    const { clock, random } = this.#options;
    const suffix = `${clock.nowMs().toString(16)}${Math.floor(random() * 2 ** 32).toString(16)}`;
    return `${event.subject.name
      .slice(0, 200)
      .toLowerCase()
      .replace(/[^a-z0-9.-]/g, '-')}.${suffix}`;
  }

  #body(event: ObjectEvent, name: string, nowMs: number): JsonObject {
    const { component, instance = '' } = this.#options;
    const { subject } = event;
    const { apiVersion, namespace, name: eventName } = eventRef(event, name);
    return {
      apiVersion,
      kind: 'Event',
      metadata: {
        name: eventName,
        namespace: namespace ?? 'default',
        annotations: Object.fromEntries(event.annotations ?? []),
      },
      involvedObject: {
        apiVersion: subject.apiVersion,
        kind: subject.kind,
        name: subject.name,
        namespace: subject.namespace ?? '',
        uid: subject.uid ?? '',
        resourceVersion: subject.resourceVersion ?? '',
      },
      type: event.type,
      reason: event.reason,
      message: shorten(event.message),
      source: { component, host: instance },
      reportingComponent: component,
      reportingInstance: instance,
      firstTimestamp: time(nowMs),
      lastTimestamp: time(nowMs),
      count: 1,
    };
  }
}

function eventRef(event: ObjectEvent, name: string): ObjectRef {
  const namespace = event.subject.namespace ?? 'default';
  return { apiVersion: 'v1', kind: 'Event', namespace, name };
}

function subjectKey({ apiVersion, kind, namespace, name, uid }: EventSubject): string {
  return JSON.stringify([apiVersion, kind, namespace ?? '', name, uid ?? '']);
}

function eventKey({ subject, type, reason, message, sameAs }: ObjectEvent): string {
  return JSON.stringify([subjectKey(subject), type, reason, sameAs ?? message]);
}

/** Keeps the latest entries only. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > REMEMBERED_LIMIT && oldest !== undefined) map.delete(oldest);
}

function shorten(message: string): string {
  const short =
    message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT - 1)}…`;
  return short.toWellFormed();
}

function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
