// SPDX-License-Identifier: Apache-2.0

/** `helm install`. Source: helm v3.22.0 cmd/helm/install.go. */

import { type Command, defineCommand } from '../command.ts';
import { CHART_SOURCE_FLAGS } from '../flags/chart-source.ts';
import { switchFlag } from '../flags/flag.ts';
import { NAME_FLAGS, POST_RENDERER_FLAGS, RELEASE_FLAGS, readDryRun } from '../flags/install.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { VALUE_FLAGS } from '../flags/values.ts';
import { installRelease } from '../install-release.ts';
import { outputFlag } from '../output/format.ts';
import { printNewRelease } from '../output/new-release.ts';
import { prefixed } from '../output/prefixed.ts';
import { nameAndChart } from '../release-name.ts';
import { withReleases } from '../release-session.ts';

export const helmInstall: Command = defineCommand({
  name: 'install',
  usage: '[NAME] [CHART]',
  summary: 'install a chart as a new release',
  args: { min: 1 },
  flags: {
    ...SETTINGS_FLAGS,
    ...RELEASE_FLAGS,
    ...NAME_FLAGS,
    ...VALUE_FLAGS,
    ...CHART_SOURCE_FLAGS,
    ...POST_RENDERER_FLAGS,
    areSecretsHidden: switchFlag('hide-secret', 'leave Secrets out of what --dry-run prints'),
    output: outputFlag(),
  },
  run: ({ flags, args }, context) =>
    withReleases(flags, context, async (session) => {
      if (flags.profile === 'helm4') readDryRun(flags.dryRun, flags.profile);
      const record = await prefixed('INSTALLATION FAILED', () => {
        const target = nameAndChart(args, flags, { context });
        return installRelease(target, flags, { session, context });
      });
      await printNewRelease(record, flags, { session, context });
      return 0;
    }),
});
