// SPDX-License-Identifier: Apache-2.0

/** Chart + values → manifest, hooks and notes. Source: helm v3.22.0 pkg/action/action.go (renderResources). */

import { compareBytes, decodeUtf8, int, type Value, type ValueMap } from '@helm-operator/gocompat';
import {
  Budget,
  type BudgetLimits,
  type FunctionTable,
  type RunObserver,
  type TemplateFunction,
} from '@helm-operator/gotemplate';
import { type Chart, type CrdFile, crdsOf } from '../chart/chart.ts';
import { ChartError } from '../errors.ts';
import { createFunctions } from '../functions/index.ts';
import type { FunctionPorts } from '../functions/ports.ts';
import type { Profile } from '../profile.ts';
import { coalesceValues, type Warn } from '../values/coalesce.ts';
import { isInRange } from '../values/dependencies.ts';
import { checkSchemas } from '../values/schema.ts';
import { type Capabilities, capabilitiesObject, checkedVersion } from './capabilities.ts';
import { type ChartCache, type Lookup, renderTemplates } from './engine.ts';
import { type Hook, type ManifestDocument, sortManifests } from './manifests.ts';
import {
  type PostRender,
  type PostRenderStrategy,
  postRenderFiles,
  runPostRender,
} from './post-render.ts';

/** Generous: no chart of the corpus comes near. */
export const DEFAULT_BUDGET: BudgetLimits = {
  steps: 50_000_000,
  outputBytes: 256 * 1024 * 1024,
  elements: 20_000_000,
  depth: 10_000,
  timeMs: 60_000,
};

export interface RenderInput {
  /** After `processDependencies`. */
  readonly chart: Chart;
  /** The user's values. */
  readonly values: ValueMap;
  readonly release: {
    readonly name: string;
    readonly namespace: string;
    readonly revision: number;
    readonly isInstall: boolean;
    readonly isUpgrade: boolean;
  };
  readonly capabilities: Capabilities;
  readonly profile: Profile;
  readonly ports: RenderPorts;
  readonly lookup?: Lookup | undefined;
  /** Added to Helm's functions, or in their place. */
  readonly functions?: readonly TemplateFunction[] | undefined;
  readonly limits?: BudgetLimits | undefined;
  readonly mustRenderSubchartNotes?: boolean | undefined;
  readonly mustSkipSchemaValidation?: boolean | undefined;
  /** CRDs of `crds/` go before the manifest (`helm template --include-crds`). */
  readonly mustIncludeCrds?: boolean | undefined;
  readonly isStrict?: boolean | undefined;
  readonly isLint?: boolean | undefined;
  readonly cache?: ChartCache | undefined;
  readonly postRender?: PostRender | undefined;
  /** With Helm 4; `combined` unless told. */
  readonly postRenderStrategy?: PostRenderStrategy | undefined;
  /** Hears what Helm would log. */
  readonly warn?: Warn | undefined;
  /** Is told of every statement that runs. */
  readonly observer?: RunObserver | undefined;
  /** Sees the rendered files (path → text, notes taken out) before they are split. */
  readonly onRendered?: ((files: ReadonlyMap<string, string>) => void) | undefined;
}

type Files = ReadonlyMap<string, string>;

/** What rendering needs from the world outside the pure rooms. */
export interface RenderPorts {
  readonly functions: FunctionPorts;
  /** A monotonic clock in milliseconds, for the time budget. */
  readonly nowMs: () => number;
}

/** What a chart comes to. */
export interface RenderOutput {
  /** As a release record stores it. */
  readonly manifest: string;
  /** What the manifest is made of, before a post-renderer of Helm 3 changed it. */
  readonly documents: readonly ManifestDocument[];
  readonly hooks: readonly Hook[];
  readonly notes: string;
  readonly crds: readonly CrdFile[];
}

/**
 * Renders a chart.
 *
 * @throws {ChartError} `chart/kube-version`, `chart/values`, `chart/schema`, `chart/render`, `chart/manifest`,
 *   `chart/post-render` with Helm's text
 * @throws {BudgetError} a budget is used up
 */
export function renderChart(input: RenderInput): RenderOutput {
  const { chart, profile, capabilities } = input;
  const values = coalesceValues(chart, input.values, input);
  if (input.mustSkipSchemaValidation !== true) checkSchemas(chart, values);
  checkKubeVersion(chart, capabilities);
  const files = renderTemplates(
    chart,
    {
      release: releaseObject(input),
      capabilities: capabilitiesObject(capabilities, profile),
      values,
    },
    {
      profile,
      functions: functionsOf(input),
      ownFunctions: input.functions?.map(({ name }) => name).join(),
      budget: new Budget(input.limits ?? DEFAULT_BUDGET, input.ports.nowMs),
      lookup: input.lookup,
      isStrict: input.isStrict,
      isLint: input.isLint,
      cache: input.cache,
      observer: input.observer,
    },
  );
  const notes = takeNotes(files, input);
  input.onRendered?.(files);
  const { hooks, manifests } = sortManifests(changedFiles(files, input), profile, {
    warn: input.warn,
  });
  const crds = crdsOf(chart);
  const before = input.mustIncludeCrds === true ? crds.map(printCrd).join('') : '';
  const manifest = before + manifests.map(printDocument).join('');
  return {
    manifest: changedManifest(manifest, input),
    documents: manifests,
    hooks,
    notes,
    crds,
  };
}

function functionsOf({ profile, ports, functions: own = [] }: RenderInput): FunctionTable {
  const table = createFunctions(profile, ports.functions);
  return own.length === 0 ? table : new Map([...table, ...own.map((fn) => [fn.name, fn] as const)]);
}

function changedFiles(files: Files, { profile, postRender, ...input }: RenderInput): Files {
  if (profile === 'helm3' || postRender === undefined) return files;
  return postRenderFiles(files, postRender, input.postRenderStrategy);
}

function changedManifest(manifest: string, { profile, postRender }: RenderInput): string {
  if (profile === 'helm4' || postRender === undefined) return manifest;
  return runPostRender('files', () => postRender(manifest));
}

function checkKubeVersion(chart: Chart, { kubeVersion }: Capabilities): void {
  const wanted = chart.metadata.kubeVersion;
  if (wanted === '' || isInRange(wanted, checkedVersion(kubeVersion))) return;
  throw new ChartError(
    'chart/kube-version',
    `chart requires kubeVersion: ${wanted} which is incompatible with Kubernetes ${kubeVersion.version}`,
  );
}

function releaseObject({ release }: RenderInput): ValueMap {
  return new Map<string, Value>([
    ['Name', release.name],
    ['Namespace', release.namespace],
    ['IsUpgrade', release.isUpgrade],
    ['IsInstall', release.isInstall],
    ['Revision', int(release.revision)],
    ['Service', 'Helm'],
  ]);
}

const NOTES = 'NOTES.txt';

/** Takes every notes file out; the root chart's own (or all, sorted by path) make the notes. */
function takeNotes(
  files: Map<string, string>,
  { chart, mustRenderSubchartNotes }: RenderInput,
): string {
  const paths = [...files.keys()].filter((path) => path.endsWith(NOTES)).sort(compareBytes);
  const own = `${chart.metadata.name}/templates/${NOTES}`;
  let notes = '';
  for (const path of paths) {
    if (mustRenderSubchartNotes === true || path === own) {
      notes += (notes === '' ? '' : '\n') + (files.get(path) ?? '');
    }
    files.delete(path);
  }
  return notes;
}

function printDocument({ path, content }: ManifestDocument): string {
  return `---\n# Source: ${path}\n${content}\n`;
}

function printCrd({ path, file }: CrdFile): string {
  return `---\n# Source: ${path}\n${decodeUtf8(file.data)}\n`;
}
