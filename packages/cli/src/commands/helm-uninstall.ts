// SPDX-License-Identifier: Apache-2.0

/** `helm uninstall`. Source: helm v3.22.0 cmd/helm/uninstall.go. */

import { type UninstallOptions, uninstall } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { UsageError } from '../context.ts';
import { durationFlag, type FlagValues, switchFlag, textFlag } from '../flags/flag.ts';
import { patientFlag } from '../flags/install.ts';
import { waitFlag, waitStrategyOf } from '../flags/profile.ts';
import { waitPolicy } from '../flags/release-options.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { withReleases } from '../release-session.ts';

const FLAGS = {
  ...SETTINGS_FLAGS,
  isDryRun: switchFlag('dry-run', 'change nothing'),
  hasNoHooks: switchFlag('no-hooks', 'run no hooks'),
  canBeAbsent: switchFlag('ignore-not-found', 'a release that does not exist is no error'),
  mustKeepHistory: switchFlag('keep-history', 'keep the records'),
  wait: waitFlag('wait until the objects are gone, as long as --timeout'),
  isPatient: patientFlag(),
  cascade: textFlag('cascade', 'what becomes of dependents: background, orphan or foreground', {
    initial: 'background',
  }),
  timeoutMs: durationFlag('timeout', 'time for each wait, such as for the Job of a hook', {
    initialMs: 300_000,
    shown: '5m0s',
  }),
  description: textFlag('description', "description for the release's record"),
};

export const helmUninstall: Command = defineCommand({
  name: 'uninstall',
  aliases: ['del', 'delete', 'un'],
  usage: 'RELEASE_NAME [...]',
  summary: 'uninstall releases',
  args: { min: 1 },
  flags: FLAGS,
  run: ({ flags, args }, context) =>
    withReleases(flags, context, async ({ actions, identity }) => {
      const options = optionsOf(flags);
      for (const name of args) {
        const { kept } = await uninstall({ ...options, release: identity(name) }, actions);
        if (kept.length > 0) {
          const lines = kept.map((line) => `${line}\n`).join('');
          context.stdout(`These resources were kept due to the resource policy:\n${lines}\n`);
        }
        context.stdout(`release "${name}" uninstalled\n`);
      }
      return 0;
    }),
});

const PROPAGATIONS: ReadonlyMap<string, UninstallOptions['propagation']> = new Map([
  ['background', 'Background'],
  ['foreground', 'Foreground'],
  ['orphan', 'Orphan'],
]);

function optionsOf(flags: FlagValues<typeof FLAGS>): Omit<UninstallOptions, 'release'> {
  const { profile } = flags;
  const propagation = PROPAGATIONS.get(flags.cascade);
  if (propagation === undefined) {
    throw new UsageError(
      `invalid cascade value (${flags.cascade}). Must be "background", "foreground", or "orphan"`,
    );
  }
  return {
    profile,
    timeoutMs: flags.timeoutMs,
    wait: waitPolicy({ profile, isPatient: flags.isPatient }),
    hooks: { isDisabled: flags.hasNoHooks },
    description: flags.description,
    dryRun: flags.isDryRun ? 'server' : undefined,
    mustKeepHistory: flags.mustKeepHistory,
    canBeAbsent: flags.canBeAbsent,
    propagation,
    mustWaitForDeletion: waitStrategyOf(flags.wait, profile) !== 'none',
  };
}
