// SPDX-License-Identifier: Apache-2.0

/** What every `Cluster` must do. Run over the fake cluster by `npm test` and over a real one by test/cluster, so that the fake stays honest. */

import assert from 'node:assert/strict';
import {
  type Cluster,
  type JsonObject,
  jsonOfObject,
  KubeError,
  type KubeErrorCode,
  type ObjectRef,
  objectOfJson,
  type WatchEvent,
} from '@helm-operator/kube';

export interface ContractCase {
  readonly name: string;
  /** @param namespace exists and is empty of ConfigMaps named here */
  readonly run: (cluster: Cluster, namespace: string) => Promise<void>;
}

function configMap(namespace: string, name: string, more: JsonObject = {}): JsonObject {
  const metadata = { name, namespace, labels: { app: 'web', tier: name } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' }, ...more };
}

function refTo(namespace: string, name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name };
}

function metadataOf(object: JsonObject): JsonObject {
  return object['metadata'] as JsonObject;
}

async function create(cluster: Cluster, object: JsonObject): Promise<JsonObject> {
  return jsonOfObject(await cluster.create(objectOfJson(object)));
}

async function rejectsWith(work: Promise<unknown>, code: KubeErrorCode): Promise<KubeError> {
  const error = await work.then(
    () => assert.fail(`should have failed with ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof KubeError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let look = 0; look < 500 && !isTrue(); look++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(isTrue(), 'waited 5 s in vain');
}

const DEPLOYMENT: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'one', image: 'one:1' }] },
    },
  },
};

async function createDeployment(cluster: Cluster, namespace: string): Promise<ObjectRef> {
  const name = 'contract';
  await create(cluster, { ...DEPLOYMENT, metadata: { name, namespace } });
  return { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name };
}

export const CONTRACT: readonly ContractCase[] = [
  {
    name: 'create, get, list, delete',
    async run(cluster, namespace) {
      const made = await create(cluster, configMap(namespace, 'crud'));
      const { uid, resourceVersion, creationTimestamp } = metadataOf(made);
      for (const field of [uid, resourceVersion, creationTimestamp]) assert.ok(field);
      const ref = refTo(namespace, 'crud');
      const got = await cluster.getJson(ref);
      assert.deepEqual(got?.['data'], { a: '1' });
      const listed = await cluster.listJson({ ...ref, fieldSelector: 'metadata.name=crud' });
      assert.equal(listed.length, 1);
      assert.equal(listed[0]?.['kind'], 'ConfigMap');
      const tables = [await cluster.table(ref), await cluster.table({ ...ref, name: 'no-such' })];
      assert.deepEqual([tables[0]?.columns[0]?.name, tables[0]?.rows[0]?.[0]], ['Name', 'crud']);
      assert.equal(tables[1], undefined);
      const { name: _, ...query } = { ...ref, labelSelector: 'tier=crud' };
      assert.equal((await cluster.table(query))?.rows.length, 1);
      assert.equal(await cluster.delete(ref, { uid: String(uid) }), 'deleted');
      assert.equal(await cluster.delete(ref), 'absent');
      assert.equal(await cluster.get(ref), undefined);
    },
  },
  {
    name: 'what cannot be created',
    async run(cluster, namespace) {
      await create(cluster, configMap(namespace, 'twice'));
      const twice = await rejectsWith(
        create(cluster, configMap(namespace, 'twice')),
        'kube/already-exists',
      );
      assert.equal(twice.serverMessage, 'configmaps "twice" already exists');
      const nowhere = await rejectsWith(
        create(cluster, configMap('no-such-namespace', 'x')),
        'kube/not-found',
      );
      assert.equal(nowhere.serverMessage, 'namespaces "no-such-namespace" not found');
      await rejectsWith(create(cluster, configMap(namespace, 'Upper')), 'kube/invalid');
      const unknown = {
        apiVersion: 'no.such/v1',
        kind: 'Thing',
        metadata: { name: 'x', namespace },
      };
      await rejectsWith(create(cluster, unknown), 'kube/unknown-kind');
    },
  },
  {
    name: 'replace: conflicts, and nothing for nothing',
    async run(cluster, namespace) {
      const made = await create(cluster, configMap(namespace, 'replace'));
      const same = jsonOfObject(await cluster.replace(objectOfJson(made)));
      assert.equal(metadataOf(same)['resourceVersion'], metadataOf(made)['resourceVersion']);
      const changed = { ...made, data: { a: '2' } };
      const after = jsonOfObject(await cluster.replace(objectOfJson(changed)));
      assert.notEqual(metadataOf(after)['resourceVersion'], metadataOf(made)['resourceVersion']);
      await rejectsWith(
        cluster.replace(objectOfJson({ ...made, data: { a: '3' } })),
        'kube/conflict',
      );
      await rejectsWith(
        cluster.replace(objectOfJson(configMap(namespace, 'missing'))),
        'kube/not-found',
      );
      await rejectsWith(
        cluster.delete(refTo(namespace, 'replace'), { uid: 'another' }),
        'kube/conflict',
      );
    },
  },
  {
    name: 'a trial run changes nothing',
    async run(cluster, namespace) {
      const object = objectOfJson(configMap(namespace, 'trial'));
      const made = jsonOfObject(await cluster.create(object, { isDryRun: true }));
      assert.deepEqual(made['data'], { a: '1' });
      assert.equal(await cluster.get(refTo(namespace, 'trial')), undefined);
    },
  },
  {
    name: 'a name can be made by the server',
    async run(cluster, namespace) {
      const metadata = { generateName: 'made-', namespace };
      const made = await create(cluster, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
      assert.match(String(metadataOf(made)['name']), /^made-.{5}$/);
    },
  },
  {
    name: 'JSON and merge patches',
    async run(cluster, namespace) {
      await create(cluster, configMap(namespace, 'patch', { data: { a: '1', b: '2' } }));
      const ref = refTo(namespace, 'patch');
      const merged = await cluster.patch(ref, 'merge', '{"data":{"a":null,"c":"3"}}');
      assert.deepEqual(jsonOfObject(merged)['data'], { b: '2', c: '3' });
      const json = await cluster.patch(
        ref,
        'json',
        '[{"op":"test","path":"/data/b","value":"2"},{"op":"move","from":"/data/b","path":"/data/d"}]',
      );
      assert.deepEqual(jsonOfObject(json)['data'], { c: '3', d: '2' });
      const failing = '[{"op":"test","path":"/data/d","value":"x"}]';
      await rejectsWith(cluster.patch(ref, 'json', failing), 'kube/invalid');
      await rejectsWith(cluster.patch(refTo(namespace, 'no'), 'merge', '{}'), 'kube/not-found');
    },
  },
  {
    name: 'strategic patches, generation',
    async run(cluster, namespace) {
      const ref = await createDeployment(cluster, namespace);
      const patch = (containers: JsonObject[]) =>
        JSON.stringify({ spec: { template: { spec: { containers } } } });
      const after = await cluster.patch(
        ref,
        'strategic',
        patch([
          { name: 'one', env: [{ name: 'A', value: '1' }] },
          { name: 'two', image: 'two:1' },
        ]),
      );
      const spec = (jsonOfObject(after)['spec'] as JsonObject)['template'] as JsonObject;
      const containers = (spec['spec'] as JsonObject)['containers'] as JsonObject[];
      const images = containers.map(({ name, image }) => `${String(name)}=${String(image)}`);
      assert.deepEqual(images.toSorted(), ['one=one:1', 'two=two:1']);
      assert.equal(metadataOf(jsonOfObject(after))['generation'], 2);
      const labelled = await cluster.patch(ref, 'merge', '{"metadata":{"labels":{"x":"y"}}}');
      assert.equal(metadataOf(jsonOfObject(labelled))['generation'], 2);
      await cluster.delete(ref);
    },
  },
  {
    name: 'server-side apply: fields come, go and are in conflict',
    async run(cluster, namespace) {
      const ref = refTo(namespace, 'apply');
      const apply = async (manager: string, data: JsonObject, isForced = false) => {
        const metadata = { name: ref.name };
        const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
        const options = { fieldManager: manager, isForced };
        return jsonOfObject(await cluster.patch(ref, 'apply', body, options))['data'];
      };
      assert.deepEqual(await apply('one', { a: '1', b: '1' }), { a: '1', b: '1' });
      assert.deepEqual(await apply('two', { b: '1', c: '1' }), { a: '1', b: '1', c: '1' });
      assert.deepEqual(await apply('one', { b: '1' }), { b: '1', c: '1' });
      const conflict = await rejectsWith(apply('two', { b: '2', c: '1' }), 'kube/conflict');
      assert.match(conflict.serverMessage, /^Apply failed with 1 conflict: conflict with "one"/);
      assert.deepEqual(await apply('two', { b: '2', c: '1' }, true), { b: '2', c: '1' });
      assert.deepEqual(await apply('one', {}), { b: '2', c: '1' });
      await rejectsWith(apply('', { a: '1' }), 'kube/invalid');
      const nameless = cluster.patch(
        refTo(namespace, 'nameless'),
        'apply',
        '{"apiVersion":"v1","kind":"ConfigMap"}',
        { fieldManager: 'one' },
      );
      await rejectsWith(nameless, 'kube/bad-request');
    },
  },
  {
    name: 'status is written through its subresource only',
    async run(cluster, namespace) {
      const name = `contract-${namespace}`;
      const spec = {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/x' },
      };
      const made = await create(cluster, {
        ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec },
        status: { phase: 'Failed' },
      });
      assert.notEqual((made['status'] as JsonObject | undefined)?.['phase'], 'Failed');
      const ref = { apiVersion: 'v1', kind: 'PersistentVolume', name };
      const patch = '{"status":{"message":"hello"}}';
      const read = async () =>
        ((await cluster.getJson(ref))?.['status'] as JsonObject | undefined)?.['message'];
      await cluster.patch(ref, 'merge', patch);
      assert.equal(await read(), undefined);
      await cluster.patch(ref, 'merge', patch, { subresource: 'status' });
      assert.equal(await read(), 'hello');
      await cluster.delete(ref);
    },
  },
  {
    name: 'label selectors',
    async run(cluster, namespace) {
      for (const name of ['sel-a', 'sel-b']) await create(cluster, configMap(namespace, name));
      const rows: readonly (readonly [string, string[]])[] = [
        ['tier=sel-a', ['sel-a']],
        ['tier==sel-b,app', ['sel-b']],
        ['tier in (sel-a,sel-b)', ['sel-a', 'sel-b']],
        ['tier in (sel-a,sel-b),tier!=sel-a', ['sel-b']],
        ['tier in (sel-a,sel-b),!app', []],
        ['tier in (sel-a, sel-b), tier notin (sel-b)', ['sel-a']],
      ];
      for (const [labelSelector, expected] of rows) {
        const found = await cluster.listJson({ ...refTo(namespace, ''), labelSelector });
        assert.deepEqual(
          found.map((object) => metadataOf(object)['name']),
          expected,
          labelSelector,
        );
      }
    },
  },
  {
    name: 'finalizers hold an object until they are gone',
    async run(cluster, namespace) {
      const object = configMap(namespace, 'held');
      metadataOf(object)['finalizers'] = ['example.org/hold'];
      await create(cluster, object);
      const ref = refTo(namespace, 'held');
      assert.equal(await cluster.delete(ref), 'deleted');
      assert.ok(metadataOf((await cluster.getJson(ref)) ?? {})['deletionTimestamp']);
      await cluster.patch(ref, 'merge', '{"metadata":{"finalizers":null}}');
      assert.equal(await cluster.get(ref), undefined);
    },
  },
  {
    name: 'Secrets keep their data as base64',
    async run(cluster, namespace) {
      const metadata = { name: 'contract', namespace };
      const made = await create(cluster, {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { a: 'é' } },
      });
      assert.deepEqual(made['data'], { a: 'w6k=' });
      assert.equal(made['type'], 'Opaque');
      assert.equal(made['stringData'], undefined);
    },
  },
  {
    name: 'a watch sees what is there, then every change, in order',
    async run(cluster, namespace) {
      await create(cluster, configMap(namespace, 'seen'));
      const log: string[] = [];
      const abort = new AbortController();
      const onEvent = (event: WatchEvent): void => {
        if (event.type === 'synced') log.push('synced');
        else log.push(`${event.type} ${String(metadataOf(event.object)['name'])}`);
        if (event.type !== 'synced') assert.equal(event.object['data'], undefined);
      };
      const query = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace,
        labelSelector: 'app=web,tier in (seen,later)',
      };
      const watching = cluster.watch({ ...query, isMetadataOnly: true }, onEvent, abort.signal);
      await until(() => log.includes('synced'));
      await create(cluster, configMap(namespace, 'later'));
      await cluster.patch(refTo(namespace, 'later'), 'merge', '{"data":{"a":"2"}}');
      await cluster.patch(refTo(namespace, 'seen'), 'merge', '{"metadata":{"labels":{"app":"x"}}}');
      await cluster.delete(refTo(namespace, 'later'));
      await until(() => log.length === 6);
      abort.abort();
      await watching;
      assert.deepEqual(log, [
        ...[
          'added seen',
          'synced',
          'added later',
          'modified later',
          'deleted seen',
          'deleted later',
        ],
      ]);
    },
  },
  {
    name: 'a CustomResourceDefinition brings its kind',
    async run(cluster, namespace) {
      const group = `${namespace}.example.org`;
      const crd: JsonObject = {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `things.${group}` },
        spec: {
          ...{ group, scope: 'Namespaced', names: { kind: 'Thing', plural: 'things' } },
          versions: [
            {
              ...{ name: 'v1', served: true, storage: true, subresources: { status: {} } },
              schema: {
                openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          ],
        },
      };
      await create(cluster, crd);
      const apiVersion = `${group}/v1`;
      const isServed = async () =>
        (await cluster.resources({ mustRefresh: true })).find(apiVersion, 'Thing') !== undefined;
      for (let look = 0; look < 100 && !(await isServed()); look++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.ok((await cluster.resources()).apiVersions().includes(`${apiVersion}/Thing`));
      const made = await create(cluster, {
        ...{ apiVersion, kind: 'Thing', metadata: { name: 'one', namespace }, spec: { size: 1 } },
      });
      assert.equal(metadataOf(made)['generation'], 1);
      const ref = { apiVersion, kind: 'Thing', namespace, name: 'one' };
      const strategic = cluster.patch(ref, 'strategic', '{"spec":{"size":2}}');
      assert.equal((await rejectsWith(strategic, 'kube/bad-request')).status, 415);
    },
  },
];
