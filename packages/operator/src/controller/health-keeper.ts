// SPDX-License-Identifier: Apache-2.0

/**
 * Keeps the health of each release current, by watch: nothing is asked while nothing changes.
 *
 * What is not ready is looked at closer a few times after each change, since pods tell their reasons late.
 */

import { isDeepStrictEqual } from 'node:util';
import type { ReleaseHealth, UnreadyObject } from '@helm-operator/api';
import {
  type Clock,
  type ObjectRef,
  runWorkers,
  type Verdict,
  WorkQueue,
} from '@helm-operator/kube';
import { canBeUnready, healthOf, nameOf } from './release-health.ts';
import type { ReleaseKey } from './release-key.ts';

/** Rollouts change many times in a moment, in milliseconds. */
const DEBOUNCE_MS = 500;
/** After a change that leaves something not ready: when its pods are looked at, in milliseconds. */
const CLOSER_LOOKS_MS: readonly number[] = [2_000, 10_000, 30_000, 120_000];

/** What is seen of live objects. */
export interface Sight {
  /** Begins to watch what is not watched yet. */
  watch(objects: readonly ObjectRef[]): Promise<void>;
  /** `undefined`: it cannot be seen. */
  verdictOf(ref: ObjectRef): Verdict | undefined;
}

/** A release whose health is kept. */
export interface Patient {
  /** Where it is told. */
  tell(health: ReleaseHealth): Promise<void>;
  /** What the pods behind an object say. */
  examine(ref: ObjectRef, message: string): Promise<Partial<UnreadyObject>>;
  readonly objects: readonly ObjectRef[];
}

interface Kept {
  readonly patient: Patient;
  readonly objects: readonly ObjectRef[];
  told: ReleaseHealth | undefined;
  /** As it was seen last, without the closer look. */
  seen: ReleaseHealth | undefined;
  looks: number;
}

export interface HealthKeeperOptions {
  readonly sight: Sight;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onTrouble: (error: unknown, key: ReleaseKey) => void;
}

export class HealthKeeper {
  readonly #options: HealthKeeperOptions;
  readonly #queue: WorkQueue<ReleaseKey>;
  readonly #kept = new Map<ReleaseKey, Kept>();

  constructor(options: HealthKeeperOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#queue = new WorkQueue({ clock, random, firstRetryMs: 5_000, longestRetryMs: 300_000 });
  }

  /** Until `stop`. */
  async run(): Promise<void> {
    await runWorkers(this.#queue, 1, (key) => this.#look(key), this.#options.onTrouble);
  }

  async stop(): Promise<void> {
    await this.#queue.drain();
  }

  /** Keeps the health of what a release consists of by now. */
  follow(key: ReleaseKey, patient: Patient): void {
    const before = this.#kept.get(key);
    const objects = patient.objects.filter(canBeUnready);
    const { told, seen, looks } = before ?? { told: undefined, seen: undefined, looks: 0 };
    this.#kept.set(key, { patient, objects, told, seen, looks });
    if (before === undefined || !isDeepStrictEqual(before.objects, objects)) this.#queue.add(key);
  }

  /** One of its objects changed. */
  changed(key: ReleaseKey): void {
    if (this.#kept.has(key)) this.#queue.addAfter(key, DEBOUNCE_MS);
  }

  forget(key: ReleaseKey): void {
    this.#kept.delete(key);
    this.#queue.remove(key);
  }

  async #look(key: ReleaseKey): Promise<void> {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    const { sight } = this.#options;
    await sight.watch(kept.objects);
    const health = healthOf(kept.objects.map((ref) => ({ ref, verdict: sight.verdictOf(ref) })));
    const isNew = !isDeepStrictEqual(health, kept.seen);
    kept.seen = health;
    kept.looks = isNew ? 0 : kept.looks + 1;
    // The first look tells at once what is missed; why, the pods tell a little later.
    const known = isNew ? withReasons(health, kept.told) : await this.#examined(kept, health);
    if (!isDeepStrictEqual(known, kept.told)) await kept.patient.tell(known);
    kept.told = known;
    this.#queue.forget(key);
    const nextMs = CLOSER_LOOKS_MS[kept.looks];
    if (health.state !== 'Healthy' && nextMs !== undefined) this.#queue.addAfter(key, nextMs);
  }

  async #examined({ patient, objects }: Kept, health: ReleaseHealth): Promise<ReleaseHealth> {
    const notReady: UnreadyObject[] = [];
    for (const entry of health.notReady) {
      const ref = objects.find((one) => entry.object === nameOf(one));
      const found = ref === undefined ? {} : await patient.examine(ref, entry.message);
      notReady.push({ ...entry, ...found });
    }
    return { ...health, notReady };
  }
}

/** What was found behind an object stays, as long as it is not ready. */
function withReasons(health: ReleaseHealth, told: ReleaseHealth | undefined): ReleaseHealth {
  const notReady = health.notReady.map((entry) => {
    const before = told?.notReady.find(({ object }) => object === entry.object);
    return { ...before, ...entry };
  });
  return { ...health, notReady };
}
