// SPDX-License-Identifier: Apache-2.0

/** What `helm template --validate` and `--dry-run=server` render: a dry run of an install. Source: helm v3.22.0 cmd/helm/template.go (ClientOnly). */

import { type Chart, crdsOf } from '@helm-operator/chart';
import type { ValueMap } from '@helm-operator/gocompat';
import { install } from '@helm-operator/helm';
import { chartHandleOf } from './chart-handle.ts';
import { type CliContext, UsageError } from './context.ts';
import { type ReleaseFlags, readDryRun } from './flags/install.ts';
import { releaseOptions } from './flags/release-options.ts';
import type { Settings } from './flags/settings.ts';
import type { PrintedRelease } from './output/printed-release.ts';
import type { RunPostRenderer } from './post-renderer.ts';
import { withReleases } from './release-session.ts';

export interface ClusterTarget {
  readonly name: string;
  /** Where the chart was loaded from. */
  readonly path: string;
  readonly chart: Chart;
  readonly values: ValueMap;
  readonly runPostRenderer: RunPostRenderer | undefined;
}

type ClusterFlags = Settings &
  ReleaseFlags & { readonly mustIncludeCrds: boolean; readonly isUpgrade: boolean };

/** @throws {UsageError} for flags that do not go together @throws {KubeError} @throws {HelmError} with Helm's text */
export async function renderOnCluster(
  { name, path, chart, values, runPostRenderer }: ClusterTarget,
  flags: ClusterFlags,
  context: CliContext,
): Promise<PrintedRelease> {
  if (flags.isUpgrade)
    throw new UsageError(
      '--is-upgrade cannot be used with --validate or --dry-run=server: use `helm upgrade --dry-run=server`',
    );
  const record = await withReleases(flags, context, async ({ identity, actions }) => {
    const facts = { runPostRenderer, isInstall: true };
    const common = releaseOptions({ ...flags, areSecretsHidden: false }, facts);
    return await install(
      {
        ...common,
        dryRun: readDryRun(flags.dryRun) === 'server' ? 'server' : 'client',
        release: identity(name),
        chart: await chartHandleOf(path, chart),
        values,
        crds: { mode: flags.mustSkipCrds ? 'skip' : 'create' },
        history: { maxRevisions: 0 },
        canReplace: true,
      },
      actions,
    );
  });
  const crds = flags.mustIncludeCrds ? crdsOf(chart) : [];
  const decoder = new TextDecoder();
  const printed = crds.map(
    ({ path: file, file: { data } }) => `---\n# Source: ${file}\n${decoder.decode(data)}\n`,
  );
  return {
    manifest: `${printed.join('')}${record.manifest}`,
    hooks: record.hooks,
    documents: documentsOf(record.manifest),
    crds,
  };
}

/** The documents of a stored manifest, by the templates they came from. */
function documentsOf(manifest: string): PrintedRelease['documents'] {
  return manifest
    .split(/^---\n# Source: /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf('\n');
      return { path: text.slice(0, end), content: text.slice(end + 1).replace(/\n$/, '') };
    });
}
