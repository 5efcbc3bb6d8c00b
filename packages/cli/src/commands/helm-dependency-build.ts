// SPDX-License-Identifier: Apache-2.0

/** `helm dependency build`. Source: helm v3.22.0 cmd/helm/dependency_build.go. */

import { buildDependencies } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { DEPENDENCY_FLAGS, dependencyContext } from '../dependencies.ts';
import { cleanPath } from './helm-dependency-list.ts';

export const helmDependencyBuild: Command = defineCommand({
  name: 'build',
  usage: 'CHART',
  summary: "rebuild a chart's charts/ folder from its lock file",
  details: 'Without a lock file it does what `dependency update` does.',
  args: { min: 0, max: 1 },
  flags: DEPENDENCY_FLAGS,
  run: async ({ flags, args }, context) => {
    const path = cleanPath(args[0] ?? '.');
    await buildDependencies(await dependencyContext(path, flags, 'if-possible', context));
    return 0;
  },
});
