// SPDX-License-Identifier: Apache-2.0

/** A time limit joined with a caller's signal. `end` must be called: it leaves no timer and no listener behind. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly hasExpired: boolean;
  leftMs(): number;
  /** Takes the time limit away; the caller's signal still counts. */
  lift(): void;
  end(): void;
}

/** @param limitMs `Infinity` for no limit */
export function startDeadline(limitMs: number, parent: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const endMs = performance.now() + limitMs;
  let hasExpired = false;
  const timer = Number.isFinite(limitMs)
    ? setTimeout(() => {
        hasExpired = true;
        controller.abort(new DOMException('the time limit was reached', 'TimeoutError'));
      }, limitMs)
    : undefined;
  const forward = () => controller.abort(parent?.reason);
  parent?.addEventListener('abort', forward, { once: true });
  if (parent?.aborted) forward();
  return {
    signal: controller.signal,
    get hasExpired() {
      return hasExpired;
    },
    leftMs: () => endMs - performance.now(),
    lift: () => clearTimeout(timer),
    end() {
      clearTimeout(timer);
      parent?.removeEventListener('abort', forward);
    },
  };
}
