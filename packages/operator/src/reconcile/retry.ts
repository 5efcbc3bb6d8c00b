// SPDX-License-Identifier: Apache-2.0

/** What an error's verdict means for the object; the verdicts stand in one table in `helm`. */

import type { RetryPace } from '@helm-operator/api';
import { diagnose, type Retry } from '@helm-operator/helm';

/** What happens next to an object. */
export type Next =
  /** Nothing until an input changes (a watch wakes it) or it is resynced. */
  | { readonly kind: 'rest' }
  /** Again after a pause that doubles with each failure. */
  | { readonly kind: 'back-off' }
  /** Again at a known time, in milliseconds from now. */
  | { readonly kind: 'later'; readonly afterMs: number };

/** How long a `waiting` error waits when nobody wakes the object, in milliseconds. */
const WAITING_MS = 30_000;

const NEXT: Readonly<Record<Retry, Next>> = {
  transient: { kind: 'back-off' },
  unknown: { kind: 'back-off' },
  terminal: { kind: 'rest' },
  waiting: { kind: 'later', afterMs: WAITING_MS },
};

export function nextAfter(error: unknown): Next {
  return NEXT[diagnose(error).retry];
}

/** When the next attempt of a failed release is due. */
export function nextAtPace(pace: RetryPace): Next {
  switch (pace.kind) {
    case 'at-once':
      return { kind: 'later', afterMs: 0 };
    case 'back-off':
      return { kind: 'back-off' };
    case 'every':
      return { kind: 'later', afterMs: pace.afterMs };
  }
}
