// SPDX-License-Identifier: Apache-2.0

/** `helm status`. Source: helm v3.22.0 cmd/helm/status.go. */

import { getRelease } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { UsageError } from '../context.ts';
import { numberFlag, switchFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { outputFlag } from '../output/format.ts';
import { printRelease } from '../output/release-status.ts';
import { withReleases } from '../release-session.ts';

export const helmStatus: Command = defineCommand({
  name: 'status',
  usage: 'RELEASE_NAME',
  summary: 'show how a release stands',
  args: { min: 1, max: 1 },
  flags: {
    ...SETTINGS_FLAGS,
    revision: numberFlag('revision', 'this revision instead of the newest', { initial: 0 }),
    hasDescription: switchFlag('show-desc', 'with the description'),
    hasResources: switchFlag('show-resources', "with the release's objects"),
    output: outputFlag(),
  },
  run: ({ flags, args: [name = ''] }, context) =>
    withReleases(flags, context, async ({ actions, identity }) => {
      const { revision, hasDescription, output } = flags;
      if (flags.hasResources) throw new UsageError('--show-resources is not supported yet');
      const record = await getRelease(
        { profile: 'helm3', release: identity(name), revision },
        actions,
      );
      printRelease({ ...record, chart: undefined }, { format: output, context, hasDescription });
      return 0;
    }),
});
