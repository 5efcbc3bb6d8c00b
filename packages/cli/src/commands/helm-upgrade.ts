// SPDX-License-Identifier: Apache-2.0

/** `helm upgrade`. Source: helm v3.22.0 cmd/helm/upgrade.go. */

import { quote } from '@helm-operator/gocompat';
import {
  history,
  isHelmError,
  type Profile,
  type ReleaseRecord,
  type ReleaseStatus,
  upgrade,
} from '@helm-operator/helm';
import { cancellable } from '../cancel.ts';
import { type Command, defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { type FlagValues, switchFlag } from '../flags/flag.ts';
import { WHOLE_UPGRADE_FLAGS } from '../flags/whole-upgrade.ts';
import { installRelease } from '../install-release.ts';
import { outputFlag } from '../output/format.ts';
import { printNewRelease } from '../output/new-release.ts';
import { prefixed } from '../output/prefixed.ts';
import { type ReleaseSession, withReleases } from '../release-session.ts';
import { upgradeOptions } from '../upgrade-options.ts';

const FLAGS = {
  ...WHOLE_UPGRADE_FLAGS,
  mustInstall: switchFlag('install', 'install the release if there is none', { short: 'i' }),
  areSecretsHidden: switchFlag('hide-secret', 'leave Secrets out of what --dry-run prints'),
  output: outputFlag(),
};

type UpgradeCommandFlags = FlagValues<typeof FLAGS>;

interface World {
  readonly session: ReleaseSession;
  readonly context: CliContext;
}

export const helmUpgrade: Command = defineCommand({
  name: 'upgrade',
  usage: '[RELEASE] [CHART]',
  summary: 'upgrade a release',
  args: { min: 2, max: 2 },
  flags: FLAGS,
  run: ({ flags, args: [name = '', chart = ''] }, context) =>
    withReleases(flags, context, async (session) => {
      const world = { session, context };
      const record = await upgradeOrInstall({ name, chart }, flags, world);
      await printNewRelease(record, flags, world);
      return 0;
    }),
});

interface Target {
  readonly name: string;
  readonly chart: string;
}

async function upgradeOrInstall(
  target: Target,
  flags: UpgradeCommandFlags,
  world: World,
): Promise<ReleaseRecord> {
  const { session, context } = world;
  const isTable = flags.output === 'table';
  if (flags.mustInstall) {
    const status = await lastStatus(target.name, session, flags.profile);
    if (status === undefined || status === 'uninstalled') {
      if (isTable) {
        context.stdout(`Release ${quote(target.name)} does not exist. Installing it now.\n`);
      }
      const canReplace = status === 'uninstalled';
      return await installRelease(target, { ...flags, canReplace }, world);
    }
  }
  const options = await upgradeOptions(target, flags, world);
  const record = await prefixed('UPGRADE FAILED', () =>
    cancellable(target.name, context, () => upgrade(options, session.actions)),
  );
  if (isTable) {
    context.stdout(`Release ${quote(target.name)} has been upgraded. Happy Helming!\n`);
  }
  return record;
}

async function lastStatus(
  name: string,
  { actions, identity }: ReleaseSession,
  profile: Profile,
): Promise<ReleaseStatus | undefined> {
  try {
    const records = await history({ profile, release: identity(name) }, actions);
    return records.at(-1)?.info.status;
  } catch (error) {
    if (isHelmError(error, 'helm/release-not-found')) return undefined;
    throw error;
  }
}
