// SPDX-License-Identifier: Apache-2.0

/** What is installed: the chart of the operator, and what is made from it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OPERATOR_FLAGS } from '../../packages/cli/src/operator-flag-table.ts';
import {
  type ChartValue,
  chartValues,
  type ValueSchema,
  valuesYaml,
} from '../../scripts/deploy/chart-values.ts';
import { renderOperator } from '../../scripts/deploy/manifests.ts';
import {
  OPERATOR_CHART,
  operatorChart,
  staleDeployFiles,
  valuesSchema,
} from '../../scripts/generate-deploy.ts';

const chart = await operatorChart();

/** A value where somebody wants it. */
function at(path: string, value: unknown): object {
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;
}

function merged(one: object, other: object): object {
  const result: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = result[key];
    const areMaps = [before, value].every(
      (part) => typeof part === 'object' && part !== null && !Array.isArray(part),
    );
    result[key] = areMaps ? merged(before as object, value as object) : value;
  }
  return result;
}

test('what is made from the chart of the operator is up to date; else run scripts/generate-deploy.ts', async () => {
  assert.deepEqual(await staleDeployFiles(), []);
});

test('chart, package and command have one version', () => {
  const root = join(import.meta.dirname, '../..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assert.equal(chart.metadata.version, version);
  assert.equal(chart.metadata.appVersion, version);
  const main = readFileSync(join(root, 'packages/cli/src/main.ts'), 'utf8');
  assert.ok(main.includes(`const VERSION = '${version}'`));
});

test('every flag that the chart gives is one of the operator', () => {
  const text = readFileSync(join(OPERATOR_CHART, 'templates/_args.tpl'), 'utf8');
  const known = new Set(
    OPERATOR_FLAGS.filter((flag) => flag.isIgnored !== true).map(({ name }) => name),
  );
  const given = [...text.matchAll(/- --([a-z0-9-]+)=/g)].map(([, name]) => name ?? '');
  assert.ok(given.length > 15);
  assert.deepEqual(
    given.filter((name) => !known.has(name)),
    [],
  );
});

/** What must be switched on for a value to count. */
const NEEDED: ReadonlyMap<string, object> = new Map<string, object>([
  ['prometheus.serviceMonitor.create', {}],
  ['dashboards.enabled', {}],
  ['podDisruptionBudget.enabled', {}],
  ['networkPolicy.enabled', {}],
  ['configureRepositories.volumeName', { configureRepositories: { enable: true } }],
  [
    'configureRepositories.secretName',
    { configureRepositories: { enable: true, repositories: [{ name: 'a', url: 'https://b' }] } },
  ],
  ['initPlugins.enable', { initPlugins: { image: { repository: 'helm' } } }],
  ...['cacheVolumeName', 'image.repository', 'image.tag', 'plugins'].map(
    (name): readonly [string, object] => [`initPlugins.${name}`, plugins()],
  ),
  ['apiToken.key', { apiToken: { secretName: 'token' } }],
  ['rbac.releaseRules', { rbac: { profile: 'least-privilege' } }],
  ['rbac.canImpersonate', { rbac: { profile: 'least-privilege' } }],
  ['prometheus.serviceMonitor', { prometheus: { serviceMonitor: { create: true } } }],
  ['dashboards', { dashboards: { enabled: true } }],
  ['podDisruptionBudget', { podDisruptionBudget: { enabled: true } }],
  ['networkPolicy', { networkPolicy: { enabled: true } }],
]);

function plugins(): object {
  const one = { helmVersion: 'v3', plugin: 'https://plugins.example.com/s3' };
  return { initPlugins: { enable: true, image: { repository: 'helm' }, plugins: [one] } };
}

/** Where any other value would not do. */
const SAMPLES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['image.digest', `sha256:${'a'.repeat(64)}`],
  ['initPlugins.plugins', [{ helmVersion: 'v3', plugin: 'other' }]],
  ['configureRepositories.repositories', [{ name: 'a', url: 'https://charts.example.com' }]],
  ['rbac.releaseRules', [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }]],
  ['topologySpreadConstraints', [{ maxSkew: 1 }]],
  ['extraArgs', ['--drift-detection=warn']],
  ['helm.versions', 'v3,v2'],
]);

function sampleOf({ path, schema }: ChartValue): unknown {
  const { default: value, enum: choices } = schema as ValueSchema & { enum?: readonly unknown[] };
  if (SAMPLES.has(path)) return SAMPLES.get(path);
  if (choices !== undefined) return choices.find((choice) => choice !== value);
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return /^\d+[ms]$/.test(value) ? '7m' : 'sample';
  return Array.isArray(value) ? [{ name: 'sample' }] : { sample: 'sample' };
}

test('no value is silently ignored: it changes what is installed, or the notes name it', () => {
  const values = chartValues(valuesSchema());
  assert.ok(values.length > 100);
  const silent: string[] = [];
  for (const value of values) {
    const [, needed = {}] = [...NEEDED].find(([path]) => value.path.startsWith(path)) ?? [];
    const before = renderOperator(chart, needed, true);
    const after = renderOperator(chart, merged(needed, at(value.path, sampleOf(value))), true);
    const isChanged = JSON.stringify(before.objects) !== JSON.stringify(after.objects);
    const [, told = ''] = after.notes.split('These values have no effect:');
    const isTold = value.path
      .split('.')
      .some((_, i, parts) =>
        new RegExp(`- (.*, )?${parts.slice(0, i + 1).join('\\.')}[,:]`).test(told),
      );
    const { deprecated = false } = value.schema;
    const isRight = deprecated ? isTold && !isChanged : isChanged;
    if (!isRight) silent.push(`${value.path}: changed ${isChanged}, told ${isTold}`);
  }
  assert.deepEqual(silent, []);
});

test('a value that nobody knows, or of another type, is refused by name', () => {
  assert.throws(() => renderOperator(chart, { wrokers: 3 }), /wrokers/);
  assert.throws(() => renderOperator(chart, { workers: 'many' }), /workers/);
  assert.throws(
    () => renderOperator(chart, { git: { pollInterval: '5 minutes' } }),
    /pollInterval/,
  );
  renderOperator(chart, { global: { anything: 1 }, allowNamespace: null, tolerations: null });
});

test('values.yaml tells what each value means', () => {
  const text = valuesYaml(valuesSchema());
  for (const { schema } of chartValues(valuesSchema()))
    assert.ok(text.includes(`# ${(schema.description ?? '').split(' ')[0]}`));
});

test('the container file says what the chart says', () => {
  const root = join(import.meta.dirname, '../../deploy');
  const user = 65532;
  const text = readFileSync(join(root, 'image/Containerfile'), 'utf8');
  const values = readFileSync(join(root, 'chart/helm-operator/values.yaml'), 'utf8');
  assert.match(text, new RegExp(`^USER ${user}:${user}$`, 'm'));
  assert.match(text, new RegExp(`--uid ${user} `));
  assert.match(values, new RegExp(`runAsUser: ${user}\\n`));
  const pinned = JSON.parse(readFileSync(join(root, '../package.json'), 'utf8'));
  assert.match(text, new RegExp(`^ARG NODE_IMAGE=node:${pinned.devDependencies.node}-`, 'm'));
  // Registries have names with dots or ports: none is ours to choose.
  for (const [, image = ''] of text.matchAll(/^(?:FROM|ARG NODE_IMAGE=)\s*(\S+)/gm))
    assert.doesNotMatch(image.split('/').slice(0, -1).join('/'), /[.:]/);
});
