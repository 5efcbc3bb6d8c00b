// SPDX-License-Identifier: Apache-2.0

/** `helm get`: what is stored of a release. Source: helm v3.22.0 cmd/helm/get_*.go, pkg/action/get*.go. */

import { decodeJson, encodeJson, encodeYaml } from '@helm-operator/gocompat';
import { getRelease, type Profile, type ReleaseRecord, releaseValues } from '@helm-operator/helm';
import { type Command, type CommandGroup, defineCommand } from '../command.ts';
import { numberFlag, switchFlag, textFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { outputFlag } from '../output/format.ts';
import { formatRelease } from '../output/format-release.ts';
import { metadataJson, metadataText } from '../output/release-metadata.ts';
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
      const shown = { record, profile: flags.profile, isOneAsked: flags.revision > 0 };
      if (flags.output === 'table') context.stdout(metadataText(shown));
      else if (flags.output === 'json') context.stdout(`${metadataJson(shown)}\n`);
      else context.stdout(encodeYaml(decodeJson(metadataJson(shown))));
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
