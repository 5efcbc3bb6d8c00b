// SPDX-License-Identifier: Apache-2.0

/** Tells who listens what is waited for: not too often, and only when it is news. */

import type { ObjectRef } from '@helm-operator/kube';

/** An object that is not ready now. */
export interface Awaited {
  readonly ref: ObjectRef;
  /** What the rule misses, or what stands in the way. */
  readonly message: string;
}

export interface WaitProgress {
  /** What is waited for: objects to be ready, a hook to end, objects to be gone. */
  readonly purpose: WaitPurpose;
  readonly elapsedMs: number;
  /** `Infinity` when nothing limits the wait. */
  readonly timeoutMs: number;
  readonly total: number;
  readonly done: number;
  /** At most ten. */
  readonly pending: readonly Awaited[];
}

export type WaitPurpose = 'ready' | 'hook' | 'deletion';

/** What an action tells about its waits. Must not throw. */
export interface WaitListener {
  /** Nothing is written until `ended`; the action may be stopped without harm. */
  readonly began?: (() => void) | undefined;
  readonly ended?: (() => void) | undefined;
  /** First after a second, then when something changed, at most once a second; texts are redacted. */
  readonly progress?: ((progress: WaitProgress) => void) | undefined;
}

const SHOWN = 10;
const PAUSE_MS = 1_000;
/** Told even when nothing changed. */
const SIGN_OF_LIFE_MS = 10_000;

export class ProgressReporter {
  readonly #listener: WaitListener;
  readonly #redact: (text: string) => string;
  readonly #startMs: number;
  #toldMs: number;
  #told = '';

  constructor(listener: WaitListener, redact: (text: string) => string, nowMs: number) {
    this.#listener = listener;
    this.#redact = redact;
    this.#startMs = nowMs;
    this.#toldMs = nowMs;
  }

  tell(
    state: Pick<WaitProgress, 'purpose' | 'timeoutMs' | 'total'>,
    pending: readonly Awaited[],
    nowMs: number,
  ): void {
    const { progress } = this.#listener;
    const sinceMs = nowMs - this.#toldMs;
    if (progress === undefined || sinceMs < PAUSE_MS) return;
    const shown = pending
      .slice(0, SHOWN)
      .map(({ ref, message }) => ({ ref, message: this.#redact(message) }));
    const text = JSON.stringify([pending.length, shown]);
    if (text === this.#told && sinceMs < SIGN_OF_LIFE_MS) return;
    this.#told = text;
    this.#toldMs = nowMs;
    const done = state.total - pending.length;
    progress({ ...state, done, elapsedMs: nowMs - this.#startMs, pending: shown });
  }
}
