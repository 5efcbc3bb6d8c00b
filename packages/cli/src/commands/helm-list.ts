// SPDX-License-Identifier: Apache-2.0

/** `helm list`. Source: helm v3.22.0 cmd/helm/list.go, pkg/action/list.go. */

import {
  compareBytes,
  compileRegexp,
  encodeJson,
  encodeYaml,
  type Value,
} from '@helm-operator/gocompat';
import { createSecretStorage, type ReleaseRecord, type ReleaseStatus } from '@helm-operator/helm';
import { systemClock } from '@helm-operator/kube';
import type { Command } from 'commander';
import { addConnectionFlags, connectBy } from '../connection.ts';
import { type CliContext, UsageError } from '../context.ts';
import { addOutputFlag, type Format, print } from '../output/format.ts';
import { printRecordTime } from './go-time.ts';
import type { CommandRegistration } from './registration.ts';

interface ListFlags {
  readonly output: Format;
  readonly short?: boolean;
  readonly headers: boolean;
  readonly timeFormat?: string;
  readonly date?: boolean;
  readonly reverse?: boolean;
  readonly all?: boolean;
  readonly uninstalled?: boolean;
  readonly superseded?: boolean;
  readonly uninstalling?: boolean;
  readonly deployed?: boolean;
  readonly failed?: boolean;
  readonly pending?: boolean;
  readonly allNamespaces?: boolean;
  readonly max: string;
  readonly offset: string;
  readonly filter?: string;
}

export const helmList: CommandRegistration = {
  register: (helm, context) => {
    const command = helm
      .command('list')
      .alias('ls')
      .description('list releases')
      .option('-q, --short', 'output short (quiet) listing format')
      .option('--no-headers', "don't print headers when using the default output format")
      .option('--time-format <string>', 'format time using golang time formatter')
      .option('-d, --date', 'sort by release date')
      .option('-r, --reverse', 'reverse the sort order')
      .option('-a, --all', 'show all releases without any filter applied')
      .option(
        '--uninstalled',
        "show uninstalled releases (if 'helm uninstall --keep-history' was used)",
      )
      .option('--superseded', 'show superseded releases')
      .option('--uninstalling', 'show releases that are currently being uninstalled')
      .option(
        '--deployed',
        'show deployed releases. If no other is specified, this will be automatically enabled',
      )
      .option('--failed', 'show failed releases')
      .option('--pending', 'show pending releases')
      .option('-A, --all-namespaces', 'list releases across all namespaces')
      .option('-m, --max <int>', 'maximum number of releases to fetch', '256')
      .option(
        '--offset <int>',
        'next release index in the list, used to offset from start value',
        '0',
      )
      .option('-f, --filter <string>', 'a regular expression (RE2): releases whose name matches');
    addOutputFlag(addConnectionFlags(command)).action(() => run(command, context));
  },
};

async function run(command: Command, context: CliContext): Promise<void> {
  const flags = command.opts<ListFlags>();
  const { cluster, namespace } = await connectBy(command.opts(), context);
  const storage = createSecretStorage({
    cluster,
    clock: systemClock,
    profile: 'helm3',
    namespace: flags.allNamespaces === true ? '' : namespace,
  });
  const { records } = await storage.list({ signal: context.signal });
  const releases = selectReleases(records, flags);
  if (flags.short === true) printNames(releases, flags.output, context);
  else print(printable(releases, flags), flags.output, context);
}

/** The newest revision of each release, filtered, sorted and cut as Helm does. */
export function selectReleases(
  records: readonly ReleaseRecord[],
  flags: ListFlags,
): readonly ReleaseRecord[] {
  const wanted = wantedStatuses(flags);
  const filter =
    flags.filter === undefined || flags.filter === '' ? undefined : compileRegexp(flags.filter);
  const matching = records.filter(({ name }) => filter?.matchString(name) ?? true);
  const isOnlySuperseded = wanted?.size === 1 && wanted.has('superseded');
  const newest = isOnlySuperseded ? matching : newestOf(matching);
  const found = newest.filter(({ info }) => wanted === undefined || wanted.has(info.status));
  const sorted = found.toSorted(flags.date === true ? byDate : byName);
  if (flags.reverse === true) sorted.reverse();
  const offset = numberOf(flags.offset, '--offset');
  const max = numberOf(flags.max, '-m, --max');
  return sorted.slice(offset, max > 0 ? offset + max : undefined);
}

function numberOf(text: string, flag: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) {
    throw new UsageError(
      `invalid argument "${text}" for "${flag}" flag: strconv.ParseInt: parsing "${text}": invalid syntax`,
    );
  }
  return value;
}

function wantedStatuses(flags: ListFlags): ReadonlySet<ReleaseStatus> | undefined {
  if (flags.all === true) return undefined;
  const wanted = new Set<ReleaseStatus>();
  if (flags.deployed === true) wanted.add('deployed');
  if (flags.uninstalled === true) wanted.add('uninstalled');
  if (flags.uninstalling === true) wanted.add('uninstalling');
  if (flags.failed === true) wanted.add('failed');
  if (flags.superseded === true) wanted.add('superseded');
  if (flags.pending === true) {
    for (const status of ['pending-install', 'pending-upgrade', 'pending-rollback'] as const)
      wanted.add(status);
  }
  return wanted.size === 0 ? new Set<ReleaseStatus>(['deployed', 'failed']) : wanted;
}

function newestOf(records: readonly ReleaseRecord[]): ReleaseRecord[] {
  const newest = new Map<string, ReleaseRecord>();
  for (const record of records) {
    const key = `${record.namespace}/${record.name}`;
    const known = newest.get(key);
    if (known === undefined || known.revision <= record.revision) newest.set(key, record);
  }
  return [...newest.values()];
}

function byName(a: ReleaseRecord, b: ReleaseRecord): number {
  return compareBytes(a.name, b.name) || compareBytes(a.namespace, b.namespace);
}

function byDate(a: ReleaseRecord, b: ReleaseRecord): number {
  return Date.parse(a.info.lastDeployed) - Date.parse(b.info.lastDeployed) || byName(a, b);
}

function printNames(releases: readonly ReleaseRecord[], format: Format, context: CliContext): void {
  const names: Value[] = releases.map(({ name }) => name);
  if (format === 'json') context.stdout(`${encodeJson(names)}\n`);
  else if (format === 'yaml') context.stdout(encodeYaml(names));
  else context.stdout(names.map((name) => `${String(name)}\n`).join(''));
}

/** What Helm shows of a record whose chart is lost. */
const MISSING = 'MISSING';

function printable(
  releases: readonly ReleaseRecord[],
  flags: ListFlags,
): Parameters<typeof print>[0] {
  const items = releases.map((record): [string, string][] => {
    const facts = record.chart?.facts;
    const layout =
      flags.timeFormat === undefined || flags.timeFormat === '' ? undefined : flags.timeFormat;
    return [
      ['name', record.name],
      ['namespace', record.namespace],
      ['revision', String(record.revision)],
      ['updated', printRecordTime(record.info.lastDeployed, layout)],
      ['status', record.info.status],
      ['chart', facts === undefined ? MISSING : `${facts.name}-${facts.version}`],
      ['app_version', facts?.appVersion ?? MISSING],
    ];
  });
  const rows = items.map((members) => members.map(([, value]) => value));
  const headings = ['NAME', 'NAMESPACE', 'REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION'];
  return { items, rows: flags.headers ? [headings, ...rows] : rows };
}
