// SPDX-License-Identifier: Apache-2.0

/** `helm diff`, beyond Helm: how the manifest of a release would change, or has changed between revisions. */

import { getRelease, previewInstallOrUpgrade } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { type FlagValues, numberFlag, switchFlag } from '../flags/flag.ts';
import { WHOLE_UPGRADE_FLAGS } from '../flags/whole-upgrade.ts';
import { crdModeOf } from '../install-release.ts';
import { paint } from '../output/colors.ts';
import { diffManifests } from '../output/manifest-diff.ts';
import { type ReleaseSession, withReleases } from '../release-session.ts';
import { upgradeOptions } from '../upgrade-options.ts';

const FLAGS = {
  ...WHOLE_UPGRADE_FLAGS,
  from: numberFlag('from', 'without a chart: the earlier revision; default: the one before', {
    initial: 0,
  }),
  to: numberFlag('to', 'without a chart: the later revision; default: the newest', { initial: 0 }),
  contextLines: numberFlag('context', 'equal lines shown around a difference', { initial: 3 }),
  hasDetailedExitCode: switchFlag('detailed-exitcode', 'exit with 2 when there is a difference'),
};

type DiffFlags = FlagValues<typeof FLAGS>;

export const helmDiff: Command = defineCommand({
  name: 'diff',
  usage: 'RELEASE [CHART]',
  summary: 'show how the manifest of a release would change, or has changed',
  details:
    'With a chart: what an upgrade (or install) would make of it. Without: what changed between two stored revisions. Contents of Secrets are shown by their size only. `helm plan` compares with the live objects instead.',
  args: { min: 1, max: 2 },
  flags: FLAGS,
  run: ({ flags, args: [name = '', chart] }, context) =>
    withReleases(flags, context, async (session) => {
      const world = { session, context };
      const [before, after] =
        chart === undefined
          ? await storedManifests(name, flags, world)
          : await newManifests({ name, chart }, flags, world);
      const { namespace } = session;
      const lines = diffManifests(before, after, { contextLines: flags.contextLines, namespace });
      context.stdout(paint(lines, context));
      return flags.hasDetailedExitCode && lines.length > 0 ? 2 : 0;
    }),
});

type Pair = readonly [before: string, after: string];
interface World {
  readonly session: ReleaseSession;
  readonly context: CliContext;
}

async function storedManifests(
  name: string,
  { from, to, profile }: DiffFlags,
  { session: { actions, identity } }: World,
): Promise<Pair> {
  const read = (revision: number) =>
    getRelease({ profile, release: identity(name), revision }, actions);
  const later = await read(to);
  const earlier = from > 0 ? from : later.revision - 1;
  if (earlier < 1) throw new UsageError(`revision ${later.revision} has none before it`);
  return [(await read(earlier)).manifest, later.manifest];
}

async function newManifests(
  target: { readonly name: string; readonly chart: string },
  flags: DiffFlags,
  world: World,
): Promise<Pair> {
  const options = await upgradeOptions(target, { ...flags, areSecretsHidden: false }, world);
  const installCrds = { mode: crdModeOf(flags) };
  const { record, previous } = await previewInstallOrUpgrade(
    { ...options, installCrds },
    world.session.actions,
  );
  return [previous?.manifest ?? '', record.manifest];
}
