// SPDX-License-Identifier: Apache-2.0

/** The one table: what an error's verdict means for the object. */

/** What happens next to an object. */
export type Next =
  /** Nothing until an input changes (a watch wakes it) or it is resynced. */
  | { readonly kind: 'rest' }
  /** Again after a pause that doubles with each failure. */
  | { readonly kind: 'back-off' }
  /** Again at a known time, in milliseconds from now. */
  | { readonly kind: 'later'; readonly afterMs: number };

export type Verdict = 'transient' | 'terminal' | 'waiting' | 'unknown';

/** How long a `waiting` error waits when nobody wakes the object, in milliseconds. */
const WAITING_MS = 30_000;

const NEXT: Readonly<Record<Verdict, Next>> = {
  transient: { kind: 'back-off' },
  unknown: { kind: 'back-off' },
  terminal: { kind: 'rest' },
  waiting: { kind: 'later', afterMs: WAITING_MS },
};

/** The verdict an error carries; one without is unknown. */
export function verdictOf(error: unknown): Verdict {
  const retry =
    typeof error === 'object' && error !== null && 'retry' in error ? error.retry : undefined;
  return retry === 'transient' || retry === 'terminal' || retry === 'waiting' ? retry : 'unknown';
}

export function nextAfter(error: unknown): Next {
  return NEXT[verdictOf(error)];
}
