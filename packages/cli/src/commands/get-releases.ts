// SPDX-License-Identifier: Apache-2.0

/** `get releases`: HelmReleases and how they stand. */

import type { JsonObject } from '@helm-operator/kube';
import { type Command, defineCommand } from '../command.ts';
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
    const scope = flags.isEverywhere ? {} : { namespace };
    const objects = await cluster.listJson(
      { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', ...scope },
      { signal: context.signal },
    );
    const items = objects.map(membersOf);
    const headings = [
      'NAMESPACE',
      'NAME',
      'RELEASE',
      'PHASE',
      'RELEASE STATUS',
      'CHART VERSION',
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

function membersOf(object: JsonObject): [string, string][] {
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
    ['message', text(released, 'message')],
  ];
}
