// SPDX-License-Identifier: Apache-2.0

/** Flags → options of actions. */

import type { InstallOptions, PostRenderer, Profile, WaitPolicy } from '@helm-operator/helm';
import type { RunPostRenderer } from '../post-renderer.ts';
import { type ReleaseFlags, readDryRun } from './install.ts';
import { applyPolicyOf, type WaitChoice, waitStrategyOf } from './profile.ts';

export interface WaitFlags {
  readonly profile: Profile;
  readonly wait?: WaitChoice;
  readonly mustWaitForJobs?: boolean;
  readonly isPatient: boolean;
}

/** @throws {UsageError} */
export function waitPolicy({
  profile,
  wait = 'no',
  mustWaitForJobs,
  isPatient,
}: WaitFlags): WaitPolicy {
  return {
    strategy: waitStrategyOf(wait, profile),
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

interface RevisionFacts {
  readonly runPostRenderer: RunPostRenderer | undefined;
  readonly isInstall: boolean;
}

/** What an install and an upgrade have in common. @throws {UsageError} flags that do not go together */
export function releaseOptions(
  flags: ReleaseFlags & { readonly areSecretsHidden: boolean; readonly profile: Profile },
  { runPostRenderer, isInstall }: RevisionFacts,
): SharedOptions {
  const dryRun = readDryRun(flags.dryRun, flags.profile);
  return {
    profile: flags.profile,
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
      ...applyPolicyOf(flags, isInstall),
      mustTakeOwnership: flags.mustTakeOwnership,
      isValidated: !flags.isUnvalidated,
    },
    labels: flags.labels,
    isAtomic: flags.isAtomic || flags.mustRollBack,
  };
}

function asPostRenderer(run: RunPostRenderer | undefined): PostRenderer | undefined {
  return run === undefined ? undefined : async (manifest) => run(manifest);
}
