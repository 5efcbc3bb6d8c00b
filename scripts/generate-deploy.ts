// SPDX-License-Identifier: Apache-2.0

/**
 * Writes what is made from the operator's chart and the schema of its values: the chart's `values.yaml`, README and `crds/`, the kustomizations and
 * the one-file YAMLs. The one source is `deploy/chart/helm-operator`.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Chart } from '@helm-operator/chart';
import { decodeYaml, type ValueMap } from '@helm-operator/gocompat';
import { loadChartPath } from '@helm-operator/helm';
import { type ValueSchema, valuesTable, valuesYaml } from './deploy/chart-values.ts';
import {
  type ManifestObject,
  NAMESPACE,
  renderOperator,
  withoutHelm,
  yamlOf,
} from './deploy/manifests.ts';
import { CRDS, crdText } from './generate-crds.ts';

const deploy = join(dirname(dirname(fileURLToPath(import.meta.url))), 'deploy');
/** The folder of the operator's own chart. */
export const OPERATOR_CHART: string = join(deploy, 'chart/helm-operator');

const MADE = '# Made by scripts/generate-deploy.ts.\n';
const CRD_FILE = 'helm.fluxcd.io_helmreleases.yaml';
const TABLE_BEGINS = '<!-- values: made by scripts/generate-deploy.ts -->\n';
const TABLE_ENDS = '<!-- end of values -->';
const NAMESPACE_OBJECT: ManifestObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: NAMESPACE },
};
const COMMON = { selectorLabels: { app: 'helm-operator' } };
const LEAST = { ...COMMON, rbac: { profile: 'least-privilege' } };

/** The schema of the chart's values. */
export function valuesSchema(): ValueSchema {
  return JSON.parse(readFileSync(join(OPERATOR_CHART, 'values.schema.json'), 'utf8'));
}

/** Path under `deploy/` → text that it should have. */
export async function deployFiles(): Promise<ReadonlyMap<string, string>> {
  const schema = valuesSchema();
  const crd = crdText(crdOf(CRD_FILE));
  const chart = await operatorChart();
  return new Map([
    ['chart/helm-operator/values.yaml', valuesYaml(schema)],
    ['chart/helm-operator/README.md', readme(schema)],
    [`chart/helm-operator/crds/${CRD_FILE}`, crd],
    ['crds/kustomization.yaml', kustomization([CRD_FILE])],
    ...kustomizations(chart),
    ['helm-operator.yaml', oneFile(chart, COMMON, crd)],
    ['helm-operator-least-privilege.yaml', oneFile(chart, LEAST, crd)],
  ]);
}

/** The chart with the values that its schema says, whatever `values.yaml` holds by now. */
export async function operatorChart(): Promise<Chart> {
  const values = decodeYaml(valuesYaml(valuesSchema())) as ValueMap;
  return { ...(await loadChartPath(OPERATOR_CHART)), values };
}

function crdOf(file: string): Parameters<typeof crdText>[0] {
  const crd = CRDS.get(file);
  if (crd === undefined) throw new Error(`no definition ${file}`);
  return crd;
}

function readme(schema: ValueSchema): string {
  const text = readFileSync(join(OPERATOR_CHART, 'README.md'), 'utf8');
  const [before = '', rest = ''] = text.split(TABLE_BEGINS);
  const after = rest.slice(rest.indexOf(TABLE_ENDS));
  return `${before}${TABLE_BEGINS}${valuesTable(schema)}${after}`;
}

function kustomization(resources: readonly string[], more: object = {}): string {
  const head = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };
  return MADE + yamlOf({ ...head, ...more, resources });
}

function kustomizations(chart: Chart): readonly (readonly [string, string])[] {
  const all = objectsOf(chart, COMMON);
  const least = objectsOf(chart, LEAST);
  const isNew = (object: ManifestObject) =>
    all.every(({ kind, metadata }) => `${kind}/${metadata.name}` !== nameOf(object));
  const role = least.find(({ kind }) => kind === 'ClusterRole');
  return [
    [
      'kustomize/base/kustomization.yaml',
      kustomization(['../../crds', 'rbac.yaml', 'operator.yaml']),
    ],
    ['kustomize/base/rbac.yaml', documents(all.filter(isOfRbac))],
    ['kustomize/base/operator.yaml', documents(all.filter((object) => !isOfRbac(object)))],
    [
      'kustomize/least-privilege/kustomization.yaml',
      kustomization(['../base', 'leader-election.yaml'], {
        patches: [{ path: 'cluster-role.yaml' }],
      }),
    ],
    ['kustomize/least-privilege/leader-election.yaml', documents(least.filter(isNew))],
    ['kustomize/least-privilege/cluster-role.yaml', documents(role === undefined ? [] : [role])],
  ];
}

function objectsOf(chart: Chart, values: object): readonly ManifestObject[] {
  return [NAMESPACE_OBJECT, ...renderOperator(chart, values).objects.map(withoutHelm)];
}

function isOfRbac({ apiVersion }: ManifestObject): boolean {
  return apiVersion.startsWith('rbac.');
}

function nameOf({ kind, metadata }: ManifestObject): string {
  return `${kind}/${metadata.name}`;
}

function documents(objects: readonly object[]): string {
  return MADE + objects.map(yamlOf).join('---\n');
}

function oneFile(chart: Chart, values: object, crd: string): string {
  const [namespace, ...rest] = objectsOf(chart, values);
  return `${MADE}${yamlOf(namespace ?? {})}---\n${crd.replace(/^#.*\n/, '')}---\n${rest.map(yamlOf).join('---\n')}`;
}

/** Files under `deploy/` that are not as they should be. */
export async function staleDeployFiles(): Promise<readonly string[]> {
  return [...(await deployFiles())]
    .filter(([path, text]) => {
      const file = join(deploy, path);
      return !existsSync(file) || readFileSync(file, 'utf8') !== text;
    })
    .map(([path]) => path);
}

/** Writes them. */
export async function writeDeployFiles(): Promise<void> {
  for (const [path, text] of await deployFiles()) {
    mkdirSync(dirname(join(deploy, path)), { recursive: true });
    writeFileSync(join(deploy, path), text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeDeployFiles();
