// SPDX-License-Identifier: Apache-2.0

/** Does one action: passes the intent's options on to helm, never more. */

import type { ActionPolicy, ReleaseIntent, RollbackPolicy } from '@helm-operator/api';
import {
  type ActionContext,
  install,
  isHelmError,
  type ReleaseRecord,
  type ReleaseStatus,
  type ResumeOptions,
  resume,
  rollback,
  runTests,
  uninstall,
  unlock,
  upgrade,
} from '@helm-operator/helm';
import type { Action } from './decide.ts';
import type { Inputs } from './observe.ts';

type Doing = Extract<
  Action,
  { kind: 'install' | 'upgrade' | 'resume' | 'resume-rollback' | 'unlock' }
>;

/** What an action of the release begins with. */
export interface Found {
  readonly inputs: Inputs;
  /** Status of the newest record. */
  readonly status: ReleaseStatus | undefined;
}

/** @returns the newest record; `undefined` when the release is gone @throws what helm throws */
export async function act(
  action: Doing,
  intent: ReleaseIntent,
  { inputs, status }: Found,
  context: ActionContext,
): Promise<ReleaseRecord | undefined> {
  switch (action.kind) {
    case 'install': {
      const { crds, render, mustCreateNamespace } = intent.install;
      const canReplace = action.canReplace && intent.install.canReplace;
      const own = { crds, render, mustCreateNamespace, canReplace };
      return install({ ...writing(intent, intent.install), ...inputs, ...own }, context);
    }
    case 'upgrade': {
      const { crds, render, mustCleanupOnFail, values: valuesPolicy } = intent.upgrade;
      const own = { crds, render, mustCleanupOnFail, valuesPolicy };
      return upgrade({ ...writing(intent, intent.upgrade), ...inputs, ...own }, context);
    }
    case 'resume':
    case 'resume-rollback':
      return goOn(intent, status, context);
    case 'unlock':
      return unlock(writing(intent, intent.upgrade), context);
  }
}

/** Each action is finished as it would have been. */
async function goOn(
  intent: ReleaseIntent,
  status: Found['status'],
  context: ActionContext,
): Promise<ReleaseRecord | undefined> {
  switch (status) {
    case 'uninstalling':
      await removeRelease(intent, context);
      return undefined;
    case 'pending-install':
      return resume(writing(intent, intent.install), context);
    case 'pending-rollback': {
      const { mustRecreatePods, mustCleanupOnFail } = intent.rollback;
      const own = { mustRecreatePods, mustCleanupOnFail };
      return resume({ ...writing(intent, intent.rollback), ...own }, context);
    }
    default: {
      const { mustCleanupOnFail } = intent.upgrade;
      return resume({ ...writing(intent, intent.upgrade), mustCleanupOnFail }, context);
    }
  }
}

/** Of an action that writes objects. */
function writing(
  { profile, release, history }: ReleaseIntent,
  { timeoutMs, wait, hooks, apply }: ActionPolicy & Pick<RollbackPolicy, 'apply'>,
): ResumeOptions {
  return { profile, release, history, timeoutMs, wait, hooks, apply };
}

/** Removes the release, as the policy says with its history; one that is absent is no error. */
export async function removeRelease(intent: ReleaseIntent, context: ActionContext): Promise<void> {
  const { profile, release, upgrade: policy } = intent;
  const { fieldManager } = policy.apply;
  const options = { profile, release, fieldManager, ...intent.uninstall, canBeAbsent: true };
  try {
    await uninstall(options, context);
  } catch (error) {
    // Its history is all that is left, and shall stay.
    const isGone = intent.uninstall.mustKeepHistory && isHelmError(error, 'helm/release-not-found');
    if (!isGone) throw error;
  }
}

/** Goes back to an earlier revision. */
export async function rollBack(
  intent: ReleaseIntent,
  toRevision: number,
  context: ActionContext,
): Promise<ReleaseRecord> {
  const { mustRecreatePods, mustCleanupOnFail } = intent.rollback;
  const own = { toRevision, mustRecreatePods, mustCleanupOnFail };
  return rollback({ ...writing(intent, intent.rollback), ...own }, context);
}

/** Runs the release's tests. @throws a failed test */
export async function testRelease(intent: ReleaseIntent, context: ActionContext): Promise<void> {
  const { timeoutMs, includeNames, excludeNames } = intent.test;
  const { profile, release, upgrade: policy } = intent;
  const { fieldManager } = policy.apply;
  const own = { timeoutMs, includeNames, excludeNames, fieldManager };
  await runTests({ profile, release, wait: policy.wait, hooks: {}, ...own }, context);
}
