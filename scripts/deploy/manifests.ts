// SPDX-License-Identifier: Apache-2.0

/** The objects of the operator's chart, rendered by our own engine, for those who install without Helm. */

import {
  type Chart,
  createTemplateCache,
  DEFAULT_CAPABILITIES,
  renderChart,
} from '@helm-operator/chart';
import { decodeJson, decodeYaml, encodeYaml, type ValueMap } from '@helm-operator/gocompat';
import { nodeFunctionPorts } from '@helm-operator/helm';

export const NAMESPACE = 'helm-operator';
const RELEASE = { name: NAMESPACE, namespace: NAMESPACE } as const;
/** Labels that speak of a chart, or claim a release that is not there. */
const OF_HELM: ReadonlySet<string> = new Set([
  'helm.sh/chart',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/instance',
]);
const CLUSTER_SCOPED: ReadonlySet<string> = new Set(['ClusterRole', 'ClusterRoleBinding']);

const CACHE_BYTES = 8 * 1024 * 1024;
const caches = new WeakMap<Chart, ReturnType<typeof createTemplateCache>>();

/** One object of a manifest. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
}

/**
 * Renders the chart as for a release `helm-operator` in the namespace of that name.
 *
 * @param values as JSON
 * @param mustSkipSchemaValidation the values were checked before
 */
export function renderOperator(
  chart: Chart,
  values: object,
  mustSkipSchemaValidation = false,
): { readonly objects: readonly ManifestObject[]; readonly notes: string } {
  const templates = caches.get(chart) ?? createTemplateCache(CACHE_BYTES);
  caches.set(chart, templates);
  const { documents, notes } = renderChart({
    chart,
    cache: { templates, chartDigest: 'operator' },
    mustSkipSchemaValidation,
    values: decodeJson(JSON.stringify(values), { numbers: 'int64orFloat64' }) as ValueMap,
    release: { ...RELEASE, revision: 1, isInstall: true, isUpgrade: false },
    capabilities: DEFAULT_CAPABILITIES.helm3,
    profile: 'helm3',
    ports: { functions: nodeFunctionPorts(), nowMs: () => performance.now() },
  });
  const objects = documents.map(({ content }) => toJson(content));
  return { objects, notes };
}

function toJson(text: string): ManifestObject {
  return JSON.parse(JSON.stringify(plain(decodeYaml(text, { numbers: 'float64' }))));
}

function plain(value: unknown): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, one]) => [String(key), plain(one)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

/** The same object for `kubectl`: in its namespace, without the labels of Helm. */
export function withoutHelm(object: ManifestObject): ManifestObject {
  const labels = withoutLabels(object.metadata.labels ?? {});
  const namespace = CLUSTER_SCOPED.has(object.kind) ? {} : { namespace: NAMESPACE };
  return { ...object, metadata: { ...object.metadata, ...namespace, labels } };
}

function withoutLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !OF_HELM.has(name)));
}

/** YAML of one object, fields sorted. */
export function yamlOf(object: object): string {
  return encodeYaml(decodeJson(JSON.stringify(object), { numbers: 'int64orFloat64' }));
}
