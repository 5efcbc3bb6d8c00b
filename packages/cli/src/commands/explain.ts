// SPDX-License-Identifier: Apache-2.0

/** `explain`: why a HelmRelease stands as it does. */

import type { JsonObject } from '@helm-operator/kube';
import { type Command, defineCommand } from '../command.ts';
import { UsageError } from '../context.ts';
import { CONNECTION_FLAGS, connectBy } from '../flags/settings.ts';
import { printAccount } from '../output/release-account.ts';
import { servedKinds } from './get-releases.ts';

export const explain: Command = defineCommand({
  name: 'explain',
  usage: 'NAME',
  summary:
    'tell why a HelmRelease stands as it does: what broke, at which object, what mends it, what comes next',
  args: { min: 1, max: 1 },
  flags: { ...CONNECTION_FLAGS },
  run: async ({ flags, args }, context) => {
    const { cluster, namespace } = await connectBy(flags, context);
    const [name = ''] = args;
    const found: JsonObject[] = [];
    for (const { apiVersion, kind } of await servedKinds(cluster, context)) {
      const ref = { apiVersion, kind, namespace, name };
      const object = await cluster.getJson(ref, { signal: context.signal });
      if (object !== undefined) found.push(object);
    }
    if (found.length === 0)
      throw new UsageError(
        `there is no HelmRelease ${name} in namespace ${namespace}: see helm-operator get releases -A`,
      );
    context.stdout(found.map(printAccount).join('\n'));
    return 0;
  },
});
