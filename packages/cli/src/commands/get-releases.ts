// SPDX-License-Identifier: Apache-2.0

/** `get releases`: HelmReleases and how they stand. */

import type { JsonObject } from '@helm-operator/kube';
import type { Command } from 'commander';
import { addConnectionFlags, connectBy } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { addOutputFlag, type Format, print } from '../output/format.ts';
import type { CommandRegistration } from './registration.ts';

interface GetFlags {
  readonly output: Format;
  readonly allNamespaces?: boolean;
}

export const getReleases: CommandRegistration = {
  register: (get, context) => {
    const command = get
      .command('releases')
      .alias('release')
      .description('list HelmReleases and how they stand')
      .option('-A, --all-namespaces', 'HelmReleases of all namespaces');
    addOutputFlag(addConnectionFlags(command)).action(() => run(command, context));
  },
};

async function run(command: Command, context: CliContext): Promise<void> {
  const { output, allNamespaces } = command.opts<GetFlags>();
  const { cluster, namespace } = await connectBy(command.opts(), context);
  const scope = allNamespaces === true ? {} : { namespace };
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
    output,
    context,
  );
}

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
