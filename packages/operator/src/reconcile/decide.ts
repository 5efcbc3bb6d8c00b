// SPDX-License-Identifier: Apache-2.0

/** The whole decision, without an effect. */

import type { FailurePolicy, ReleaseIntent, ReleaseMemory, RetryPace } from '@helm-operator/api';
import type { ReleaseState } from './state.ts';

/** What is to be done next, or that there is nothing to do. */
export type Action = Doing | Ending;

/** Changes the release; afterwards it is observed anew. */
export type Doing =
  | { readonly kind: 'install'; readonly canReplace: boolean }
  | { readonly kind: 'upgrade'; readonly why: string }
  | { readonly kind: 'test' }
  | { readonly kind: 'rollback'; readonly toRevision: number }
  /** Undoes a failed install, or an upgrade whose policy says so. */
  | { readonly kind: 'uninstall'; readonly why: string }
  /** Uninstalls what is installed anew in this turn. */
  | { readonly kind: 'make-room'; readonly why: string }
  /** Finish what somebody began. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'resume-rollback' }
  /** Mark what somebody left behind as failed. */
  | { readonly kind: 'unlock' }
  | { readonly kind: 'correct-drift'; readonly objects: readonly string[] };

/** Ends the turn. */
export type Ending =
  /** The newest revision is what is wanted; `drift` is reported, not mended. */
  | { readonly kind: 'done'; readonly drift: readonly string[] }
  /** Somebody else works on the release. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  /** Another attempt is due, but not in this turn. */
  | { readonly kind: 'retry'; readonly pace: RetryPace; readonly why: string }
  /** Nothing more is tried until an input changes or a person asks. */
  | { readonly kind: 'stalled'; readonly reason: StallReason; readonly message: string };

export type StallReason = 'RetriesExceeded' | 'MissingRollbackTarget' | 'NotOwned';

/** Actions of one family run at most once in a turn. */
const FAMILY = {
  install: 'release',
  upgrade: 'release',
  resume: 'resume',
  'resume-rollback': 'remedy',
  rollback: 'remedy',
  uninstall: 'remedy',
  'make-room': 'make-room',
  test: 'test',
  unlock: 'unlock',
  'correct-drift': 'correct',
} as const satisfies Record<Doing['kind'], string>;

/** All that a decision depends on. */
export interface Situation {
  readonly intent: Pick<ReleaseIntent, 'onFailure' | 'drift'>;
  readonly state: ReleaseState;
  readonly memory: ReleaseMemory;
  /** What was done in this turn. */
  readonly done: readonly Doing['kind'][];
  /** A person asks for an install or upgrade, now. */
  readonly isForced: boolean;
}

/**
 * Pure. One table for both dialects: what differs between them is in the intent's policies.
 *
 * Source: spec helm-operator.md §2.5, §2.6, §3.1; helm-controller.md §2.4 (next action, loop rules).
 */
export function decide(situation: Situation): Action {
  const remedied = afterRemedy(situation);
  if (remedied !== undefined) return remedied;
  const action = nextAction(situation);
  if (!isDoing(action) || !hasRun(situation.done, action)) return action;
  return again(situation, action);
}

function isDoing(action: Action): action is Doing {
  return action.kind in FAMILY;
}

function hasRun(done: readonly Doing['kind'][], action: Doing): boolean {
  return done.some((kind) => FAMILY[kind] === FAMILY[action.kind]);
}

/** A turn ends with a remedy. */
function afterRemedy({ intent, memory, done, state }: Situation): Ending | undefined {
  if (!done.some((kind) => FAMILY[kind] === 'remedy')) return undefined;
  const policy = activePolicy(intent, memory);
  const isGone = state.kind === 'absent' && memory.action === 'upgrade';
  if (policy === undefined || isGone || !isExhausted(policy, memory))
    return { kind: 'retry', pace: paceOf(policy), why: 'the failed attempt was undone' };
  return exceeded(memory);
}

/** What has no end has pauses. */
function paceOf(policy: FailurePolicy | undefined): RetryPace {
  if (policy === undefined) return AT_ONCE;
  const isHot = policy.retries === Infinity && policy.pace.kind === 'at-once';
  return isHot ? BACK_OFF : policy.pace;
}

const AT_ONCE: RetryPace = { kind: 'at-once' };
const BACK_OFF: RetryPace = { kind: 'back-off' };

/** The same was done in this turn and did not bring the wanted state. */
function again({ intent, memory }: Situation, action: Doing): Ending {
  const policy = activePolicy(intent, memory);
  if (policy !== undefined && isExhausted(policy, memory)) return exceeded(memory);
  const isCounted = memory.failures.install + memory.failures.upgrade > 0;
  const pace = policy !== undefined && isCounted ? paceOf(policy) : BACK_OFF;
  return { kind: 'retry', pace, why: `${action.kind} has to be done again` };
}

function nextAction(situation: Situation): Action {
  const { intent, state, memory, isForced } = situation;
  switch (state.kind) {
    case 'foreign':
      return {
        kind: 'stalled',
        reason: 'NotOwned',
        message: `release appears to be managed by '${state.owner}': delete that HelmRelease or give this one another releaseName`,
      };
    case 'locked':
      return whenLocked(state, situation);
    case 'absent':
      return isExhausted(intent.onFailure.install, memory, 'install') && !isForced
        ? exceeded({ ...memory, action: 'install' })
        : { kind: 'install', canReplace: state.hasHistory };
    case 'unmanaged':
      return { kind: 'upgrade', why: state.why };
    case 'out-of-sync':
      return isExhausted(intent.onFailure.upgrade, memory, 'upgrade') && !isForced
        ? exceeded({ ...memory, action: 'upgrade' })
        : { kind: state.mustReinstall === true ? 'make-room' : 'upgrade', why: state.why };
    case 'failed':
      return whenFailed(state, situation);
    case 'untested':
      return isForced ? FORCED : { kind: 'test' };
    case 'drifted':
      if (isForced) return FORCED;
      return intent.drift.mode === 'correct'
        ? { kind: 'correct-drift', objects: state.objects }
        : { kind: 'done', drift: state.objects };
    case 'in-sync':
      return isForced ? FORCED : { kind: 'done', drift: [] };
  }
}

const FORCED: Action = { kind: 'upgrade', why: 'a person asked for it' };

function whenLocked(
  { recovery, isWanted, begun }: Extract<ReleaseState, { kind: 'locked' }>,
  situation: Situation,
): Action {
  switch (recovery.kind) {
    case 'wait':
      return { kind: 'wait', untilMs: recovery.untilMs };
    case 'resume':
      if (begun === 'rollback')
        return { kind: isRollbackDue(situation) ? 'resume-rollback' : 'unlock' };
      return { kind: begun === 'uninstall' || isWanted ? 'resume' : 'unlock' };
    case 'unlock':
      return { kind: 'unlock' };
  }
}

/** As after the failure that it undoes. */
function isRollbackDue(situation: Situation): boolean {
  const failed = { kind: 'failed', why: '', rollbackTo: 0, isOurs: true } as const;
  return whenFailed(failed, situation).kind === 'rollback';
}

function whenFailed(
  { why, rollbackTo, isOurs }: Extract<ReleaseState, { kind: 'failed' }>,
  { intent, memory, isForced }: Situation,
): Action {
  const policy = activePolicy(intent, memory);
  if (isForced || policy === undefined || failuresOf(memory) === 0) return { kind: 'upgrade', why };
  const isLast = isExhausted(policy, memory);
  if (isLast && !policy.mustRemedyLast) return exceeded(memory);
  switch (policy.remedy) {
    case 'none':
      return isLast ? exceeded(memory) : { kind: 'upgrade', why };
    case 'uninstall':
      return { kind: isOurs ? 'uninstall' : 'upgrade', why };
    case 'rollback':
      if (rollbackTo !== undefined) return { kind: 'rollback', toRevision: rollbackTo };
      return {
        kind: 'stalled',
        reason: 'MissingRollbackTarget',
        message:
          'Failed to perform remediation: missing target release for rollback: cannot remediate failed release',
      };
  }
}

/** The policy of the action tried last; none when nothing was tried. */
function activePolicy(
  { onFailure }: Situation['intent'],
  { action }: ReleaseMemory,
): FailurePolicy | undefined {
  return action === undefined ? undefined : onFailure[action];
}

function failuresOf({ action, failures }: ReleaseMemory): number {
  return action === undefined ? 0 : failures[action];
}

function isExhausted(
  { retries }: FailurePolicy,
  memory: ReleaseMemory,
  action: ReleaseMemory['action'] = memory.action,
): boolean {
  return failuresOf({ ...memory, action }) > retries;
}

function exceeded(memory: ReleaseMemory): Ending {
  const attempts = failuresOf(memory);
  return {
    kind: 'stalled',
    reason: 'RetriesExceeded',
    message: `Failed to ${memory.action ?? 'release'} after ${attempts} attempt(s)`,
  };
}
