// SPDX-License-Identifier: Apache-2.0

import type { Clock } from '@helm-operator/kube';

interface Timer {
  readonly dueMs: number;
  readonly ring: () => void;
}

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  #nowMs: number;
  #offsetMs = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs + this.#offsetMs;
  }

  elapsedMs(): number {
    return this.#nowMs;
  }

  /** Somebody sets the clock: no time passes. */
  jump(ms: number): void {
    this.#offsetMs += ms;
  }

  /** How many sleep now. */
  get sleepers(): number {
    return this.#timers.size;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = { dueMs: this.#nowMs + Math.max(0, ms), ring: resolve };
    const abort = () => reject(signal?.reason);
    this.#timers.add(timer);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      this.#timers.delete(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Moves time, waking sleepers in order; what they do in between is let run. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ dueMs }) => dueMs <= endMs)
        .toSorted((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.#timers.delete(next);
      next.ring();
      await settle();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
