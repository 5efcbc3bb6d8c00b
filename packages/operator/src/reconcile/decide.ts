// SPDX-License-Identifier: Apache-2.0

import type { ReleaseIntent } from '@helm-operator/api';
import type { ReleaseState } from './state.ts';

/** What is to be done next, or that there is nothing to do. */
export type Action =
  | { readonly kind: 'install'; readonly canReplace: boolean }
  | { readonly kind: 'upgrade'; readonly why: string }
  /** Finish what somebody began. */
  | { readonly kind: 'resume' }
  /** Mark what somebody else left as failed. */
  | { readonly kind: 'unlock' }
  | { readonly kind: 'wait'; readonly untilMs: number }
  /** The newest revision is what is wanted. */
  | { readonly kind: 'done' }
  /** The inputs failed before and nothing has changed: what is there stays. */
  | { readonly kind: 'stalled' };

/**
 * One action for a state: the whole decision, without an effect.
 */
export function decide(intent: ReleaseIntent, state: ReleaseState): Action {
  switch (state.recovery.kind) {
    case 'resume': {
      const isUninstall = state.last?.info.status === 'uninstalling';
      return { kind: isUninstall || state.isPendingWanted ? 'resume' : 'unlock' };
    }
    case 'unlock':
      return { kind: 'unlock' };
    case 'wait':
      return { kind: 'wait', untilMs: state.recovery.untilMs };
    case 'none':
      return decideIdle(intent, state);
  }
}

function decideIdle(intent: ReleaseIntent, state: ReleaseState): Action {
  const { last } = state;
  if (last === undefined) return { kind: 'install', canReplace: false };
  const { status } = last.info;
  if (status === 'uninstalled') return { kind: 'install', canReplace: true };
  if (status === 'failed' && !state.hasDeployed && last.revision === 1) {
    return intent.onInstallFailure === 'purge'
      ? { kind: 'install', canReplace: true }
      : { kind: 'upgrade', why: 'the install failed' };
  }
  if (state.isRolledBack) return decideRolledBack(intent, state);
  if (status === 'deployed') {
    return state.isInSync
      ? { kind: 'done' }
      : { kind: 'upgrade', why: 'chart or values differ from the deployed revision' };
  }
  return { kind: 'upgrade', why: `the newest revision is ${status}` };
}

function decideRolledBack({ rollback }: ReleaseIntent, state: ReleaseState): Action {
  const mayRetry =
    rollback.mustRetry && (rollback.maxRetries === 0 || state.rollbackCount <= rollback.maxRetries);
  return mayRetry ? { kind: 'upgrade', why: 'retry after a rollback' } : { kind: 'stalled' };
}
