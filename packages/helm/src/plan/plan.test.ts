// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeYaml, encodeJson, type Value, type ValueMap } from '@helm-operator/gocompat';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { isApplied } from './applied-fields.ts';
import { buildObjects, buildPreviousObjects } from './build.ts';
import { migrationPatch } from './managed-fields.ts';
import { type ManifestObject, objectKey } from './objects.ts';
import { ownershipProblem, withOwnership } from './ownership.ts';
import { isUnchanged, type PlanPolicy, planObjects } from './plan.ts';

function parse(text: string): ValueMap {
  const value: Value = decodeYaml(text, { numbers: 'int64orFloat64' });
  assert.ok(value instanceof Map);
  return value;
}

function item(text: string): ManifestObject {
  const object = parse(text);
  const metadata = object.get('metadata') as ValueMap;
  return {
    ref: {
      apiVersion: String(object.get('apiVersion')),
      kind: String(object.get('kind')),
      namespace: 'n',
      name: String(metadata.get('name')),
    },
    object,
  };
}

const POLICY: PlanPolicy = {
  method: 'client',
  fieldManager: 'helm',
  mustReplace: false,
  mustForceConflicts: false,
  isThreeWayForCustom: false,
  mustMigrate: false,
};

const cm = (data: string, name = 'a') =>
  item(`{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}, data: ${data}}`);
const cr = (spec: string) =>
  item(`{apiVersion: x.y/v1, kind: Cat, metadata: {name: c}, spec: ${spec}}`);

function plan(
  target: readonly ManifestObject[],
  previous: readonly ManifestObject[],
  live: readonly ManifestObject[],
  policy: Partial<PlanPolicy> = {},
) {
  return planObjects({
    target,
    previous,
    live: new Map(live.map(({ ref, object }) => [objectKey(ref), object])),
    policy: { ...POLICY, ...policy },
  });
}

/** `verb name patch`, one line each. */
function shown(...given: Parameters<typeof plan>): readonly string[] {
  return plan(...given).operations.map((operation) =>
    operation.verb === 'patch'
      ? `patch ${operation.ref.name} ${operation.patch.kind} ${encodeJson(operation.patch.body)}`
      : `${operation.verb} ${operation.ref.name}`,
  );
}

test('what is absent is created, what is equal is kept, what differs is patched', () => {
  const a = cm('{x: "1"}');
  assert.deepEqual(shown([a], [], []), ['create a']);
  assert.deepEqual(shown([a], [a], [a]), ['keep a']);
  assert.deepEqual(shown([cm('{z: "1"}')], [a], [cm('{x: "1", mine: "2"}')]), [
    'patch a strategic {"data":{"x":null,"z":"1"}}',
  ]);
  assert.deepEqual(shown([a], [a], [cm('{x: "2"}')], { mustReplace: true }), ['replace a']);
});

test('an object the last manifest did not have is compared with itself as it lives', () => {
  assert.deepEqual(shown([cm('{x: "2"}')], [], [cm('{x: "1", mine: "2"}')]), [
    'patch a strategic {"data":{"mine":null,"x":"2"}}',
  ]);
});

test('custom resources: the manifests are compared, drift stays, unless ownership is taken', () => {
  const [before, after, live] = [cr('{x: 1}'), cr('{x: 2}'), cr('{x: 9}')];
  assert.deepEqual(shown([before], [before], [live]), ['keep c']);
  assert.deepEqual(shown([after], [before], [live]), ['patch c merge {"spec":{"x":2}}']);
  assert.deepEqual(shown([before], [before], [live], { isThreeWayForCustom: true }), [
    'patch c merge {"spec":{"x":1}}',
  ]);
});

test('what the manifest dropped is deleted, unless the live object says keep', () => {
  const kept = item(
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: k, annotations: {helm.sh/resource-policy: keep}}}',
  );
  const bare = item('{apiVersion: v1, kind: ConfigMap, metadata: {name: k}}');
  assert.deepEqual(shown([], [cm('{}'), bare], [cm('{}'), kept]), ['delete a', 'keep k']);
  assert.deepEqual(shown([], [cm('{}')], []), ['keep a']);
});

test('a patch that cannot be computed is told when the others are done', () => {
  const pod = (name: string) =>
    item(
      `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{image: ${name}}]}}`,
    );
  const [operation] = plan([pod('b')], [pod('a')], [pod('a')]).operations;
  assert.equal(operation?.verb, 'refuse');
  assert.match(
    operation?.verb === 'refuse' ? operation.message : '',
    /^failed to create patch: map: /,
  );
});

test('server-side apply: no request only where it cannot change anything', () => {
  const managed = (operation: string, data: string, owned = '"f:x": {}') =>
    item(
      `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, managedFields: [{manager: helm, operation: ${operation}, fieldsV1: {"f:data": {${owned}}}}]}, data: ${data}}`,
    );
  const a = cm('{x: "1"}');
  const server = { method: 'server' } as const;
  const rows: readonly (readonly [ManifestObject, string])[] = [
    [managed('Apply', '{x: "1"}'), 'keep a'],
    // Others may add what they like.
    [managed('Apply', '{x: "1", mine: "2"}'), 'keep a'],
    [managed('Update', '{x: "1"}'), 'apply a'],
    [managed('Apply', '{x: "2"}'), 'apply a'],
    // A field of an earlier manifest, even of one that failed, is still owned: only apply removes it.
    [managed('Apply', '{x: "1", y: "1"}', '"f:x": {}, "f:y": {}'), 'apply a'],
    // A field that is as wanted by chance is not owned yet.
    [managed('Apply', '{x: "1"}', '"f:y": {}'), 'apply a'],
  ];
  for (const [live, expected] of rows) {
    assert.deepEqual(shown([a], [a], [live], server), [expected], encodeJson(live.object));
  }
  assert.deepEqual(shown([a], [], [], server), ['apply a']);
});

test('what was applied is found in the fields of lists too', () => {
  const fields =
    '{"f:metadata": {"f:labels": {"f:l": {}}}, "f:spec": {"f:replicas": {}, "f:tags": {"v:\\"a\\"": {}, "v:\\"b\\"": {}}, "f:args": {}, "f:secrets": {"k:{\\"name\\":\\"x\\"}": {}}, "f:ref": {}, "f:ports": {"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}": {".": {}, "f:port": {}}}, "f:containers": {"k:{\\"name\\":\\"m\\"}": {".": {}, "f:name": {}, "f:image": {}}}}}';
  const live = parse(
    `{metadata: {name: n, labels: {l: x, other: y}, managedFields: [{manager: helm, operation: Apply, fieldsV1: ${fields}}]}, spec: {replicas: 2, tags: [a, c, b], args: [1, 2], secrets: [{name: x}], ref: {path: p, apiVersion: v1}, ports: [{port: 80, protocol: TCP, nodePort: 3}], containers: [{name: side}, {name: m, image: i, policy: Always}]}}`,
  );
  const wanted =
    '{metadata: {name: n, labels: {l: x}}, spec: {replicas: 2, tags: [a, b], args: [1, 2], secrets: [{name: x}], ref: {path: p}, ports: [{port: 80}], containers: [{name: m, image: i}]}}';
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['', '', true],
    ['replicas: 2', 'replicas: 3', false],
    ['tags: [a, b]', 'tags: [a]', false],
    ['tags: [a, b]', 'tags: [a, c]', false],
    ['tags: [a, b]', 'tags: [b, a]', false],
    ['secrets: [{name: x}]', 'secrets: [{name: y}]', false],
    ['args: [1, 2]', 'args: [2, 1]', false],
    ['ref: {path: p}', 'ref: {path: q}', false],
    ['ref: {path: p}', 'ref: {path: p, apiVersion: v1}', true],
    ['ref: {path: p}', 'ref: {path: p, apiVersion: v2}', false],
    ['{port: 80}', '{port: 81}', false],
    ['{port: 80}', '{port: 80, nodePort: 3}', false],
    ['image: i', 'image: j', false],
    ['image: i}', 'image: i, policy: Always}', false],
    ['{name: m, image: i}', '{name: m, image: i}, {name: side}', false],
    [', labels: {l: x}', '', false],
  ];
  for (const [from, to, expected] of rows) {
    const text = wanted.replace(from, to);
    assert.equal(isApplied(live, parse(text), 'helm'), expected, `${from} → ${to}`);
  }
});

test('a plan that writes is not unchanged', () => {
  const secret = (data: string) =>
    item(`{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: ${data}}`);
  const given = plan(
    [cm('{x: hidden}'), secret('{p: "1"}')],
    [cm('{x: "1"}'), secret('{p: "2"}')],
    [cm('{x: "1"}'), secret('{p: "2"}')],
  );
  assert.equal(isUnchanged(given), false);
});

test('fields of updates move to apply', () => {
  const object = parse(
    '{metadata: {resourceVersion: "7", managedFields: [{manager: helm, operation: Update, fieldsV1: {"f:a": {}}}, {manager: other, operation: Update}, {manager: helm, operation: Apply, fieldsV1: {"f:b": {"f:c": {}}}}, {manager: helm, operation: Update, subresource: status}]}}',
  );
  const policy = { fieldManager: 'helm', mustMigrate: true, mustForceConflicts: false };
  assert.equal(
    encodeJson(migrationPatch(object, policy) ?? null),
    '[{"op":"replace","path":"/metadata/managedFields","value":[{"manager":"other","operation":"Update"},{"fieldsV1":{"f:a":{},"f:b":{"f:c":{}}},"manager":"helm","operation":"Apply"},{"manager":"helm","operation":"Update","subresource":"status"}]},{"op":"replace","path":"/metadata/resourceVersion","value":"7"}]',
  );
  assert.equal(migrationPatch(object, { ...policy, mustMigrate: false }), undefined);
});

test("fields of another Helm become the release's own", () => {
  const written = (operation: string) =>
    parse(
      `{metadata: {resourceVersion: "7", managedFields: [{manager: helm, operation: ${operation}, fieldsV1: {"f:a": {}}}, {manager: kubectl, operation: Update}]}}`,
    );
  const policy = { fieldManager: 'helm-controller', mustMigrate: true, mustForceConflicts: true };
  const rows: readonly (readonly [string, Partial<typeof policy>, boolean])[] = [
    ['Update', {}, true],
    ['Update', { mustMigrate: false }, false],
    ['Apply', {}, true],
    ['Apply', { mustForceConflicts: false }, false],
  ];
  for (const [operation, change, isMoved] of rows) {
    const patch = migrationPatch(written(operation), { ...policy, ...change });
    assert.equal(patch !== undefined, isMoved, `${operation} ${JSON.stringify(change)}`);
    if (patch === undefined) continue;
    assert.match(
      encodeJson(patch),
      /\{"fieldsV1":\{"f:a":\{\}\},"manager":"helm-controller","operation":"Apply"\}/,
    );
  }
});

test('marks of other releases are named one by one', () => {
  const release = { name: 'r', namespace: 'n' };
  const [own] = withOwnership([cm('{}')], release);
  assert.ok(own !== undefined);
  assert.equal(ownershipProblem(own.object, release), undefined);
  assert.equal(
    ownershipProblem(own.object, { name: 'q', namespace: 'n' }),
    'invalid ownership metadata; annotation validation error: key "meta.helm.sh/release-name" must equal "q": current value is "r"',
  );
});

test('building: documents, lists, namespaces', async () => {
  const cluster = new FakeCluster();
  const text = `---
# Source: a
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: other}}
---
# only a comment
---
apiVersion: v1
kind: Namespace
metadata: {name: c}
`;
  const objects = await buildObjects(text, 'n', { cluster });
  assert.deepEqual(
    objects.map(({ ref }) => `${ref.kind} ${ref.namespace ?? '-'} ${ref.name}`),
    ['ConfigMap n a', 'ConfigMap other b', 'Namespace - c'],
  );
  await assert.rejects(buildObjects('a: 1', 'n', { cluster }), {
    code: 'helm/build',
    retry: 'terminal',
    message: `unable to decode "": Object 'Kind' is missing in '{"a":1}'`,
  });
});

test('documents end with a line break, as Kubernetes reads them; a separator stands alone', async () => {
  const cluster = new FakeCluster();
  const map = (name: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  text: |\n    a`;
  const texts = async (manifest: string) =>
    (await buildObjects(manifest, 'n', { cluster })).map(({ object }) => {
      const data = object.get('data');
      return data instanceof Map ? data.get('text') : undefined;
    });
  assert.deepEqual(await texts(`---\n${map('a')}\n--- # next\n${map('b')}`), ['a\n', 'a\n']);
  assert.deepEqual(await texts(map('a').replaceAll('\n', '\r\n')), ['a\n']);
  assert.deepEqual(await texts(`${map('a')}\n\n\n`), ['a\n']);
  await assert.rejects(texts(`${map('a')}\n--- b\n`), {
    message: 'error parsing : invalid Yaml document separator: b',
  });
});

test('building what was applied: kinds Kubernetes removed are gone, custom kinds must be known', async () => {
  const cluster = new FakeCluster();
  const old = 'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: old}';
  const found = await buildPreviousObjects(old, 'n', { cluster });
  assert.deepEqual(
    found.objects.map(({ ref, mappedFrom }) => [ref.apiVersion, ref.name, mappedFrom]),
    [['networking.k8s.io/v1', 'old', 'extensions/v1beta1']],
  );
  assert.deepEqual(found.mapped, ['extensions/v1beta1 Ingress old → networking.k8s.io/v1']);
  const psp = 'apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p}';
  const gone = await buildPreviousObjects(psp, 'n', { cluster });
  assert.deepEqual([gone.objects, gone.removed], [[], ['policy/v1beta1 PodSecurityPolicy p']]);
  const cat = 'apiVersion: x.y/v1\nkind: Cat\nmetadata: {name: c}';
  await assert.rejects(buildPreviousObjects(cat, 'n', { cluster }), {
    code: 'helm/build',
    retry: 'transient',
  });
});
