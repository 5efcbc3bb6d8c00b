// SPDX-License-Identifier: Apache-2.0

import type { Clock } from '@helm-operator/kube';

/** Helm looks every two seconds. */
const POLL_INTERVAL_MS = 2000;
/** The first looks come sooner: most objects are ready at once. */
const FIRST_INTERVAL_MS = 250;

export interface PollContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Looks at once, then again and again, until `look` gives an answer.
 *
 * @returns `undefined` when the budget ran out
 * @throws {DOMException} `AbortError`: the signal was aborted
 */
export async function poll<T>(
  budgetMs: number,
  context: PollContext,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadlineMs = context.clock.nowMs() + budgetMs;
  for (let intervalMs = FIRST_INTERVAL_MS; ; intervalMs *= 2) {
    context.signal.throwIfAborted();
    const answer = await look();
    if (answer !== undefined) return answer;
    const leftMs = deadlineMs - context.clock.nowMs();
    if (leftMs <= 0) return undefined;
    await context.clock.sleep(Math.min(intervalMs, POLL_INTERVAL_MS, leftMs), context.signal);
  }
}
