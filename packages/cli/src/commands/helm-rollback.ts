// SPDX-License-Identifier: Apache-2.0

/** `helm rollback`. Source: helm v3.22.0 cmd/helm/rollback.go. */

import { atoi } from '@helm-operator/gocompat';
import { type RollbackOptions, rollback } from '@helm-operator/helm';
import { cancellable } from '../cancel.ts';
import { type Command, defineCommand } from '../command.ts';
import { UsageError } from '../context.ts';
import { durationFlag, numberFlag, switchFlag, textFlag } from '../flags/flag.ts';
import { patientFlag, readDryRun } from '../flags/install.ts';
import { applyPolicyOf, HELM4_FLAGS, waitFlag } from '../flags/profile.ts';
import { waitPolicy } from '../flags/release-options.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { withReleases } from '../release-session.ts';

export const helmRollback: Command = defineCommand({
  name: 'rollback',
  usage: '<RELEASE> [REVISION]',
  summary: 'roll a release back to an earlier revision',
  args: { min: 1 },
  flags: {
    ...SETTINGS_FLAGS,
    ...HELM4_FLAGS,
    dryRun: textFlag('dry-run', 'change nothing', { bare: 'true' }),
    mustRecreatePods: switchFlag('recreate-pods', 'delete the pods of what was changed'),
    mustForce: switchFlag('force', 'replace objects instead of patching them'),
    hasNoHooks: switchFlag('no-hooks', 'run no hooks'),
    timeoutMs: durationFlag('timeout', 'time for each wait, such as for the Job of a hook', {
      initialMs: 300_000,
      shown: '5m0s',
    }),
    wait: waitFlag('wait until the objects are ready, as long as --timeout'),
    mustWaitForJobs: switchFlag('wait-for-jobs', 'with --wait: until Jobs are complete, too'),
    isPatient: patientFlag(),
    mustCleanupOnFail: switchFlag('cleanup-on-fail', 'delete what a failed rollback created'),
    maxHistory: numberFlag('history-max', 'revisions to keep; 0 keeps all', {
      initial: 10,
      env: 'HELM_MAX_HISTORY',
    }),
  },
  run: ({ flags, args: [name = '', revision = '0'] }, context) =>
    withReleases(flags, context, async ({ actions, identity }) => {
      const options: RollbackOptions = {
        profile: flags.profile,
        release: identity(name),
        toRevision: readRevision(revision),
        timeoutMs: flags.timeoutMs,
        wait: waitPolicy(flags),
        hooks: { isDisabled: flags.hasNoHooks },
        dryRun: readDryRun(flags.dryRun, flags.profile) === 'none' ? undefined : 'server',
        apply: applyPolicyOf(flags, false),
        history: { maxRevisions: flags.maxHistory },
        mustCleanupOnFail: flags.mustCleanupOnFail,
        mustRecreatePods: flags.mustRecreatePods,
      };
      await cancellable(name, context, () => rollback(options, actions));
      context.stdout('Rollback was a success! Happy Helming!\n');
      return 0;
    }),
});

function readRevision(text: string): number {
  try {
    return Number(atoi(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`could not convert revision to a number: ${reason}`, { cause: error });
  }
}
