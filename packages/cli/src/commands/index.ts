// SPDX-License-Identifier: Apache-2.0

import { type Command, type CommandGroup, defineCommand } from '../command.ts';
import { type Flag, type FlagTable, switchFlag, textFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { OPERATOR_FLAGS, type OperatorFlag } from '../operator-flag-table.ts';
import { runOperatorCommand } from '../run-operator-command.ts';
import { explain } from './explain.ts';
import { getReleases } from './get-releases.ts';
import { handBack } from './hand-back.ts';
import { helmDependencyBuild } from './helm-dependency-build.ts';
import { helmDependencyList } from './helm-dependency-list.ts';
import { helmDependencyUpdate } from './helm-dependency-update.ts';
import { helmDiff } from './helm-diff.ts';
import { helmGet } from './helm-get.ts';
import { helmHistory } from './helm-history.ts';
import { helmInstall } from './helm-install.ts';
import { helmLint } from './helm-lint.ts';
import { helmList } from './helm-list.ts';
import { helmPlan } from './helm-plan.ts';
import { helmPull } from './helm-pull.ts';
import { helmRepo } from './helm-repo.ts';
import { helmRollback } from './helm-rollback.ts';
import { helmShow } from './helm-show.ts';
import { helmStatus } from './helm-status.ts';
import { helmTemplate } from './helm-template.ts';
import { helmTest } from './helm-test.ts';
import { helmUninstall } from './helm-uninstall.ts';
import { helmUpgrade } from './helm-upgrade.ts';
import { helmValues } from './helm-values.ts';
import { helmVerify } from './helm-verify.ts';
import { sourceCheck } from './source-check.ts';

/** Helm's commands, in the order of the help. */
const HELM: CommandGroup = {
  kind: 'group',
  name: 'helm',
  summary: "Helm's commands, without Helm",
  flags: SETTINGS_FLAGS,
  isProgram: true,
  children: [
    {
      kind: 'group',
      name: 'dependency',
      aliases: ['dep', 'dependencies'],
      summary: 'the charts that a chart needs',
      flags: SETTINGS_FLAGS,
      children: [helmDependencyBuild, helmDependencyList, helmDependencyUpdate],
    },
    helmDiff,
    helmGet,
    helmHistory,
    helmInstall,
    helmLint,
    helmList,
    helmPull,
    helmRepo,
    helmPlan,
    helmRollback,
    helmShow,
    helmStatus,
    helmTemplate,
    helmTest,
    helmUninstall,
    helmUpgrade,
    helmVerify,
    helmValues,
  ],
};

/** Switches of old may stand without a value. */
function operatorFlag({
  name,
  short,
  value,
  help,
  default: initial,
  isList,
}: OperatorFlag): Flag<unknown> {
  if (value === undefined) return switchFlag(name, help);
  const flag = textFlag(name, help, {
    initial,
    value,
    ...(short === undefined ? {} : { short }),
    ...(value === 'true|false' ? { bare: 'true' } : {}),
  });
  if (isList !== true) return flag;
  return { ...flag, parse: (text, before) => (before === undefined ? text : `${before},${text}`) };
}

/** The flags of the operator, by their own names. */
function operatorFlags(): FlagTable {
  const flags = OPERATOR_FLAGS.map((row): readonly [string, Flag<unknown>] => [
    row.name,
    operatorFlag(row),
  ]);
  return Object.fromEntries([...flags, ['version', switchFlag('version', 'print the version')]]);
}

const OPERATOR: Command = defineCommand({
  name: 'helm-operator',
  usage: '',
  summary: 'runs Helm releases as declared by HelmRelease objects',
  args: { min: 0, max: 0 },
  flags: operatorFlags(),
  run: async ({ flags, isGiven }, context) => {
    if (flags['version'] === true) {
      context.stdout(`${context.version}\n`);
      return 0;
    }
    const given = OPERATOR_FLAGS.filter(({ name }) => isGiven(name));
    return await runOperatorCommand(
      new Map(given.map(({ name }) => [name, String(flags[name])])),
      context,
    );
  },
});

/** Every command. */
export const PROGRAM: CommandGroup = {
  kind: 'group',
  name: 'helm-operator',
  summary: 'Runs Helm releases as declared by HelmRelease objects.',
  details:
    'Without a command it is the operator: it watches HelmReleases of helm.fluxcd.io/v1 and flux.weave.works/v1beta1 and keeps their releases.',
  flags: OPERATOR.flags,
  own: OPERATOR,
  children: [
    explain,
    {
      kind: 'group',
      name: 'get',
      summary: 'show HelmReleases',
      flags: {},
      children: [getReleases],
    },
    handBack,
    HELM,
    {
      kind: 'group',
      name: 'source',
      summary: 'where charts come from',
      flags: {},
      children: [sourceCheck],
    },
  ],
};
