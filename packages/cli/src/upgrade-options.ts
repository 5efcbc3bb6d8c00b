// SPDX-License-Identifier: Apache-2.0

/** What the line of `helm upgrade` asks for. Source: helm v3.22.0 cmd/helm/upgrade.go. */

import type { UpgradeOptions } from '@helm-operator/helm';
import { chartHandleOf } from './chart-handle.ts';
import type { CliContext } from './context.ts';
import { readDryRun } from './flags/install.ts';
import { releaseOptions } from './flags/release-options.ts';
import type { UpgradeFlags } from './flags/upgrade.ts';
import { readValueFlags } from './flags/values.ts';
import type { RevisionFlags } from './install-release.ts';
import { loadInstallable } from './installable-chart.ts';
import { locateChart } from './locate-chart.ts';
import { postRendererOf } from './post-renderer.ts';
import type { NameAndChart } from './release-name.ts';
import type { ReleaseSession } from './release-session.ts';

/** @throws {UsageError} with Helm's text */
export async function upgradeOptions(
  { name, chart: given }: NameAndChart,
  flags: RevisionFlags & UpgradeFlags,
  { session, context }: { readonly session: ReleaseSession; readonly context: CliContext },
): Promise<UpgradeOptions> {
  const runPostRenderer = postRendererOf(flags, context);
  const path = await locateChart(given, flags, context);
  readDryRun(flags.dryRun, flags.profile);
  const values = await readValueFlags(flags, context);
  const chart = await loadInstallable(
    path,
    {
      updateWith: flags.mustUpdateDependencies ? flags : undefined,
      mustBeApplication: false,
      profile: flags.profile,
    },
    context,
  );
  return {
    ...releaseOptions(flags, { runPostRenderer, isInstall: false }),
    release: session.identity(name),
    chart: await chartHandleOf(path, chart),
    values,
    valuesPolicy: valuesPolicyOf(flags),
    crds: { mode: 'skip' },
    history: { maxRevisions: flags.maxHistory },
    mustCleanupOnFail: flags.mustCleanupOnFail,
    mustRecreatePods: flags.mustRecreatePods,
  };
}

function valuesPolicyOf({
  mustReset,
  mustReuse,
  mustResetThenReuse,
}: UpgradeFlags): UpgradeOptions['valuesPolicy'] {
  if (mustReset) return 'reset';
  if (mustReuse) return 'reuse';
  return mustResetThenReuse ? 'reset-then-reuse' : 'default';
}
