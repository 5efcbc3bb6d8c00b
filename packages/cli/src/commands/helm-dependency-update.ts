// SPDX-License-Identifier: Apache-2.0

/** `helm dependency update`. Source: helm v3.22.0 cmd/helm/dependency_update.go. */

import { updateDependencies } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { DEPENDENCY_FLAGS, dependencyContext } from '../dependencies.ts';
import { cleanPath } from './helm-dependency-list.ts';

export const helmDependencyUpdate: Command = defineCommand({
  name: 'update',
  aliases: ['up'],
  usage: 'CHART',
  summary: "choose the versions of a chart's dependencies anew, bring them and write the lock file",
  args: { min: 0, max: 1 },
  flags: DEPENDENCY_FLAGS,
  run: async ({ flags, args }, context) => {
    const path = cleanPath(args[0] ?? '.');
    await updateDependencies(await dependencyContext(path, flags, 'always', context));
    return 0;
  },
});
