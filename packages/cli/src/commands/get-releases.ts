// SPDX-License-Identifier: Apache-2.0

/** `get releases`: HelmReleases and how they stand. */

import { DIALECTS, type Dialect } from '@helm-operator/api';
import type { Cluster, JsonObject } from '@helm-operator/kube';
import { type Command, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { switchFlag } from '../flags/flag.ts';
import { CONNECTION_FLAGS, connectBy } from '../flags/settings.ts';
import { outputFlag, print } from '../output/format.ts';

export const getReleases: Command = defineCommand({
  name: 'releases',
  aliases: ['release'],
  usage: '',
  summary: 'list HelmReleases and how they stand',
  args: { min: 0, max: 0 },
  flags: {
    ...CONNECTION_FLAGS,
    output: outputFlag(),
    isEverywhere: switchFlag('all-namespaces', 'HelmReleases of all namespaces', { short: 'A' }),
  },
  run: async ({ flags }, context) => {
    const { cluster, namespace } = await connectBy(flags, context);
    const items: Members[] = [];
    for (const { apiVersion, kind } of await servedKinds(cluster, context)) {
      const scope = flags.isEverywhere ? {} : { namespace };
      const query = { apiVersion, kind, ...scope };
      const objects = await cluster.listJson(query, { signal: context.signal });
      items.push(...objects.map((object) => membersOf(object, apiVersion)));
    }
    if (items.length === 0) {
      const where = flags.isEverywhere ? 'in any namespace' : `in namespace ${namespace}`;
      context.stderr(`No HelmReleases found ${where}.\n`);
    }
    const headings = [
      'NAMESPACE',
      'NAME',
      'RELEASE',
      'PHASE',
      'RELEASE STATUS',
      'CHART VERSION',
      'API VERSION',
      'MESSAGE',
    ];
    print(
      { items, rows: [headings, ...items.map((members) => members.map(([, value]) => value))] },
      flags.output,
      context,
    );
    return 0;
  },
});

type Members = readonly (readonly [string, string])[];

/** Kinds of HelmRelease that the cluster serves. @throws {UsageError} there is none */
export async function servedKinds(
  cluster: Pick<Cluster, 'resources'>,
  { signal }: Pick<CliContext, 'signal'>,
): Promise<readonly Dialect[]> {
  const resources = await cluster.resources({ signal });
  const served = DIALECTS.filter(
    ({ apiVersion, kind }) => resources.find(apiVersion, kind) !== undefined,
  );
  if (served.length > 0) return served;
  throw new UsageError('the cluster knows no HelmRelease: apply the definitions of deploy/crds');
}

function membersOf(object: JsonObject, apiVersion: string): Members {
  const metadata = (object['metadata'] ?? {}) as JsonObject;
  const status = (object['status'] ?? {}) as JsonObject;
  const conditions = (status['conditions'] ?? []) as JsonObject[];
  const text = (from: JsonObject, name: string) => String(from[name] ?? '');
  const released = conditions.find(({ type }) => type === 'Released') ?? {};
  return [
    ['namespace', text(metadata, 'namespace')],
    ['name', text(metadata, 'name')],
    ['release', text(status, 'releaseName')],
    ['phase', text(status, 'phase')],
    ['release_status', text(status, 'releaseStatus')],
    ['chart_version', text(status, 'revision')],
    ['api_version', apiVersion],
    ['message', text(released, 'message')],
  ];
}
