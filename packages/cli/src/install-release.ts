// SPDX-License-Identifier: Apache-2.0

/** The install of `helm install` and of `helm upgrade --install`. Source: helm v3.22.0 cmd/helm/install.go (runInstall). */

import {
  type InstallOptions,
  install,
  type Profile,
  type ReleaseRecord,
} from '@helm-operator/helm';
import { cancellable } from './cancel.ts';
import { chartHandleOf } from './chart-handle.ts';
import type { CliContext } from './context.ts';
import type { ChartSourceFlags } from './flags/chart-source.ts';
import { type PostRendererFlags, type ReleaseFlags, readDryRun } from './flags/install.ts';
import { releaseOptions } from './flags/release-options.ts';
import { readValueFlags, type ValueFlags } from './flags/values.ts';
import { loadInstallable } from './installable-chart.ts';
import { locateChart } from './locate-chart.ts';
import { postRendererOf } from './post-renderer.ts';
import type { NameAndChart } from './release-name.ts';
import type { ReleaseSession } from './release-session.ts';

/** The flags that say what a revision is made of. */
export type RevisionFlags = ReleaseFlags &
  ValueFlags &
  ChartSourceFlags &
  PostRendererFlags & { readonly areSecretsHidden: boolean; readonly profile: Profile };

/** @throws {UsageError | HelmError} with Helm's text */
export async function installRelease(
  { name, chart: given }: NameAndChart,
  flags: RevisionFlags & { readonly canReplace: boolean },
  { session, context }: { readonly session: ReleaseSession; readonly context: CliContext },
): Promise<ReleaseRecord> {
  const options = await installOptions({ name, chart: given }, flags, { session, context });
  return await cancellable(name, context, () => install(options, session.actions));
}

/** What an install does with `crds/`. */
export function crdModeOf({
  mustSkipCrds,
  profile,
}: Pick<RevisionFlags, 'mustSkipCrds' | 'profile'>): InstallOptions['crds']['mode'] {
  if (mustSkipCrds) return 'skip';
  return profile === 'helm4' ? 'apply' : 'create';
}

/** @throws {UsageError} with Helm's text */
export async function installOptions(
  { name, chart: given }: NameAndChart,
  flags: RevisionFlags & { readonly canReplace: boolean },
  { session, context }: { readonly session: ReleaseSession; readonly context: CliContext },
): Promise<InstallOptions> {
  const runPostRenderer = postRendererOf(flags, context);
  const path = await locateChart(given, flags, context);
  const values = await readValueFlags(flags, context);
  const chart = await loadInstallable(
    path,
    {
      updateWith: flags.mustUpdateDependencies ? flags : undefined,
      mustBeApplication: true,
      profile: flags.profile,
    },
    context,
  );
  readDryRun(flags.dryRun, flags.profile);
  return {
    ...releaseOptions(flags, { runPostRenderer, isInstall: true }),
    release: session.identity(name),
    chart: await chartHandleOf(path, chart),
    values,
    crds: { mode: crdModeOf(flags) },
    history: { maxRevisions: 0 },
    mustCreateNamespace: flags.mustCreateNamespace,
    canReplace: flags.canReplace,
  };
}
