// SPDX-License-Identifier: Apache-2.0

/** `helm history`. Source: helm v3.22.0 cmd/helm/history.go. */

import { int, type Value } from '@helm-operator/gocompat';
import { type ReleaseRecord, releaseNameProblem } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { UsageError } from '../context.ts';
import { numberFlag } from '../flags/flag.ts';
import { connectBy, SETTINGS_FLAGS } from '../flags/settings.ts';
import { outputFlag, type Printable, print } from '../output/format.ts';
import { openStorage } from '../storage.ts';
import { printAnsic } from './go-time.ts';

export const helmHistory: Command = defineCommand({
  name: 'history',
  aliases: ['hist'],
  usage: 'RELEASE_NAME',
  summary: 'list the revisions of a release',
  args: { min: 1, max: 1 },
  flags: {
    ...SETTINGS_FLAGS,
    output: outputFlag(),
    max: numberFlag('max', 'this many of the newest at most', { initial: 256 }),
  },
  run: async ({ flags, args: [name = ''] }, context) => {
    const { cluster, namespace } = await connectBy(flags, context);
    if (releaseNameProblem(name) !== undefined)
      throw new UsageError(`release name is invalid: ${name}`);
    const storage = openStorage(cluster, namespace, context);
    const { records } = await storage.history(name, { signal: context.signal });
    if (records.length === 0) throw new UsageError('release: not found');
    print(printable(records, flags.max), flags.output, context);
    return 0;
  },
});

function printable(records: readonly ReleaseRecord[], max: number): Printable {
  const shown = max > 0 ? records.slice(-max) : [];
  const items = shown.map((record): [string, Value][] => {
    const facts = record.chart?.facts;
    return [
      ['revision', int(record.revision)],
      ['updated', record.info.lastDeployed],
      ['status', record.info.status],
      ['chart', facts === undefined ? 'MISSING' : `${facts.name}-${facts.version}`],
      ['app_version', facts?.appVersion ?? 'MISSING'],
      ['description', record.info.description],
    ];
  });
  const rows = shown.map((record, index) => [
    String(record.revision),
    printAnsic(record.info.lastDeployed),
    ...(items[index] ?? []).slice(2).map(([, value]) => String(value)),
  ]);
  const headings = ['REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION', 'DESCRIPTION'];
  return { items, rows: [headings, ...rows] };
}
