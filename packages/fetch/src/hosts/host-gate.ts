// SPDX-License-Identifier: Apache-2.0

/** How many fetches one host gets at a time, and how long it is left alone after it failed. */

import { setTimeout as sleepFor } from 'node:timers/promises';
import { FetchError } from '../errors.ts';

export interface HostGateOptions {
  /** Fetches at the same time per host. Default 8. */
  readonly maxParallel?: number | undefined;
  /** The pause after the first failure; doubles with each. Default 1 s. */
  readonly firstPauseMs?: number | undefined;
  /** Default 5 min. */
  readonly longestPauseMs?: number | undefined;
  /** A pause that lasts longer than this is not waited for: the fetch fails at once. Default 0. */
  readonly maxWaitMs?: number | undefined;
  readonly nowMs?: (() => number) | undefined;
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** In [0, 1). */
  readonly random?: (() => number) | undefined;
}

interface Host {
  running: number;
  readonly waiting: (() => void)[];
  failures: number;
  pausedUntilMs: number;
  /** Why it is paused. */
  reason: string;
}

/** Failures before a host is left alone: one slip of one file must not stop the others. */
const FORGIVEN_FAILURES = 2;
const MAX_HOSTS = 1_000;

const defaultSleep = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleepFor(ms, undefined, { signal });
};

export class HostGate {
  readonly #options: Required<{ [K in keyof HostGateOptions]: NonNullable<HostGateOptions[K]> }>;
  readonly #hosts = new Map<string, Host>();

  constructor(options: HostGateOptions = {}) {
    this.#options = {
      maxParallel: options.maxParallel ?? 8,
      firstPauseMs: options.firstPauseMs ?? 1_000,
      longestPauseMs: options.longestPauseMs ?? 300_000,
      maxWaitMs: options.maxWaitMs ?? 0,
      nowMs: options.nowMs ?? Date.now,
      sleep: options.sleep ?? defaultSleep,
      random: options.random ?? Math.random,
    };
  }

  /**
   * Runs a fetch when its host is free. A transient failure of the fetch (not its cancellation) counts against the host;
   * whatever else comes out ends its pause.
   *
   * @param host name and port @param url for messages
   * @throws {FetchError} `fetch/backing-off`: the host failed a moment ago
   * @throws whatever `fetch` throws
   */
  async run<T>(
    { host, url, signal }: { host: string; url: string; signal: AbortSignal },
    fetch: () => Promise<T>,
  ): Promise<T> {
    const state = this.#stateOf(host);
    await this.#enter(state, signal);
    try {
      await this.#waitForPause(state, url, signal);
      const result = await fetch();
      state.failures = 0;
      state.pausedUntilMs = 0;
      return result;
    } catch (error) {
      this.#note(state, error);
      throw error;
    } finally {
      state.running--;
      state.waiting.shift()?.();
    }
  }

  /** Waits before another try of the same fetch: the pause the server asked for, or one that grows; with jitter. */
  async pause(attempt: number, error: FetchError, signal: AbortSignal): Promise<void> {
    const { firstPauseMs, sleep } = this.#options;
    const ms = error.retryAfterMs ?? this.#jitter(firstPauseMs * 2 ** attempt);
    await sleep(ms, signal);
  }

  #stateOf(host: string): Host {
    let state = this.#hosts.get(host);
    if (state === undefined) {
      this.#forgetIdle();
      state = { running: 0, waiting: [], failures: 0, pausedUntilMs: 0, reason: '' };
      this.#hosts.set(host, state);
    }
    return state;
  }

  #forgetIdle(): void {
    if (this.#hosts.size < MAX_HOSTS) return;
    const now = this.#options.nowMs();
    for (const [host, { running, waiting, pausedUntilMs }] of this.#hosts) {
      if (running === 0 && waiting.length === 0 && pausedUntilMs <= now) this.#hosts.delete(host);
    }
  }

  async #enter(state: Host, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (state.running >= this.#options.maxParallel) {
      const { promise, resolve } = Promise.withResolvers<void>();
      state.waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      const place = state.waiting.indexOf(resolve);
      if (place >= 0) state.waiting.splice(place, 1);
      if (signal.aborted) {
        // Whoever woke us meant somebody who goes on.
        state.waiting.shift()?.();
        signal.throwIfAborted();
      }
    }
    state.running++;
  }

  async #waitForPause(state: Host, url: string, signal: AbortSignal): Promise<void> {
    const leftMs = state.pausedUntilMs - this.#options.nowMs();
    if (leftMs <= 0) return;
    if (leftMs > this.#options.maxWaitMs) {
      throw new FetchError(
        'fetch/backing-off',
        url,
        `the host failed a moment ago: ${state.reason}`,
        { retryAfterMs: leftMs },
      );
    }
    await this.#options.sleep(leftMs, signal);
  }

  #note(state: Host, error: unknown): void {
    if (!(error instanceof FetchError) || error.code === 'fetch/backing-off') return;
    if (error.code === 'fetch/aborted') return;
    if (error.retry !== 'transient' || error.code === 'fetch/wrong-digest') {
      state.failures = 0;
      state.pausedUntilMs = 0;
      return;
    }
    state.failures++;
    state.reason = error.reason;
    const { firstPauseMs, longestPauseMs, nowMs } = this.#options;
    const grown = state.failures - FORGIVEN_FAILURES;
    const own = grown <= 0 ? 0 : this.#jitter(firstPauseMs * 2 ** Math.min(grown - 1, 20));
    const ms = Math.min(Math.max(own, error.retryAfterMs ?? 0), longestPauseMs);
    state.pausedUntilMs = Math.max(state.pausedUntilMs, nowMs() + ms);
  }

  #jitter(ms: number): number {
    return ms * (0.5 + this.#options.random());
  }
}
