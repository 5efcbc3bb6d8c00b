// SPDX-License-Identifier: Apache-2.0

/** What the specs of both original operators say of failures, and what follows from it. */

/** `helm.fluxcd.io/v1`. Source: spec helm-operator.md §3.1, §3.2 */
interface HelmOperatorRules {
  readonly of: 'helm-operator';
  readonly keepsFailedInstall: boolean;
  readonly rollback: {
    readonly enable: boolean;
    readonly retry: boolean;
    readonly maxRetries: number;
  };
  readonly test: { readonly enable: boolean; readonly ignoreFailures: boolean };
}

/** Of `install` or `upgrade`. Source: spec helm-controller.md §1.2 */
export interface Strategy {
  readonly name: 'RemediateOnFailure' | 'RetryOnFailure';
  /** Negative: without end. */
  readonly retries: number;
  readonly remediateLastFailure: boolean;
  readonly strategy: 'rollback' | 'uninstall';
  readonly ignoreTestFailures: boolean;
}

/** `helm.toolkit.fluxcd.io`. */
interface HelmControllerRules {
  readonly of: 'helm-controller';
  readonly install: Strategy;
  readonly upgrade: Strategy;
  readonly test: { readonly enable: boolean };
}

export type Rules = HelmOperatorRules | HelmControllerRules;
export type Attempt = 'install' | 'upgrade';

/** How one action ends: without a trace, with one, or with the process. */
export type Outcome =
  | 'good'
  | 'refused'
  | 'failed'
  | 'dies-early'
  | 'dies'
  | 'dies-after-good'
  | 'dies-after-bad';

/** What is wanted; everything but `generation` is content. */
export interface Wanted {
  readonly generation: number;
  readonly values: string;
  readonly version: number;
  /** Content of the chart's version. */
  readonly build: number;
}

/** What a turn did, how it ended, and what is counted then. */
export interface Told {
  readonly did: readonly string[];
  readonly end: string;
  readonly failures: Readonly<Record<Attempt, number>>;
}

/** What a failure after a stored revision leads to. */
export function consequence(rules: Rules, attempt: Attempt, count: number): Consequence {
  if (rules.of === 'helm-operator') {
    const { enable, retry, maxRetries } = rules.rollback;
    const pace = 'back-off';
    if (attempt === 'install')
      return { undo: rules.keepsFailedInstall ? 'nothing' : 'uninstall', isOver: false, pace };
    if (!enable) return { undo: 'nothing', isOver: false, pace }; // ours, §2.6: theirs is stuck
    return {
      undo: 'rollback',
      isOver: !(retry && (maxRetries === 0 || count <= maxRetries)),
      pace,
    };
  }
  const own = rules[attempt];
  if (own.name === 'RetryOnFailure') return { undo: 'nothing', isOver: false, pace: 'every' };
  const isOver = own.retries >= 0 && count > own.retries;
  const remedy = attempt === 'install' ? 'uninstall' : own.strategy;
  const undo = isOver && !own.remediateLastFailure ? 'nothing' : remedy;
  // ours: their queue makes pauses of its own
  return { undo, isOver, pace: own.retries < 0 ? 'back-off' : 'at-once' };
}

export interface Consequence {
  readonly undo: 'nothing' | 'rollback' | 'uninstall';
  /** No attempt is left. */
  readonly isOver: boolean;
  readonly pace: string;
}
