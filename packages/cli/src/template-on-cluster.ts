// SPDX-License-Identifier: Apache-2.0

/** What `helm template` renders where a cluster is asked. Source: helm v3.22.0 cmd/helm/template.go, pkg/action/install.go. */

import {
  type Capabilities,
  type Chart,
  crdsOf,
  type Profile,
  processDependencies,
  splitManifests,
} from '@helm-operator/chart';
import { quote, type ValueMap } from '@helm-operator/gocompat';
import { install, type RenderPolicy, template } from '@helm-operator/helm';
import { isKubeError } from '@helm-operator/kube';
import { chartHandleOf } from './chart-handle.ts';
import { type CliContext, UsageError } from './context.ts';
import { type ReleaseFlags, readDryRun } from './flags/install.ts';
import { releaseOptions } from './flags/release-options.ts';
import { loadConfig, type Settings } from './flags/settings.ts';
import { crdModeOf } from './install-release.ts';
import type { PrintedRelease } from './output/printed-release.ts';
import type { RunPostRenderer } from './post-renderer.ts';
import { type ReleaseSession, withReleases } from './release-session.ts';

export interface ClusterTarget {
  readonly name: string;
  /** Where the chart was loaded from. */
  readonly path: string;
  readonly chart: Chart;
  readonly values: ValueMap;
  readonly runPostRenderer: RunPostRenderer | undefined;
  /** What templates see without `--validate`. */
  readonly capabilities: Capabilities;
}

type ClusterFlags = Settings &
  ReleaseFlags & {
    readonly mustValidate: boolean;
    readonly mustIncludeCrds: boolean;
    readonly isUpgrade: boolean;
    readonly outputDir: string;
  };

/** Values of `--dry-run` with which templates of Helm 3 may look things up. */
const LOOKUPS: readonly string[] = ['server', 'none', 'false'];

/** Whether objects are built and compared with those of the cluster: for Helm 4 by `--dry-run=server`, too. */
export function isValidated({
  mustValidate,
  dryRun,
  profile,
}: Pick<ClusterFlags, 'mustValidate' | 'dryRun' | 'profile'>): boolean {
  return mustValidate || (profile === 'helm4' && dryRun === 'server');
}

/** Whether `lookup` asks the cluster. @throws {UsageError} with Helm's text */
export function canLookup(
  flags: Pick<ClusterFlags, 'mustValidate' | 'dryRun' | 'profile'>,
): boolean {
  const dryRun = readDryRun(flags.dryRun, flags.profile);
  if (flags.profile === 'helm4' && dryRun === 'none' && flags.dryRun !== '') {
    throw new UsageError(
      `invalid dry-run value (${quote(flags.dryRun)}). Must be "server" or "client"`,
    );
  }
  return flags.profile === 'helm4' ? isValidated(flags) : LOOKUPS.includes(flags.dryRun);
}

/** @throws {KubeError} @throws {HelmError} with Helm's text */
export async function renderOnCluster(
  target: ClusterTarget,
  flags: ClusterFlags,
  context: CliContext,
): Promise<PrintedRelease> {
  const processed = processDependencies(target.chart, target.values, {
    profile: flags.profile,
  });
  const crds = flags.mustIncludeCrds ? crdsOf(processed) : [];
  // With --output-dir everything is written before the cluster and the post-renderer of Helm 3 see it: they get nothing.
  const isWritten = flags.outputDir !== '';
  const seen: { manifest?: string } = {};
  const writing: RunPostRenderer = (manifest) => {
    seen.manifest = manifest;
    return target.runPostRenderer?.('') ?? '';
  };
  const isWrittenFirst = isWritten && flags.profile === 'helm3';
  const runPostRenderer = isWrittenFirst ? writing : target.runPostRenderer;
  const job = { target: { ...target, runPostRenderer }, flags };
  const settings = isValidated(flags) ? flags : await reachableLater(flags, context);
  const { manifest, hooks } = await withReleases(settings, context, (session) =>
    isValidated(flags) && !isWritten ? validated(job, session) : rendered(job, session),
  );
  const documents = documentsOf(seen.manifest ?? manifest, flags.profile);
  return { manifest, hooks, documents, crds };
}

/** Where kubectl and Helm look for a cluster when nothing names one. */
const NOWHERE = 'http://localhost:8080';

/** Without `lookup` no cluster is asked: none need be configured. */
async function reachableLater(flags: ClusterFlags, context: CliContext): Promise<ClusterFlags> {
  try {
    await loadConfig(flags, context);
    return flags;
  } catch (error) {
    if (!isKubeError(error, 'kube/config')) throw error;
    const elsewhere = { ...flags, kubeApiServer: NOWHERE };
    await loadConfig(elsewhere, context);
    return elsewhere;
  }
}

interface Job {
  readonly target: ClusterTarget;
  readonly flags: ClusterFlags;
}

type Shown = Pick<PrintedRelease, 'manifest' | 'hooks'>;

/** A dry run of an install: objects are built and compared with what is there. */
async function validated({ target, flags }: Job, session: ReleaseSession): Promise<Shown> {
  const { name, path, chart, values, runPostRenderer } = target;
  const common = releaseOptions(
    { ...flags, areSecretsHidden: false },
    { runPostRenderer, isInstall: true },
  );
  const options = {
    ...common,
    render: withCrds(common.render, flags),
    dryRun: canLookup(flags) ? 'server' : 'client',
    release: session.identity(name),
    chart: await chartHandleOf(path, chart),
    values,
    crds: { mode: crdModeOf(flags) },
    history: { maxRevisions: 0 },
    canReplace: true,
    mustRenderAsUpgrade: flags.isUpgrade,
  } as const;
  return await install(options, session.actions);
}

/** Nothing but rendered. */
async function rendered({ target, flags }: Job, session: ReleaseSession): Promise<Shown> {
  const { name, path, chart, values, runPostRenderer, capabilities } = target;
  const { profile, render, postRenderer, labels } = releaseOptions(
    { ...flags, areSecretsHidden: false },
    { runPostRenderer, isInstall: true },
  );
  const { isUpgrade } = flags;
  const { kubeVersion, apiVersions } = capabilities;
  const { version: gitVersion, major, minor } = kubeVersion;
  return await template(
    {
      profile,
      chart: await chartHandleOf(path, chart),
      values,
      postRenderer,
      labels,
      render: withCrds(render, flags),
      release: { ...session.identity(name), revision: 1, isInstall: !isUpgrade, isUpgrade },
      capabilities: isValidated(flags) ? undefined : { gitVersion, major, minor, apiVersions },
      canLookup: canLookup(flags),
    },
    session.actions,
  );
}

function withCrds(
  policy: RenderPolicy,
  { mustIncludeCrds, outputDir }: ClusterFlags,
): RenderPolicy {
  return { ...policy, mustIncludeCrds: mustIncludeCrds && outputDir === '' };
}

const SOURCE = /^# Source: (.*)\n/;

/** The documents of a manifest, by the templates they came from. */
function documentsOf(manifest: string, profile: Profile): PrintedRelease['documents'] {
  return splitManifests(manifest, profile).map((text) => {
    const [head = '', path = ''] = SOURCE.exec(text) ?? [];
    return { path, content: text.slice(head.length) };
  });
}
