// SPDX-License-Identifier: Apache-2.0

/**
 * A queue of keys to work on.
 *
 * A key waits at most once; a key that is being worked on is not given to a second worker, but comes again if it was added meanwhile.
 * Source: kubernetes@v1.36.3 client-go/util/workqueue (queue.go, delaying_queue.go, default_rate_limiters.go)
 */

import type { Clock } from '../clock.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
  /** First pause of a failing key, in milliseconds; doubles; default 1,000. */
  readonly firstRetryMs?: number | undefined;
  /** Longest pause of a failing key, in milliseconds; default 15 minutes. */
  readonly longestRetryMs?: number | undefined;
}

export interface WorkQueueStats {
  readonly waiting: number;
  readonly delayed: number;
  readonly working: number;
  /** How long the next key has been waiting, in milliseconds. */
  readonly oldestWaitMs: number;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15 * 60_000;

export class WorkQueue<Key extends string = string> {
  readonly #options: WorkQueueOptions;
  /** Ready keys in order, with the time they became ready. */
  readonly #ready = new Map<Key, number>();
  readonly #working = new Set<Key>();
  /** Keys added while they were worked on, with the time of the first such add. */
  readonly #again = new Map<Key, number>();
  /** When delayed keys are due. */
  readonly #delayed = new Map<Key, number>();
  readonly #failures = new Map<Key, number>();
  /** Pauses that were told before they began. */
  readonly #pauses = new Map<Key, number>();
  readonly #takers: ((key: Key | undefined) => void)[] = [];
  readonly #idle = new Set<() => void>();
  #alarm: { readonly dueMs: number; readonly stop: AbortController } | undefined;
  #isDraining = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Work on `key` as soon as a worker is free. Nothing is added to a queue that drains. */
  add(key: Key): void {
    if (this.#isDraining) return;
    this.#delayed.delete(key);
    const nowMs = this.#options.clock.elapsedMs();
    if (this.#working.has(key)) {
      if (!this.#again.has(key)) this.#again.set(key, nowMs);
      return;
    }
    if (this.#ready.has(key)) return;
    this.#ready.set(key, nowMs);
    this.#hand();
  }

  /** Work on `key` after `delayMs`; the earlier of two times wins, and a key that waits already stays where it is. */
  addAfter(key: Key, delayMs: number): void {
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    if (this.#isDraining || this.#ready.has(key)) return;
    const dueMs = this.#options.clock.elapsedMs() + delayMs;
    const before = this.#delayed.get(key);
    if (before !== undefined && before <= dueMs) return;
    this.#delayed.set(key, dueMs);
    this.#setAlarm(dueMs);
  }

  /**
   * Work on `key` after a pause that doubles with each failure since `forget`.
   *
   * @returns the pause in milliseconds
   */
  retry(key: Key): number {
    const pauseMs = this.pauseOf(key);
    this.#pauses.delete(key);
    this.#failures.set(key, this.failuresOf(key) + 1);
    this.addAfter(key, pauseMs);
    return pauseMs;
  }

  /** How long the next `retry` of `key` will pause, in milliseconds. */
  pauseOf(key: Key): number {
    const told = this.#pauses.get(key);
    if (told !== undefined) return told;
    const {
      random,
      firstRetryMs = FIRST_RETRY_MS,
      longestRetryMs = LONGEST_RETRY_MS,
    } = this.#options;
    const doublings = Math.min(this.failuresOf(key), 40);
    const pauseMs = Math.min(longestRetryMs, firstRetryMs * 2 ** doublings);
    const spreadMs = pauseMs * (1 - random() / 10);
    this.#pauses.set(key, spreadMs);
    return spreadMs;
  }

  /** `key` succeeded: its next failure pauses for the first time again. */
  forget(key: Key): void {
    this.#failures.delete(key);
    this.#pauses.delete(key);
  }

  /** How often `key` failed since it was forgotten. */
  failuresOf(key: Key): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Takes back what waits for `key`; work on it that has begun goes on. */
  remove(key: Key): void {
    this.#ready.delete(key);
    this.#delayed.delete(key);
    this.#again.delete(key);
    this.forget(key);
  }

  /** The next key, which is then being worked on until `done`; `undefined` when the queue drains. */
  async take(): Promise<Key | undefined> {
    if (this.#isDraining) return undefined;
    const next = this.#shift();
    if (next !== undefined) return next;
    return new Promise((resolve) => {
      this.#takers.push(resolve);
    });
  }

  /** The work on `key` has ended, well or badly. */
  done(key: Key): void {
    if (!this.#working.delete(key)) return;
    const sinceMs = this.#again.get(key);
    this.#again.delete(key);
    if (sinceMs !== undefined && !this.#isDraining) {
      this.#ready.set(key, sinceMs);
      this.#hand();
    }
    if (this.#working.size > 0) return;
    for (const tell of this.#idle) tell();
    this.#idle.clear();
  }

  /** Gives out nothing more, forgets what waits, and resolves when the running work has ended. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#ready.clear();
    this.#delayed.clear();
    this.#again.clear();
    this.#alarm?.stop.abort();
    for (const give of this.#takers.splice(0)) give(undefined);
    if (this.#working.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.add(resolve);
    });
  }

  stats(): WorkQueueStats {
    const [oldest] = this.#ready.values();
    return {
      waiting: this.#ready.size,
      delayed: this.#delayed.size,
      working: this.#working.size,
      oldestWaitMs: oldest === undefined ? 0 : this.#options.clock.elapsedMs() - oldest,
    };
  }

  #shift(): Key | undefined {
    const [next] = this.#ready.keys();
    if (next === undefined) return undefined;
    this.#ready.delete(next);
    this.#working.add(next);
    return next;
  }

  #hand(): void {
    const give = this.#takers.shift();
    if (give === undefined) return;
    const next = this.#shift();
    if (next === undefined) this.#takers.unshift(give);
    else give(next);
  }

  #setAlarm(dueMs: number): void {
    if (this.#alarm !== undefined && this.#alarm.dueMs <= dueMs) return;
    this.#alarm?.stop.abort();
    const stop = new AbortController();
    this.#alarm = { dueMs, stop };
    const { clock } = this.#options;
    clock.sleep(dueMs - clock.elapsedMs(), stop.signal).then(
      () => this.#ring(),
      () => undefined,
    );
  }

  #ring(): void {
    this.#alarm = undefined;
    const nowMs = this.#options.clock.elapsedMs();
    const due = [...this.#delayed].filter(([, dueMs]) => dueMs <= nowMs);
    for (const [key] of due.toSorted(([, a], [, b]) => a - b)) this.add(key);
    let nextMs = Number.POSITIVE_INFINITY;
    for (const dueMs of this.#delayed.values()) nextMs = Math.min(nextMs, dueMs);
    if (Number.isFinite(nextMs)) this.#setAlarm(nextMs);
  }
}
