// SPDX-License-Identifier: Apache-2.0

/** `helm repo add|list|update|remove`. Source: helm v3.22.0 cmd/helm/repo_*.go. */

import { resolve } from 'node:path';
import { quote } from '@helm-operator/gocompat';
import {
  forgetCachedIndex,
  Getters,
  getterReason,
  loadRepositoriesFile,
  type RepositoriesFile,
  type RepositoryEntry,
  saveRepositoriesFile,
  updateRepository,
} from '@helm-operator/helm';
import { settingsOf, sourceContext } from '../chart-download.ts';
import { type Command, type CommandGroup, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { CHART_SOURCE_FLAGS } from '../flags/chart-source.ts';
import { durationFlag, switchFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS, type Settings } from '../flags/settings.ts';
import { outputFlag, print } from '../output/format.ts';
import { helmRepoIndex } from './helm-repo-index.ts';

const TIMEOUT_FLAG = durationFlag('timeout', 'time for the download of the index', {
  initialMs: 120_000,
  shown: '2m0s',
});

/** Repositories that are gone for good. */
const GONE: readonly (readonly [string, string])[] = [
  ['//kubernetes-charts.storage.googleapis.com', 'https://charts.helm.sh/stable'],
  ['//kubernetes-charts-incubator.storage.googleapis.com', 'https://charts.helm.sh/incubator'],
];

const EMPTY: RepositoriesFile = { generated: '0001-01-01T00:00:00Z', repositories: [] };

const { username, password, certFile, keyFile, caFile, isTlsUnchecked, mustPassCredentials } =
  CHART_SOURCE_FLAGS;

const repoAdd: Command = defineCommand({
  name: 'add',
  usage: '[NAME] [URL]',
  summary: 'add a chart repository',
  args: { min: 2, max: 2 },
  flags: {
    ...SETTINGS_FLAGS,
    username,
    password,
    certFile,
    keyFile,
    caFile,
    isTlsUnchecked,
    mustPassCredentials,
    hasPasswordOnStdin: switchFlag('password-stdin', 'read the password from standard input'),
    mustReplace: switchFlag('force-update', 'replace the repository if there is one of that name'),
    isNoUpdate: switchFlag('no-update', 'accepted, without effect'),
    mayBeGone: switchFlag('allow-deprecated-repos', 'allow repositories that are gone for good'),
    timeout: TIMEOUT_FLAG,
  },
  run: async ({ flags, args: [name = '', url = ''] }, context) => {
    const gone = GONE.find(([old]) => url.includes(old));
    if (gone !== undefined && !flags.mayBeGone)
      throw new UsageError(
        `repo ${quote(url)} is no longer available; try ${quote(gone[1])} instead`,
      );
    const { repositoryConfig, repositoryCache } = settingsOf(flags, context);
    const file = (await loadRepositoriesFile(repositoryConfig)) ?? EMPTY;
    const entry: RepositoryEntry = {
      name,
      url,
      username: flags.username,
      password: await passwordOf(flags, context),
      certFile: flags.certFile === '' ? '' : resolve(context.folder, flags.certFile),
      keyFile: flags.keyFile === '' ? '' : resolve(context.folder, flags.keyFile),
      caFile: flags.caFile === '' ? '' : resolve(context.folder, flags.caFile),
      isInsecure: flags.isTlsUnchecked,
      mustPassCredentials: flags.mustPassCredentials,
    };
    if (name.includes('/'))
      throw new UsageError(
        `repository name (${name}) contains '/', please specify a different name without '/'`,
      );
    const known = file.repositories.find((other) => other.name === name);
    if (known !== undefined && !flags.mustReplace) {
      if (JSON.stringify(known) !== JSON.stringify(entry))
        throw new UsageError(
          `repository name (${name}) already exists, please specify a different name`,
        );
      context.stdout(`${quote(name)} already exists with the same configuration, skipping\n`);
      return 0;
    }
    await fetchIndex(entry, repositoryCache, {
      flags,
      context,
      wrap: (reason) =>
        `looks like ${quote(url)} is not a valid chart repository or cannot be reached: ${reason}`,
    });
    const others = file.repositories.filter((other) => other.name !== name);
    const repositories =
      known === undefined
        ? [...others, entry]
        : file.repositories.map((other) => (other.name === name ? entry : other));
    await saveRepositoriesFile(repositoryConfig, { ...file, repositories });
    context.stdout(`${quote(name)} has been added to your repositories\n`);
    return 0;
  },
});

async function passwordOf(
  flags: {
    readonly username: string;
    readonly password: string;
    readonly hasPasswordOnStdin: boolean;
  },
  context: CliContext,
): Promise<string> {
  if (flags.username === '' || flags.password !== '') return flags.password;
  if (!flags.hasPasswordOnStdin)
    throw new UsageError('a user name needs a password: use --password or --password-stdin');
  return (await context.stdin()).replace(/\r?\n$/, '');
}

interface FetchIndexOptions {
  readonly flags: Settings & { readonly timeout: number };
  readonly context: CliContext;
  readonly wrap: (reason: string) => string;
}

async function fetchIndex(
  entry: RepositoryEntry,
  folder: string,
  { flags, context, wrap }: FetchIndexOptions,
): Promise<void> {
  const getters = new Getters({
    settings: settingsOf(flags, context),
    onPluginOutput: (line) => context.stderr(`${line}\n`),
  });
  try {
    await updateRepository(entry, folder, {
      getters,
      context: sourceContext(context, { timeoutMs: flags.timeout }),
    });
  } catch (error) {
    throw new UsageError(wrap(getterReason(error)), { cause: error });
  }
}

const repoList: Command = defineCommand({
  name: 'list',
  aliases: ['ls'],
  usage: '',
  summary: 'list chart repositories',
  args: { min: 0, max: 0 },
  flags: {
    ...SETTINGS_FLAGS,
    hasNoHeaders: switchFlag('no-headers', 'no headings in the table'),
    output: outputFlag(),
  },
  run: async ({ flags }, context) => {
    const { repositoryConfig } = settingsOf(flags, context);
    const repositories = (await loadRepositoriesFile(repositoryConfig))?.repositories ?? [];
    if (repositories.length === 0 && flags.output === 'table')
      throw new UsageError('no repositories to show');
    const rows = repositories.map(({ name, url }) => [name, url]);
    const items = repositories.map(
      ({ name, url }) =>
        [
          ['name', name],
          ['url', url],
        ] as const,
    );
    const headings = flags.hasNoHeaders ? [] : [['NAME', 'URL']];
    print({ rows: [...headings, ...rows], items }, flags.output, context);
    return 0;
  },
});

const repoUpdate: Command = defineCommand({
  name: 'update',
  aliases: ['up'],
  usage: '[REPO1 [REPO2 ...]]',
  summary: 'fetch what the chart repositories have now',
  args: { min: 0 },
  flags: {
    ...SETTINGS_FLAGS,
    mustFail: switchFlag('fail-on-repo-update-fail', 'fail if one of them cannot be fetched'),
    timeout: TIMEOUT_FLAG,
  },
  run: async ({ flags, args }, context) => {
    const { repositoryConfig, repositoryCache } = settingsOf(flags, context);
    const repositories = (await loadRepositoriesFile(repositoryConfig))?.repositories ?? [];
    if (repositories.length === 0)
      throw new UsageError('no repositories found. You must add one before updating');
    const unknown = args.find((name) => !repositories.some((entry) => entry.name === name));
    if (unknown !== undefined)
      throw new UsageError(`no repositories found matching '${unknown}'.  Nothing will be updated`);
    const wanted = repositories.filter(({ name }) => args.length === 0 || args.includes(name));
    context.stdout('Hang tight while we grab the latest from your chart repositories...\n');
    const failed: string[] = [];
    await Promise.all(
      wanted.map(async (entry) => {
        try {
          await fetchIndex(entry, repositoryCache, { flags, context, wrap: (reason) => reason });
          context.stdout(
            `...Successfully got an update from the ${quote(entry.name)} chart repository\n`,
          );
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          failed.push(entry.url);
          context.stdout(
            `...Unable to get an update from the ${quote(entry.name)} chart repository (${entry.url}):\n\t${error.message}\n`,
          );
        }
      }),
    );
    if (failed.length > 0 && flags.mustFail)
      throw new UsageError(`Failed to update the following repositories: [${failed.join(' ')}]`);
    context.stdout('Update Complete. ⎈Happy Helming!⎈\n');
    return 0;
  },
});

const repoRemove: Command = defineCommand({
  name: 'remove',
  aliases: ['rm'],
  usage: '[REPO1 [REPO2 ...]]',
  summary: 'remove one or more chart repositories',
  args: { min: 1 },
  flags: SETTINGS_FLAGS,
  run: async ({ flags, args }, context) => {
    const { repositoryConfig, repositoryCache } = settingsOf(flags, context);
    let file: RepositoriesFile | undefined = await loadRepositoriesFile(repositoryConfig);
    if (file === undefined || file.repositories.length === 0)
      throw new UsageError('no repositories configured');
    for (const name of args) {
      const left: readonly RepositoryEntry[] = file.repositories.filter(
        (entry) => entry.name !== name,
      );
      if (left.length === file.repositories.length)
        throw new UsageError(`no repo named ${quote(name)} found`);
      file = { ...file, repositories: left };
      await saveRepositoriesFile(repositoryConfig, file);
      await forgetCachedIndex(repositoryCache, name);
      context.stdout(`${quote(name)} has been removed from your repositories\n`);
    }
    return 0;
  },
});

export const helmRepo: CommandGroup = {
  kind: 'group',
  name: 'repo',
  summary: 'add, list, remove, update, and index chart repositories',
  flags: SETTINGS_FLAGS,
  children: [repoAdd, helmRepoIndex, repoList, repoRemove, repoUpdate],
};
