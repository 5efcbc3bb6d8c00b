// SPDX-License-Identifier: Apache-2.0

/** `helm template` as a function. */

import type { BudgetLimits, TemplateFunction } from '@helm-operator/gotemplate';
import type { Chart } from '../chart/chart.ts';
import type { Profile } from '../profile.ts';
import {
  type Capabilities,
  DEFAULT_CAPABILITIES,
  parseKubeVersion,
} from '../render/capabilities.ts';
import type { Lookup } from '../render/engine.ts';
import { type RenderOutput, type RenderPorts, renderChart } from '../render/render.ts';
import type { TemplateCache } from '../render/template-cache.ts';
import type { Warn } from '../values/coalesce.ts';
import { composeValues, type ValuesLayer } from '../values/compose.ts';
import { processDependencies } from '../values/dependencies.ts';
import type { Redactor } from '../values/redactor.ts';

/** What a release is rendered with. Everything but the ports has the default of `helm template`. */
export interface RenderReleaseOptions {
  /** Clock, randomness and cryptography: `nodePorts()` of `@helm-operator/chart/node`, `webPorts()` of `@helm-operator/chart/web`. */
  readonly ports: RenderPorts;
  /** The user's values, the lowest first. */
  readonly layers?: readonly ValuesLayer[] | undefined;
  /** Name of the release; `release-name` if absent. */
  readonly name?: string | undefined;
  /** Namespace of the release; `default` if absent. */
  readonly namespace?: string | undefined;
  /** Revision of the release; 1 if absent. */
  readonly revision?: number | undefined;
  /** `.Release.IsUpgrade`; an installation if absent. */
  readonly isUpgrade?: boolean | undefined;
  /** Which Helm is followed: `helm3` (3.22), if absent, or `helm4` (4.2). */
  readonly profile?: Profile | undefined;
  /** `.Capabilities.KubeVersion`, as `1.36` or `v1.36.2`. */
  readonly kubeVersion?: string | undefined;
  /** Added to `.Capabilities.APIVersions`. */
  readonly apiVersions?: readonly string[] | undefined;
  /** Added to Helm's template functions, or in their place. */
  readonly functions?: readonly TemplateFunction[] | undefined;
  /** Answers `lookup`; without it every answer is empty. */
  readonly lookup?: Lookup | undefined;
  /** What rendering may use up; generous if absent. */
  readonly limits?: BudgetLimits | undefined;
  /** CRDs of `crds/` go before the manifest. */
  readonly mustIncludeCrds?: boolean | undefined;
  readonly mustSkipSchemaValidation?: boolean | undefined;
  /** A missing key is an error. */
  readonly isStrict?: boolean | undefined;
  /** Keeps compiled templates between renderings: one chart many times with other values. */
  readonly cache?: TemplateCache | undefined;
  /** Hears what Helm would log. */
  readonly warn?: Warn | undefined;
}

/** What a release comes to. */
export interface RenderedChart extends RenderOutput {
  /** Masks the leaves of secret layers in any text. */
  readonly redactor: Redactor;
}

/**
 * Renders a release of a chart: values composed, subcharts enabled, values validated, templates executed, objects sorted.
 *
 * An error's text may hold what the values hold: `composeValues(layers).redactor` masks secrets before it is shown.
 *
 * @throws {ChartError} `chart/set`, `chart/values`, `chart/schema`, `chart/kube-version`, `chart/render`, `chart/manifest`, with Helm's text
 * @throws {BudgetError} `gotemplate/…`: a limit was reached; names template, line, limit and how to raise it
 */
export function renderRelease(chart: Chart, options: RenderReleaseOptions): RenderedChart {
  const { layers = [], profile = 'helm3', warn, cache } = options;
  const { values, redactor } = composeValues(layers);
  const isUpgrade = options.isUpgrade ?? false;
  const output = renderChart({
    chart: processDependencies(chart, values, { profile, warn }),
    values,
    release: {
      name: options.name ?? 'release-name',
      namespace: options.namespace ?? 'default',
      revision: options.revision ?? 1,
      isInstall: !isUpgrade,
      isUpgrade,
    },
    capabilities: capabilitiesOf(options, profile),
    profile,
    ports: options.ports,
    lookup: options.lookup,
    functions: options.functions,
    limits: options.limits,
    mustIncludeCrds: options.mustIncludeCrds,
    mustSkipSchemaValidation: options.mustSkipSchemaValidation,
    isStrict: options.isStrict,
    cache: cache === undefined ? undefined : { templates: cache, chartDigest: identityOf(chart) },
    warn,
  });
  return { ...output, redactor };
}

function capabilitiesOf(
  { kubeVersion, apiVersions = [] }: RenderReleaseOptions,
  profile: Profile,
): Capabilities {
  const base = DEFAULT_CAPABILITIES[profile];
  return {
    ...base,
    kubeVersion:
      kubeVersion === undefined ? base.kubeVersion : parseKubeVersion(kubeVersion, profile),
    apiVersions: [...base.apiVersions, ...apiVersions],
  };
}

/** Charts are never changed: an object is a chart. */
const identities = new WeakMap<Chart, string>();
let charts = 0;

function identityOf(chart: Chart): string {
  const known = identities.get(chart);
  if (known !== undefined) return known;
  const identity = `chart ${++charts}`;
  identities.set(chart, identity);
  return identity;
}
