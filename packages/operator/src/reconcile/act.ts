// SPDX-License-Identifier: Apache-2.0

/** Does one action: passes the intent's options on to helm, never more. */

import type { ReleaseIntent } from '@helm-operator/api';
import {
  type ActionContext,
  install,
  type ReleaseRecord,
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

type Doing = Extract<Action, { kind: 'install' | 'upgrade' | 'resume' | 'unlock' }>;

/** @returns the newest record; `undefined` when the release is gone @throws what helm throws */
export async function act(
  action: Doing,
  intent: ReleaseIntent,
  inputs: Inputs,
  context: ActionContext,
): Promise<ReleaseRecord | undefined> {
  const common = commonOptions(intent);
  const wanted = { ...common, ...inputs, render: intent.render, crds: intent.crds };
  switch (action.kind) {
    case 'install':
      return install(
        { ...wanted, wait: intent.installWait ?? intent.wait, canReplace: action.canReplace },
        context,
      );
    case 'upgrade':
      return upgrade({ ...wanted, valuesPolicy: intent.valuesPolicy }, context);
    case 'resume':
      return resume(common, context);
    case 'unlock':
      return unlock(common, context);
  }
}

function commonOptions(intent: ReleaseIntent): ResumeOptions {
  return {
    profile: intent.profile,
    release: intent.release,
    timeoutMs: intent.timeoutMs,
    wait: intent.wait,
    hooks: intent.hooks,
    apply: intent.apply,
    history: intent.history,
  };
}

/** Removes the release with its history; one that is absent is no error. */
export async function removeRelease(intent: ReleaseIntent, context: ActionContext): Promise<void> {
  const { profile, release, timeoutMs, wait, hooks } = intent;
  await uninstall({ profile, release, timeoutMs, wait, hooks, canBeAbsent: true }, context);
}

/** Goes back to an earlier revision. */
export async function rollBack(
  intent: ReleaseIntent,
  toRevision: number,
  context: ActionContext,
): Promise<ReleaseRecord> {
  const { rollback: policy } = intent;
  return rollback(
    {
      ...commonOptions(intent),
      toRevision,
      timeoutMs: policy.timeoutMs,
      wait: policy.wait,
      hooks: policy.hooks,
      mustRecreatePods: policy.mustRecreatePods,
      apply: { ...intent.apply, mustReplace: policy.mustReplace },
    },
    context,
  );
}

/** Runs the release's tests. @throws a failed test */
export async function testRelease(intent: ReleaseIntent, context: ActionContext): Promise<void> {
  await runTests({ ...commonOptions(intent), timeoutMs: intent.test.timeoutMs }, context);
}
