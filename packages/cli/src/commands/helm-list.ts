// SPDX-License-Identifier: Apache-2.0

/** `helm list`. Source: helm v3.22.0 cmd/helm/list.go, pkg/action/list.go. */

import { encodeJson, encodeYaml, type Value } from '@helm-operator/gocompat';
import {
  type ListOptions,
  list,
  type ReleaseRecord,
  type ReleaseStatus,
} from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { type FlagValues, numberFlag, switchFlag, textFlag } from '../flags/flag.ts';
import { connectBy, SETTINGS_FLAGS } from '../flags/settings.ts';
import { type Format, outputFlag, print } from '../output/format.ts';
import { printRecordTime } from '../output/go-time.ts';
import { debugLog } from '../release-session.ts';
import { openStorage } from '../storage.ts';

const FLAGS = {
  ...SETTINGS_FLAGS,
  output: outputFlag(),
  isShort: switchFlag('short', 'names only', { short: 'q' }),
  hasNoHeaders: switchFlag('no-headers', 'no headings in the table'),
  timeFormat: textFlag('time-format', 'layout of times, as Go writes it'),
  isByDate: switchFlag('date', 'sort by date', { short: 'd' }),
  isReverse: switchFlag('reverse', 'sort the other way round', { short: 'r' }),
  areAll: switchFlag('all', 'releases of every status', { short: 'a' }),
  areUninstalled: switchFlag(
    'uninstalled',
    'releases that were uninstalled with their history kept',
  ),
  areSuperseded: switchFlag('superseded', 'superseded releases'),
  areUninstalling: switchFlag('uninstalling', 'releases that are being uninstalled'),
  areDeployed: switchFlag('deployed', 'deployed releases'),
  areFailed: switchFlag('failed', 'failed releases'),
  arePending: switchFlag('pending', 'releases with an unfinished operation'),
  isEverywhere: switchFlag('all-namespaces', 'releases of all namespaces', { short: 'A' }),
  max: numberFlag('max', 'this many at most', { short: 'm', initial: 256 }),
  offset: numberFlag('offset', 'leave out this many first', { initial: 0 }),
  filter: textFlag('filter', 'regular expression (RE2) that the name must match', { short: 'f' }),
  selector: textFlag('selector', 'selector that the labels of the record must match', {
    short: 'l',
  }),
};

type ListFlags = FlagValues<typeof FLAGS>;

export const helmList: Command = defineCommand({
  name: 'list',
  aliases: ['ls'],
  usage: '',
  summary: 'list releases',
  args: { min: 0, max: 0 },
  flags: FLAGS,
  run: async ({ flags }, context) => {
    const { cluster, namespace } = await connectBy(flags, context);
    const { profile } = flags;
    const storage = openStorage(cluster, flags.isEverywhere ? '' : namespace, { context, profile });
    const releases = await list(listOptions(flags), {
      storage,
      signal: context.signal,
      log: debugLog(flags, context),
    });
    if (flags.isShort) printNames(releases, flags.output, context);
    else print(printable(releases, flags), flags.output, context);
    return 0;
  },
});

function listOptions(flags: ListFlags): ListOptions {
  return {
    profile: flags.profile,
    filter: flags.filter,
    selector: flags.selector,
    states: wantedStatuses(flags),
    sort: flags.isByDate ? 'date' : 'name',
    isReversed: flags.isReverse,
    max: flags.max,
    offset: flags.offset,
  };
}

/** `undefined`: what Helm shows by itself. */
function wantedStatuses(flags: ListFlags): ListOptions['states'] {
  if (flags.areAll) return 'all';
  const wanted = new Set<ReleaseStatus>();
  if (flags.areDeployed) wanted.add('deployed');
  if (flags.areUninstalled) wanted.add('uninstalled');
  if (flags.areUninstalling) wanted.add('uninstalling');
  if (flags.areFailed) wanted.add('failed');
  if (flags.areSuperseded) wanted.add('superseded');
  if (flags.arePending) {
    for (const status of ['pending-install', 'pending-upgrade', 'pending-rollback'] as const)
      wanted.add(status);
  }
  if (wanted.size > 0) return wanted;
  // Helm 4 leaves out none by itself.
  return flags.profile === 'helm4' ? 'all' : undefined;
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
    const layout = flags.timeFormat === '' ? undefined : flags.timeFormat;
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
  return { items, rows: flags.hasNoHeaders ? rows : [headings, ...rows] };
}
