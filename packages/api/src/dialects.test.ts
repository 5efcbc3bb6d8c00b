// SPDX-License-Identifier: Apache-2.0

/** What every dialect must keep: each field of its schema is read, and means what it meant to the original. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { DIALECTS, decodeHelmRelease, successorOf } from './dialects.ts';
import type { ReleaseIntent } from './release-intent.ts';
import type { Schema } from './schema.ts';

const V1 = 'helm.fluxcd.io/v1';
const LEGACY = 'flux.weave.works/v1beta1';
const REPOSITORY = { repository: 'http://charts.test', name: 'web', version: '1.0.0' };
const GIT = { git: 'ssh://git@git.test/charts', path: 'web' };

function decode(apiVersion: string, spec: unknown, metadata: object = {}): ReleaseIntent {
  const text = JSON.stringify({
    apiVersion,
    kind: 'HelmRelease',
    metadata: { name: 'web', namespace: 'apps', generation: 1, ...metadata },
    spec,
  });
  return decodeHelmRelease(decodeJson(text, { numbers: 'int64orFloat64' }) as ValueMap);
}

/** Paths of a schema's leaves: `chart.secretRef.name`, `valuesFrom[].secretKeyRef.key`. */
function leaves(schema: Schema, path = ''): readonly string[] {
  const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([name, part]) =>
      leaves(part, path === '' ? name : `${path}.${name}`),
    );
  const items = schema['items'] as Schema | undefined;
  return items === undefined ? [path] : leaves(items, `${path}[]`);
}

function specSchema(apiVersion: string): Schema {
  const crd = DIALECTS.find((dialect) => dialect.apiVersion === apiVersion)?.crd as unknown as {
    spec: {
      versions: { schema: { openAPIV3Schema: { properties: Record<string, Schema> } } }[];
    };
  };
  return crd.spec.versions[0]?.schema.openAPIV3Schema.properties['spec'] ?? {};
}

/** A copy of `spec` with a value at a leaf's path. */
function withLeaf(spec: unknown, path: string, value: unknown): unknown {
  const [head = '', ...rest] = path.split('.');
  const name = head.replace('[]', '');
  const object = { ...(spec as Record<string, unknown>) };
  const inner = (before: unknown) =>
    rest.length === 0 ? value : withLeaf(before ?? {}, rest.join('.'), value);
  if (head === name) return { ...object, [name]: inner(object[name]) };
  const [first, ...others] = (object[name] ?? []) as unknown[];
  return { ...object, [name]: [inner(first), ...others] };
}

const NUMBERS: ReadonlySet<string> = new Set(['timeout', 'maxRetries', 'maxHistory']);
const FLAGS: ReadonlySet<string> = new Set([
  ...['skipDepUpdate', 'optional', 'skipCRDs', 'wait', 'forceUpgrade', 'enable', 'retry', 'force'],
  ...['disableOpenAPIValidation', 'recreate', 'disableHooks', 'ignoreFailures', 'cleanup'],
]);

/** Something that is not the field's default. */
function otherThanDefault(apiVersion: string, path: string): unknown {
  const name = path.split('.').at(-1) ?? '';
  if (name === 'values') return { a: 1 };
  if (name === 'helmVersion') return 'v2';
  if (name === 'resetValues') return apiVersion === LEGACY;
  if (NUMBERS.has(name)) return 7;
  return FLAGS.has(name) ? true : 'other';
}

/** What must be there for a field to matter. */
function contextOf(path: string): object {
  const isGit = /^chart\.(git|ref|path|secretRef|skipDepUpdate)/.test(path);
  const chart = isGit ? { ...GIT } : { ...REPOSITORY };
  const kind = /\.(\w+Ref)\./.exec(path)?.[1];
  if (path.startsWith('valuesFrom'))
    return {
      chart,
      valuesFrom: [{ [kind ?? '']: { name: 'n', url: 'http://u.test', path: 'p' } }],
    };
  if (path === 'chart.secretRef.namespace')
    return { chart: { ...chart, secretRef: { name: 'n' } } };
  if (/rollback.(retry|maxRetries)/.test(path))
    return { chart, rollback: { enable: true, retry: path.endsWith('maxRetries') } };
  return { chart };
}

/** Of Helm 2, which is not run. */
const UNREAD: ReadonlySet<string> = new Set(['test.cleanup']);

for (const { apiVersion } of DIALECTS) {
  test(`${apiVersion}: every field of the schema changes what is intended`, () => {
    const unread = leaves(specSchema(apiVersion)).filter((path) => {
      const context = contextOf(path);
      const changed = withLeaf(context, path, otherThanDefault(apiVersion, path));
      try {
        assert.deepEqual(decode(apiVersion, changed), decode(apiVersion, context));
        return true;
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ERR_ASSERTION', String(error));
        return false;
      }
    });
    assert.deepEqual(new Set(unread), apiVersion === V1 ? UNREAD : new Set());
  });
}

test('helm.fluxcd.io/v1: defaults are those of the original', () => {
  const intent = decode(V1, { chart: REPOSITORY });
  assert.deepEqual(intent.release, { name: 'apps-web', namespace: 'apps' });
  assert.equal(intent.timeoutMs, 300_000);
  assert.deepEqual(intent.history, { maxRevisions: 10 });
  assert.deepEqual(intent.upgrade.wait, { strategy: 'none' });
  assert.equal(intent.upgrade.values, 'reset');
  assert.equal(intent.rollback.timeoutMs, 300_000);
  assert.equal(intent.test.timeoutMs, 300_000);
  assert.equal(decode(V1, { chart: REPOSITORY, maxHistory: 0 }).history.maxRevisions, 0);
  const elsewhere = decode(V1, { chart: REPOSITORY, targetNamespace: 'prod' });
  assert.deepEqual(elsewhere.release, { name: 'apps-prod-web', namespace: 'prod' });
  assert.equal(elsewhere.storageNamespace, 'prod');
});

const WAITS = [
  { spec: {}, waits: false },
  { spec: { rollback: { enable: true } }, waits: true },
  { spec: { test: { enable: true } }, waits: true },
  { spec: { rollback: { enable: true }, wait: false }, waits: false },
  { spec: { wait: true }, waits: true },
];

for (const { spec, waits } of WAITS)
  test(`helm.fluxcd.io/v1: ${JSON.stringify(spec)} ${waits ? 'waits' : 'does not wait'}`, () => {
    const intent = decode(V1, { chart: REPOSITORY, ...spec });
    assert.equal(intent.upgrade.wait.strategy, waits ? 'helm3' : 'none');
  });

test('values: secrets of old first, then in order, inline last; the first reference of an entry counts', () => {
  const { values } = decode(V1, {
    chart: REPOSITORY,
    valueFileSecrets: [{ name: 'old' }],
    valuesFrom: [
      {},
      { secretKeyRef: { name: 's', namespace: 'other' }, configMapKeyRef: { name: 'c', key: 'k' } },
      { chartFileRef: { path: 'p.yaml' }, externalSourceRef: { url: 'http://u.test' } },
    ],
    values: { a: 1 },
  });
  assert.deepEqual(
    values.map((source) =>
      'name' in source ? `${source.namespace}/${source.name}/${source.key}` : source.kind,
    ),
    ['apps/old/values.yaml', 'apps/c/k', 'url', 'inline'],
  );
  assert.deepEqual(decode(V1, { chart: REPOSITORY, values: ['no', 'map'] }).values, []);
});

test('what cannot be done is refused with its mend, and still read', () => {
  const two = decode(V1, { chart: REPOSITORY, helmVersion: 'v2', releaseName: 'mine' });
  assert.match(two.refusal?.reason ?? '', /Helm 2 is not run.*v3/);
  assert.equal(two.release.name, 'mine');
  for (const chart of [{}, { repository: 'http://x.test', name: 'web' }, { git: GIT.git }]) {
    const { refusal } = decode(V1, { chart });
    assert.equal(refusal?.phase, 'chart-fetch-failed');
    assert.match(refusal.reason, /^could not find valid chart source configuration for release: /);
  }
  assert.equal(decode(V1, { chart: { ...REPOSITORY, ...GIT } }).chart.kind, 'git');
});

test('flux.weave.works/v1beta1: means what it meant', () => {
  const spec = {
    chart: { ...REPOSITORY },
    // What only the newer kind knows.
    ...{ helmVersion: 'v2', wait: true, maxHistory: 3, skipCRDs: true, test: { enable: true } },
    valuesFrom: [{ configMapKeyRef: { name: 'c', namespace: 'other' } }],
    rollback: { enable: true, retry: true, maxRetries: 9 },
  };
  const intent = decode(LEGACY, spec);
  assert.equal(intent.refusal, undefined);
  assert.equal(intent.upgrade.values, 'default');
  assert.equal(intent.upgrade.wait.strategy, 'helm3', 'upgrades wait where they are rolled back');
  assert.equal(intent.install.wait.strategy, 'none', 'installs never wait');
  assert.equal(intent.history.maxRevisions, 10);
  assert.equal(intent.onFailure.upgrade.retries, 0);
  assert.equal(intent.test.isEnabled, false);
  assert.deepEqual(intent.values, [
    { kind: 'ConfigMap', namespace: 'apps', name: 'c', key: 'values.yaml', isOptional: false },
  ]);
  assert.equal(decode(LEGACY, { ...spec, resetValues: true }).upgrade.values, 'reset');
  assert.equal(decode(LEGACY, { chart: REPOSITORY }).upgrade.wait.strategy, 'none');
});

test('an object of the newer kind follows the older of the same name', () => {
  const source = { namespace: 'apps', name: 'web' };
  assert.deepEqual(successorOf({ ...source, apiVersion: LEGACY }), {
    ...source,
    apiVersion: V1,
    kind: 'HelmRelease',
  });
  assert.equal(successorOf({ ...source, apiVersion: V1 }), undefined);
});
