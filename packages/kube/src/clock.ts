// SPDX-License-Identifier: Apache-2.0

import { setTimeout as sleepFor } from 'node:timers/promises';

/** Time as a port, so that tests take none. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Milliseconds since some moment, for spans: whoever sets the machine's clock does not move it. */
  elapsedMs(): number;
  /** @throws {DOMException} `AbortError` (the signal's reason) as soon as the signal is aborted */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest a Node timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      await sleepFor(Math.min(ms, LONGEST_TIMER_MS), undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
