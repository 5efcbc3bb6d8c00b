// SPDX-License-Identifier: Apache-2.0

/** `helm status`. Source: helm v3.22.0 cmd/helm/status.go. */

import { getRelease, releaseObjects, releaseTables } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { numberFlag, switchFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { outputFlag } from '../output/format.ts';
import { printRelease, type StatusOptions } from '../output/release-status.ts';
import { resourceText } from '../output/resource-tables.ts';
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
      const { revision, profile, output } = flags;
      const isHelm4 = profile === 'helm4';
      const hasDescription = flags.hasDescription || isHelm4;
      const hasResources = flags.hasResources || isHelm4;
      const record = await getRelease({ profile, release: identity(name), revision }, actions);
      let resources: Pick<StatusOptions, 'objects' | 'resources'> = {};
      if (hasResources && output === 'table') {
        resources = { resources: resourceText(await releaseTables(record, actions)) };
      } else if (hasResources) resources = { objects: await releaseObjects(record, actions) };
      const shown = { ...record, chart: undefined };
      printRelease(shown, { format: output, context, profile, hasDescription, ...resources });
      return 0;
    }),
});
