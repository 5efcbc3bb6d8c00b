// SPDX-License-Identifier: Apache-2.0

/** Every field of a HelmRelease's spec stands in the tables of docs/architecture.md, with what becomes of it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DIALECTS, type Schema } from '@helm-operator/api';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Source: spec helm-controller.md §1.2 */
const TOOLKIT: readonly string[] = [
  'chart.metadata.{labels,annotations}',
  'chart.spec.{chart,version,interval,reconcileStrategy,valuesFiles,ignoreMissingValuesFiles}',
  'chart.spec.sourceRef.{apiVersion,kind,name,namespace}',
  'chart.spec.verify.{provider,secretRef}',
  'chartRef.{apiVersion,kind,name,namespace}',
  '{interval,suspend,releaseName,targetNamespace,storageNamespace,timeout,maxHistory}',
  '{serviceAccountName,persistentClient,values,postRenderStrategy}',
  'kubeConfig.secretRef.{name,key}',
  'kubeConfig.configMapRef.name',
  'dependsOn.{name,namespace,readyExpr}',
  'driftDetection.mode',
  'driftDetection.ignore.paths',
  'driftDetection.ignore.target.{group,version,kind,namespace,name,annotationSelector,labelSelector}',
  'valuesFrom.{kind,name,valuesKey,targetPath,optional,literal}',
  'commonMetadata.{labels,annotations}',
  'postRenderers.kustomize.patches.{patch,target}',
  'postRenderers.kustomize.images.{name,newName,newTag,digest}',
  'waitStrategy.name',
  'healthCheckExprs.{apiVersion,kind,current,inProgress,failed}',
  '{install,upgrade}.strategy.{name,retryInterval}',
  '{install,upgrade}.remediation.{retries,ignoreTestFailures,remediateLastFailure}',
  '{install,upgrade}.{timeout,disableTakeOwnership,disableWait,disableWaitForJobs,disableHooks}',
  '{install,upgrade}.{disableOpenAPIValidation,disableSchemaValidation,crds,serverSideApply}',
  'install.{replace,skipCRDs,createNamespace}',
  'upgrade.remediation.strategy',
  'upgrade.{force,preserveValues,cleanupOnFail,chartNameChangeStrategy}',
  'test.{enable,timeout,ignoreFailures}',
  'test.filters.{name,exclude}',
  'rollback.{timeout,disableWait,disableWaitForJobs,disableHooks,recreate,force,cleanupOnFail}',
  'rollback.serverSideApply',
  'uninstall.{timeout,disableHooks,keepHistory,disableWait,deletionPropagation}',
];

/** `a.{b,c}` → `a.b`, `a.c` */
function expanded(path: string): readonly string[] {
  const [, before = '', names, after = ''] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  if (names === undefined) return [path];
  return names.split(',').flatMap((name) => expanded(`${before}${name}${after}`));
}

function leaves(schema: Schema, path = ''): readonly string[] {
  const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([name, part]) =>
      leaves(part, path === '' ? name : `${path}.${name}`),
    );
  const items = schema['items'] as Schema | undefined;
  return items === undefined ? [path] : leaves(items, path);
}

function specOf(apiVersion: string): readonly string[] {
  const { crd } = DIALECTS.find((dialect) => dialect.apiVersion === apiVersion) ?? {};
  const { spec } = crd as unknown as {
    spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: Schema } } } }[] };
  };
  return leaves(spec.versions[0]?.schema.openAPIV3Schema.properties.spec ?? {});
}

const CODE = /`([^`]+)`/g;
const codeIn = (text: string) => [...text.matchAll(CODE)].map(([, code = '']) => code);

/** Rows of the table under a heading: the fields of the first cell, and the second one. */
function tableOf(heading: string): readonly (readonly [fields: readonly string[], then: string])[] {
  const text = read('docs/architecture.md');
  const start = text.indexOf(`| \`${heading}\` spec |`);
  assert.ok(start >= 0, `no table for ${heading}`);
  const [table = ''] = text.slice(start).split('\n\n');
  return table
    .split('\n')
    .slice(2)
    .map((row) => {
      const [first = '', second = ''] = row.split(' | ');
      // What stands in brackets explains.
      return [codeIn(first.replace(/\(.*\)/, '')).flatMap(expanded), second] as const;
    });
}

for (const [heading, fields] of [
  ['helm.fluxcd.io/v1', specOf('helm.fluxcd.io/v1')],
  ['helm.toolkit.fluxcd.io/v2', TOOLKIT.flatMap(expanded)],
] as const) {
  const rows = tableOf(heading);
  test(`${heading}: every field of the spec has its line, once`, () => {
    const named = rows.flatMap(([names]) => names);
    assert.deepEqual(named.toSorted(), fields.toSorted());
  });

  test(`${heading}: what a field becomes exists in the intent, or has no effect`, () => {
    const intent = read('packages/api/src/release-intent.ts');
    for (const [names, then] of rows) {
      const parts = codeIn(then).flatMap((path) => path.split('.'));
      assert.ok(
        parts.length > 0 || /no effect|no intent/.test(then),
        `${names.join(', ')} becomes nothing`,
      );
      for (const part of parts) {
        const isThere = new RegExp(`\\breadonly ${part}\\??:|'${part}'`).test(intent);
        assert.ok(isThere, `${names.join(', ')}: an intent has no ${part}`);
      }
    }
  });
}

test('flux.weave.works/v1beta1 has no field that its successor lacks', () => {
  const newer = specOf('helm.fluxcd.io/v1');
  assert.deepEqual(
    specOf('flux.weave.works/v1beta1').filter((path) => !newer.includes(path)),
    [],
  );
});
