// SPDX-License-Identifier: Apache-2.0

/** Reads the last events of few objects, now and then: the API server has no index for them. */

import { type JsonObject, KubeError, textAt } from '@helm-operator/kube';
import { newestFirst } from './events.ts';
import type { ViewContext } from './live-view.ts';

const AGAIN_MS = 10_000;
/** Objects that are asked for in one round. */
const READS = 3;
const KEPT = 5;
const CALL_TIMEOUT_MS = 5_000;

/** An object whose events are wanted; by name where nothing but the name is known. */
export interface EventSubject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string | undefined;
}

export function subjectOf(object: JsonObject): EventSubject {
  const at = (name: string): string => textAt(object, `metadata.${name}`);
  return {
    kind: textAt(object, 'kind'),
    namespace: at('namespace'),
    name: at('name'),
    uid: at('uid'),
  };
}

interface Reading {
  readonly atMs: number;
  readonly events: readonly JsonObject[];
}

export class EventReader {
  readonly #context: ViewContext;
  readonly #readings = new Map<string, Reading>();
  #reads = 0;
  #isForbidden = false;

  constructor(context: ViewContext) {
    this.#context = context;
  }

  /** So many objects may be asked for until the next call. */
  beginRound(): void {
    this.#reads = READS;
  }

  /** @returns the newest first; what was read last where it is not time yet, nothing where events may not be read */
  async read(subject: EventSubject): Promise<readonly JsonObject[]> {
    const nowMs = this.#context.clock.elapsedMs();
    const key = JSON.stringify(subject);
    const before = this.#readings.get(key);
    const isFresh = before !== undefined && nowMs - before.atMs < AGAIN_MS;
    if (isFresh || this.#reads <= 0 || this.#isForbidden) return before?.events ?? [];
    this.#reads -= 1;
    const events = newestFirst(await this.#ask(subject)).slice(0, KEPT);
    this.#readings.set(key, { atMs: nowMs, events });
    return events;
  }

  async #ask({ kind, namespace, name, uid }: EventSubject): Promise<readonly JsonObject[]> {
    const { cluster, signal } = this.#context;
    const fieldSelector =
      uid === undefined
        ? `involvedObject.kind=${kind},involvedObject.name=${name}`
        : `involvedObject.uid=${uid}`;
    const query = { apiVersion: 'v1', kind: 'Event', namespace, fieldSelector };
    try {
      return await cluster.listJson(query, { signal, timeoutMs: CALL_TIMEOUT_MS });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof KubeError)) throw error;
      // Who may not read events waits as Helm does; everybody else is asked again later.
      this.#isForbidden = error.status === 403;
      return [];
    }
  }
}
