// SPDX-License-Identifier: Apache-2.0

/** `helm history`. Source: helm v3.22.0 cmd/helm/history.go. */

import { int, type Value } from '@helm-operator/gocompat';
import { createSecretStorage, releaseNameProblem } from '@helm-operator/helm';
import { systemClock } from '@helm-operator/kube';
import type { Command } from 'commander';
import { addConnectionFlags, connectBy } from '../connection.ts';
import { type CliContext, UsageError } from '../context.ts';
import { addOutputFlag, type Format, print } from '../output/format.ts';
import { printAnsic } from './go-time.ts';
import type { CommandRegistration } from './registration.ts';

interface HistoryFlags {
  readonly output: Format;
  readonly max: string;
}

export const helmHistory: CommandRegistration = {
  register: (helm, context) => {
    const command = helm
      .command('history')
      .alias('hist')
      .argument('<RELEASE_NAME>')
      .description('fetch release history')
      .option('--max <int>', 'maximum number of revision to include in history', '256');
    addOutputFlag(addConnectionFlags(command)).action((name: string) =>
      run(name, command, context),
    );
  },
};

async function run(name: string, command: Command, context: CliContext): Promise<void> {
  const { output, max } = command.opts<HistoryFlags>();
  const problem = releaseNameProblem(name);
  if (problem !== undefined) throw new UsageError(`release name is invalid: ${name}`);
  const { cluster, namespace } = await connectBy(command.opts(), context);
  const storage = createSecretStorage({ cluster, clock: systemClock, profile: 'helm3', namespace });
  const { records } = await storage.history(name, { signal: context.signal });
  if (records.length === 0) throw new UsageError('release: not found');
  const shown = Number(max) > 0 ? records.slice(-Number(max)) : [];
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
  print({ items, rows: [headings, ...rows] }, output, context);
}
