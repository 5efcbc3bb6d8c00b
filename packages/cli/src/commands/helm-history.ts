// SPDX-License-Identifier: Apache-2.0

/** `helm history`. Source: helm v3.22.0 cmd/helm/history.go. */

import { int, type Value } from '@helm-operator/gocompat';
import { history, type ReleaseRecord } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { numberFlag } from '../flags/flag.ts';
import { connectBy, SETTINGS_FLAGS } from '../flags/settings.ts';
import { outputFlag, type Printable, print } from '../output/format.ts';
import { printAnsic } from '../output/go-time.ts';
import { debugLog } from '../release-session.ts';
import { openStorage } from '../storage.ts';

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
    const storage = openStorage(cluster, namespace, { context, profile: flags.profile });
    const records = await history(
      { profile: flags.profile, release: { name, namespace }, max: flags.max },
      { storage, signal: context.signal, log: debugLog(flags, context) },
    );
    print(printable(records), flags.output, context);
    return 0;
  },
});

function printable(shown: readonly ReleaseRecord[]): Printable {
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
