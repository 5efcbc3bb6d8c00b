// SPDX-License-Identifier: Apache-2.0

import type { ObjectRef } from '@helm-operator/kube';
import { HelmError } from '../errors.ts';
import type { ObstacleKind } from './obstacles/obstacle.ts';

/** One object that kept the others waiting, and why. Bounded and redacted. */
export interface Culprit {
  readonly ref: ObjectRef;
  /** What the rule misses: `Deployment: 0 out of 1 expected pods are ready`. */
  readonly message: string;
  /** What stands in the way, where that is known. */
  readonly obstacle?: ObstacleKind | undefined;
  /** The pod behind it and its container, where there is one. */
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  /** In the cluster's words: `ImagePullBackOff: …`, `OOMKilled`, `Unschedulable: …`. */
  readonly reason?: string | undefined;
  /** What a person can do about it. */
  readonly mend?: string | undefined;
  /** Newest last; at most three. */
  readonly events?: readonly string[] | undefined;
  /** Last lines of the log of the container that does not run. */
  readonly logTail?: string | undefined;
}

export type WaitErrorCode =
  | 'helm/wait-failed'
  | 'helm/wait-impossible'
  | 'helm/wait-timeout'
  | 'helm/hook-failed';

/**
 * Waiting ended without everything being ready: `wait-timeout` the budget ran out, `wait-failed` Helm's own rules gave up,
 * `wait-impossible` ours did before the budget ran out. `message` is Helm's where Helm has one; `culprits` is the explanation.
 */
export class WaitError extends HelmError {
  override readonly name: string = 'WaitError';
  readonly culprits: readonly Culprit[];

  constructor(code: WaitErrorCode, message: string, culprits: readonly Culprit[]) {
    super(code, message, {
      cause: { retry: code === 'helm/wait-timeout' ? 'transient' : 'unknown' },
    });
    this.culprits = culprits;
  }
}

/** The culprits of an error, from wherever in its chain of causes they are known. */
export function culpritsOf(error: unknown): readonly Culprit[] {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof WaitError) return at.culprits;
  }
  return [];
}
