// SPDX-License-Identifier: Apache-2.0

/** `helm get`: what is stored of a release. Source: helm v3.22.0 cmd/helm/get_*.go, pkg/action/get*.go. */

import {
  decodeJson,
  encodeJson,
  encodeYaml,
  formatInstant,
  parseInstant,
  RFC3339_NANO,
  type Value,
} from '@helm-operator/gocompat';
import { getRelease, type Profile, type ReleaseRecord, releaseValues } from '@helm-operator/helm';
import { type Command, type CommandGroup, defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { numberFlag, switchFlag, textFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { outputFlag } from '../output/format.ts';
import { formatRelease } from '../output/format-release.ts';
import { hookLines, statusText } from '../output/release-status.ts';
import { type ReleaseSession, withReleases } from '../release-session.ts';

const FLAGS = {
  ...SETTINGS_FLAGS,
  revision: numberFlag('revision', 'this revision instead of the newest', { initial: 0 }),
};

function read(
  name: string,
  { revision, profile }: { readonly revision: number; readonly profile: Profile },
  { actions, identity }: ReleaseSession,
): Promise<ReleaseRecord> {
  return getRelease({ profile, release: identity(name), revision }, actions);
}

/** One that prints a text of the record. */
function textCommand(
  name: string,
  summary: string,
  print: (record: ReleaseRecord) => string,
): Command {
  return defineCommand({
    name,
    usage: 'RELEASE_NAME',
    summary,
    args: { min: 1, max: 1 },
    flags: FLAGS,
    run: ({ flags, args: [release = ''] }, context) =>
      withReleases(flags, context, async (session) => {
        context.stdout(print(await read(release, flags, session)));
        return 0;
      }),
  });
}

const getAll: Command = defineCommand({
  name: 'all',
  usage: 'RELEASE_NAME',
  summary: 'everything that is stored of a release',
  args: { min: 1, max: 1 },
  flags: {
    ...FLAGS,
    template: textFlag('template', 'print by a Go template, such as {{.Release.Name}}'),
  },
  run: ({ flags, args: [release = ''] }, context) =>
    withReleases(flags, context, async (session) => {
      const record = await read(release, flags, session);
      if (flags.template !== '') {
        context.stdout(formatRelease(record, flags.template));
        return 0;
      }
      const { render, signal } = session.actions;
      const computed = await releaseValues(record, true, render, signal);
      context.stdout(
        statusText(record, {
          debug: { computed },
          hasMetadata: true,
          hasDescription: flags.profile === 'helm4',
        }),
      );
      return 0;
    }),
});

const getValues: Command = defineCommand({
  name: 'values',
  usage: 'RELEASE_NAME',
  summary: 'the values a release was given',
  args: { min: 1, max: 1 },
  flags: {
    ...FLAGS,
    areAll: switchFlag('all', "with the chart's defaults", { short: 'a' }),
    output: outputFlag(),
  },
  run: ({ flags, args: [release = ''] }, context) =>
    withReleases(flags, context, async (session) => {
      const record = await read(release, flags, session);
      const { render, signal } = session.actions;
      const values = flags.areAll
        ? await releaseValues(record, true, render, signal)
        : (record.config ?? null);
      const head = flags.areAll ? 'COMPUTED VALUES:\n' : 'USER-SUPPLIED VALUES:\n';
      if (flags.output === 'json') context.stdout(`${encodeJson(values)}\n`);
      else context.stdout(`${flags.output === 'table' ? head : ''}${encodeYaml(values)}`);
      return 0;
    }),
});

const getMetadata: Command = defineCommand({
  name: 'metadata',
  usage: 'RELEASE_NAME',
  summary: 'facts about a release and its chart',
  args: { min: 1, max: 1 },
  flags: { ...FLAGS, output: outputFlag() },
  run: ({ flags, args: [release = ''] }, context) =>
    withReleases(flags, context, async (session) => {
      const record = await read(release, flags, session);
      if (flags.output === 'table') printMetadata(record, context);
      else if (flags.output === 'json') context.stdout(`${metadataJson(record)}\n`);
      else context.stdout(encodeYaml(decodeJson(metadataJson(record))));
      return 0;
    }),
});

export const helmGet: CommandGroup = {
  kind: 'group',
  name: 'get',
  summary: 'show what is stored of a release',
  flags: SETTINGS_FLAGS,
  children: [
    getAll,
    textCommand('hooks', 'the hooks of a release', (record) =>
      hookLines(record)
        .map((text) => `${text}\n`)
        .join(''),
    ),
    textCommand('manifest', 'the manifest of a release', ({ manifest }) => `${manifest}\n`),
    getMetadata,
    textCommand('notes', 'the notes of a release', ({ info }) =>
      info.notes === '' ? '' : `NOTES:\n${info.notes}\n`,
    ),
    getValues,
  ],
};

interface StoredMetadata {
  readonly annotations: ReadonlyMap<string, Value>;
  readonly dependencies: readonly Value[];
}

function storedMetadata({ chart }: ReleaseRecord): StoredMetadata {
  const stored = chart === undefined ? null : decodeJson(chart.json);
  const metadata = stored instanceof Map ? stored.get('metadata') : null;
  const member = (name: string) => (metadata instanceof Map ? metadata.get(name) : undefined);
  const annotations = member('annotations');
  const dependencies = member('dependencies');
  return {
    annotations: annotations instanceof Map ? annotations : new Map(),
    dependencies: Array.isArray(dependencies) ? dependencies : [],
  };
}

function deployedAt({ info }: ReleaseRecord): string {
  const instant = parseInstant(RFC3339_NANO, info.lastDeployed, 'UTC');
  return formatInstant(instant, '2006-01-02T15:04:05Z07:00');
}

function printMetadata(record: ReleaseRecord, context: CliContext): void {
  const { annotations, dependencies } = storedMetadata(record);
  const pairs = [...annotations].map(([key, value]) => `${key}=${String(value)}`).sort();
  const names = dependencies.map((entry) =>
    entry instanceof Map ? String(entry.get('name') ?? '') : '',
  );
  const { name = '', version = '', appVersion = '' } = record.chart?.facts ?? {};
  const lines = [
    `NAME: ${record.name}`,
    `CHART: ${name}`,
    `VERSION: ${version}`,
    `APP_VERSION: ${appVersion}`,
    `ANNOTATIONS: ${pairs.join(',')}`,
    `DEPENDENCIES: ${names.sort().join(',')}`,
    `NAMESPACE: ${record.namespace}`,
    `REVISION: ${record.revision}`,
    `STATUS: ${record.info.status}`,
    `DEPLOYED_AT: ${deployedAt(record)}`,
  ];
  context.stdout(`${lines.join('\n')}\n`);
}

function metadataJson(record: ReleaseRecord): string {
  const { annotations, dependencies } = storedMetadata(record);
  const { name = '', version = '', appVersion = '' } = record.chart?.facts ?? {};
  const members: (readonly [string, string])[] = [
    ['name', encodeJson(record.name)],
    ['chart', encodeJson(name)],
    ['version', encodeJson(version)],
    ['appVersion', encodeJson(appVersion)],
  ];
  if (annotations.size > 0) members.push(['annotations', encodeJson(new Map(annotations))]);
  if (dependencies.length > 0)
    members.push(['dependencies', `[${dependencies.map(dependencyJson).join(',')}]`]);
  members.push(
    ['namespace', encodeJson(record.namespace)],
    ['revision', String(record.revision)],
    ['status', encodeJson(record.info.status)],
    ['deployedAt', encodeJson(deployedAt(record))],
  );
  return `{${members.map(([key, json]) => `"${key}":${json}`).join(',')}}`;
}

/** Fields in the order of Helm's struct, which is the order they were stored in. */
function dependencyJson(entry: Value): string {
  if (!(entry instanceof Map)) return 'null';
  const members = [...entry].map(([key, value]) => `${encodeJson(key)}:${encodeJson(value)}`);
  return `{${members.join(',')}}`;
}
