// SPDX-License-Identifier: Apache-2.0

/** Flags → options of actions. */

import type { ApplyPolicy, InstallOptions, PostRenderer, WaitPolicy } from '@helm-operator/helm';
import type { RunPostRenderer } from '../post-renderer.ts';
import { type ReleaseFlags, readDryRun } from './install.ts';

const FIELD_MANAGER = 'helm';

/** How Helm 3 writes objects. */
export function applyPolicy(mustReplace = false): ApplyPolicy {
  return { method: 'client', fieldManager: FIELD_MANAGER, mustReplace };
}

export interface WaitFlags {
  readonly mustWait?: boolean;
  readonly mustWaitForJobs?: boolean;
  readonly isPatient: boolean;
}

export function waitPolicy({
  mustWait = false,
  mustWaitForJobs,
  isPatient,
}: WaitFlags): WaitPolicy {
  return {
    strategy: mustWait ? 'helm3' : 'none',
    mustWaitForJobs,
    patience: isPatient ? 'helm' : 'fail-fast',
  };
}

type SharedOptions = Pick<
  InstallOptions,
  | 'profile'
  | 'timeoutMs'
  | 'wait'
  | 'hooks'
  | 'description'
  | 'dryRun'
  | 'render'
  | 'postRenderer'
  | 'mustHideSecrets'
  | 'apply'
  | 'labels'
  | 'isAtomic'
>;

/** What an install and an upgrade have in common. */
export function releaseOptions(
  flags: ReleaseFlags & { readonly areSecretsHidden: boolean },
  runPostRenderer: RunPostRenderer | undefined,
): SharedOptions {
  const dryRun = readDryRun(flags.dryRun);
  return {
    profile: 'helm3',
    timeoutMs: flags.timeoutMs,
    wait: waitPolicy(flags),
    hooks: { isDisabled: flags.hasNoHooks },
    description: flags.description,
    dryRun: dryRun === 'none' ? undefined : dryRun,
    render: {
      mustRenderSubchartNotes: flags.mustRenderSubchartNotes,
      mustSkipSchemaValidation: flags.mustSkipSchemaValidation,
      canResolveDns: flags.canResolveDns,
    },
    postRenderer: asPostRenderer(runPostRenderer),
    mustHideSecrets: flags.areSecretsHidden,
    apply: {
      ...applyPolicy(flags.mustForce),
      mustTakeOwnership: flags.mustTakeOwnership,
      isValidated: !flags.isUnvalidated,
    },
    labels: flags.labels,
    isAtomic: flags.isAtomic,
  };
}

function asPostRenderer(run: RunPostRenderer | undefined): PostRenderer | undefined {
  return run === undefined ? undefined : async (manifest) => run(manifest);
}
