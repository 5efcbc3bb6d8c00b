// SPDX-License-Identifier: Apache-2.0

/** `helm plan`, beyond Helm: what an upgrade, install, rollback or uninstall would do, without doing it. */

import { encodeJson, encodeYaml } from '@helm-operator/gocompat';
import {
  type Preview,
  planLines,
  previewInstallOrUpgrade,
  previewRollback,
  previewUninstall,
} from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { type FlagValues, numberFlag, switchFlag } from '../flags/flag.ts';
import { applyPolicyOf } from '../flags/profile.ts';
import { waitPolicy } from '../flags/release-options.ts';
import { WHOLE_UPGRADE_FLAGS } from '../flags/whole-upgrade.ts';
import { crdModeOf } from '../install-release.ts';
import { paint } from '../output/colors.ts';
import { outputFlag } from '../output/format.ts';
import { hasChanges, planValue } from '../output/plan-value.ts';
import { type ReleaseSession, withReleases } from '../release-session.ts';
import { upgradeOptions } from '../upgrade-options.ts';

const FLAGS = {
  ...WHOLE_UPGRADE_FLAGS,
  rollbackTo: numberFlag('rollback', 'plan a rollback to this revision; 0 is the one before', {
    initial: -1,
  }),
  isUninstall: switchFlag('uninstall', 'plan an uninstall'),
  mustAskServer: switchFlag(
    'ask-server',
    'send every write as a dry run: defaults, webhooks and refusals are seen',
  ),
  isWhole: switchFlag('whole', 'show new objects with all their fields'),
  mustListUnchanged: switchFlag('unchanged', 'list what stays as it is, too'),
  hasDetailedExitCode: switchFlag('detailed-exitcode', 'exit with 2 when something would change'),
  output: outputFlag(),
};

type PlanFlags = FlagValues<typeof FLAGS>;

export const helmPlan: Command = defineCommand({
  name: 'plan',
  usage: 'RELEASE [CHART]',
  summary: 'show what an upgrade, install, rollback or uninstall would do',
  details:
    'With a chart: of an upgrade, or an install where there is no such release. Contents of Secrets are shown by their size only.',
  args: { min: 1, max: 2 },
  flags: FLAGS,
  run: ({ flags, args: [name = '', chart] }, context) =>
    withReleases(flags, context, async (session) => {
      const { plan } = await preview({ name, chart }, flags, { session, context });
      const { isWhole, mustListUnchanged, output } = flags;
      const redact = session.actions.redact;
      if (output === 'json') context.stdout(`${encodeJson(planValue(plan))}\n`);
      else if (output === 'yaml') context.stdout(encodeYaml(planValue(plan)));
      else context.stdout(paint(planLines(plan, { redact, isWhole, mustListUnchanged }), context));
      return flags.hasDetailedExitCode && hasChanges(plan) ? 2 : 0;
    }),
});

interface Target {
  readonly name: string;
  readonly chart: string | undefined;
}

async function preview(
  { name, chart }: Target,
  flags: PlanFlags,
  world: { readonly session: ReleaseSession; readonly context: CliContext },
): Promise<Preview> {
  const { actions, identity } = world.session;
  const common = {
    profile: flags.profile,
    release: identity(name),
    timeoutMs: flags.timeoutMs,
    wait: waitPolicy(flags),
    hooks: { isDisabled: flags.hasNoHooks },
  } as const;
  if (flags.isUninstall) return await previewUninstall(common, actions);
  const { mustAskServer } = flags;
  if (flags.rollbackTo >= 0) {
    const options = {
      ...common,
      toRevision: flags.rollbackTo,
      apply: applyPolicyOf(flags, false),
      history: { maxRevisions: flags.maxHistory },
    };
    return await previewRollback(options, actions, { mustAskServer });
  }
  if (chart === undefined)
    throw new UsageError('name a chart, or plan with --rollback REVISION or --uninstall');
  const options = await upgradeOptions(
    { name, chart },
    { ...flags, areSecretsHidden: false },
    world,
  );
  const { mustCreateNamespace } = flags;
  const installCrds = { mode: crdModeOf(flags) };
  return await previewInstallOrUpgrade({ ...options, mustCreateNamespace, installCrds }, actions, {
    mustAskServer,
  });
}
