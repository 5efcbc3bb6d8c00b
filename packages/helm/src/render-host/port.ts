// SPDX-License-Identifier: Apache-2.0

import type { ValueMap } from '@helm-operator/gocompat';
import type { ChartHandle, PostRenderer, Profile, RenderPolicy } from '../actions/options.ts';
import type { HookRecord, StoredChart } from '../release/record.ts';

/** What the cluster can do, as `.Capabilities` shows it. */
export interface ClusterCapabilities {
  /** `v1.36.3` */
  readonly gitVersion: string;
  readonly major: string;
  readonly minor: string;
  readonly apiVersions: readonly string[];
}

/** Answers `lookup` with the release's identity. `name` is empty for a list. */
export type LookupPort = (query: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}) => Promise<ValueMap>;

export interface RenderRequest {
  readonly profile: Profile;
  readonly chart: ChartHandle;
  readonly values: ValueMap;
  /** Replaces the chart's own defaults (`--reuse-values`). */
  readonly chartValues?: ValueMap | undefined;
  readonly release: {
    readonly name: string;
    readonly namespace: string;
    readonly revision: number;
    readonly isInstall: boolean;
    readonly isUpgrade: boolean;
  };
  readonly capabilities: ClusterCapabilities;
  readonly policy: RenderPolicy;
}

/** What rendering gives: everything a record keeps. */
export interface RenderedRelease {
  readonly manifest: string;
  readonly hooks: readonly HookRecord[];
  readonly notes: string;
  readonly chart: StoredChart;
}

/** One file of `crds/`, of the chart or an enabled subchart. */
export interface CrdFile {
  /** `podinfo/crds/crd.yaml` */
  readonly name: string;
  readonly text: string;
}

export interface RenderCallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface RenderOptions extends RenderCallOptions {
  readonly lookup?: LookupPort | undefined;
  /** Helm 4's: changes the stream of hooks and manifests before they are told apart. */
  readonly postRender?: PostRenderer | undefined;
}

/**
 * Turns a chart into a manifest, away from this thread.
 *
 * Errors carry Helm's text; budgets and limits have classes of their own (errors.ts).
 */
export interface RenderPort {
  crds(
    request: Pick<RenderRequest, 'profile' | 'chart' | 'values'>,
    options?: RenderCallOptions,
  ): Promise<readonly CrdFile[]>;
  render(request: RenderRequest, options?: RenderOptions): Promise<RenderedRelease>;
  /** Coalesces the values a stored chart and its config would give (`--reuse-values`). */
  coalesceStored(
    chart: StoredChart,
    config: ValueMap | undefined,
    options?: RenderCallOptions,
  ): Promise<ValueMap>;
}
