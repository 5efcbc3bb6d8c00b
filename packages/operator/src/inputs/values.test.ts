// SPDX-License-Identifier: Apache-2.0

/** Values from where they are: order, keys, namespaces, what may be absent, and what is never told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHelmRelease, type ReleaseIntent, type ValuesSource } from '@helm-operator/api';
import { decodeJson, encodeJson, type ValueMap } from '@helm-operator/gocompat';
import { KubeError } from '@helm-operator/kube';
import { packChart } from '../../../../test/kit/chart-repository.ts';
import { composeInputs, type ValuesWorld } from './values.ts';

const CHART = new URL('../../../../demo/charts/web', import.meta.url).pathname;
const signal = new AbortController().signal;

interface World {
  /** `KIND NAMESPACE/NAME` → its keys. */
  readonly objects?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly documents?: Readonly<Record<string, string>>;
}

async function worldOf({ objects = {}, documents = {} }: World): Promise<ValuesWorld> {
  const { archive: bytes } = await packChart(CHART, new Map([['extra.yaml', 'from: chart']]));
  const chart = { bytes, digest: 'sha256:1', metadata: { name: 'web', version: '1.0.0' } };
  return {
    chart,
    cluster: {
      get: async ({ kind, namespace, name }: Record<string, string>) => {
        if (name === 'forbidden')
          throw new KubeError({ code: 'kube/forbidden', message: `${kind} ${name} is forbidden` });
        const data = objects[`${kind} ${namespace}/${name}`];
        if (data === undefined) return undefined;
        const encoded = Object.entries(data).map(
          ([key, text]) =>
            [key, kind === 'Secret' ? Buffer.from(text).toString('base64') : text] as const,
        );
        return new Map([['data', new Map(encoded)]]);
      },
    } as never,
    charts: {
      fetch: async () => chart,
      document: async (url) => {
        const text = documents[url];
        if (text === undefined) throw new Error(`GET ${url}: 404`);
        return { text, version: '1' };
      },
    },
  };
}

function intentOf(spec: object): ReleaseIntent {
  const object = {
    ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
    metadata: { namespace: 'apps', name: 'web' },
    spec: { chart: { repository: 'http://charts.test', name: 'web', version: '1.0.0' }, ...spec },
  };
  return decodeHelmRelease(decodeJson(JSON.stringify(object)) as ValueMap);
}

async function compose(spec: object, world: World = {}): Promise<unknown> {
  const { values } = await composeInputs(intentOf(spec), await worldOf(world), signal);
  return JSON.parse(encodeJson(values));
}

const config = (name: string, more: object = {}) => ({ configMapKeyRef: { name, ...more } });
const secret = (name: string, more: object = {}) => ({ secretKeyRef: { name, ...more } });
const url = (at: string, more: object = {}) => ({ externalSourceRef: { url: at, ...more } });
const file = (path: string, more: object = {}) => ({ chartFileRef: { path, ...more } });
const optional = { optional: true };

const OBJECTS = {
  'ConfigMap apps/one': { 'values.yaml': 'a: 1\nmap: {x: 1, w: 1}\nlist: [1, 2]', own: 'a: own' },
  'ConfigMap other/one': { 'values.yaml': 'a: other' },
  'Secret apps/two': { 'values.yaml': 'a: 2\nmap: {w: 2, z: {deep: 2}}\nlist: [3]' },
  'Secret other/two': { key: 'a: cross' },
  'ConfigMap apps/bad': { 'values.yaml': 'a: [b' },
};
const DOCUMENTS = { 'https://values.test/v.yaml': 'a: url' };

const ROWS: readonly (readonly [what: string, spec: object, gives: unknown])[] = [
  ['nothing at all', {}, {}],
  ['values that are no map', { values: 'text' }, {}],
  ['an entry without a reference', { valuesFrom: [{}], values: { a: 1 } }, { a: 1 }],
  [
    'maps merge, lists and scalars are replaced, inline wins',
    { valuesFrom: [config('one'), secret('two')], values: { map: { x: 3 } } },
    { a: 2, map: { x: 3, w: 2, z: { deep: 2 } }, list: [3] },
  ],
  [
    'the order of the list counts, not the kind',
    { valuesFrom: [secret('two'), config('one')] },
    { a: 1, map: { x: 1, w: 1, z: { deep: 2 } }, list: [1, 2] },
  ],
  [
    'valueFileSecrets are lowest',
    { valueFileSecrets: [{ name: 'two' }], valuesFrom: [config('one', { key: 'own' })] },
    { a: 'own', map: { w: 2, z: { deep: 2 } }, list: [3] },
  ],
  [
    'a map gives way to a scalar',
    { valuesFrom: [config('one')], values: { map: 1, list: 1 } },
    {
      ...{ a: 1, map: 1, list: 1 },
    },
  ],
  ['another namespace', { valuesFrom: [config('one', { namespace: 'other' })] }, { a: 'other' }],
  [
    'another namespace and key',
    { valuesFrom: [secret('two', { namespace: 'other', key: 'key' })] },
    { a: 'cross' },
  ],
  [
    'the first reference of an entry counts',
    {
      valuesFrom: [
        {
          ...url('https://values.test/v.yaml'),
          ...secret('two', {}),
          ...config('one', { key: 'own' }),
        },
      ],
    },
    { a: 'own' },
  ],
  ['a URL', { valuesFrom: [url('https://values.test/v.yaml')] }, { a: 'url' }],
  ['a file of the chart', { valuesFrom: [file('extra.yaml')] }, { from: 'chart' }],
  [
    'what is optional may be absent, lack its key, be no YAML, be refused or be nowhere',
    {
      valuesFrom: [
        config('absent', optional),
        config('one', { key: 'absent', ...optional }),
        config('bad', optional),
        secret('absent', optional),
        url('https://values.test/absent.yaml', optional),
        url('ftp://values.test/v.yaml', optional),
        file('absent.yaml', optional),
        file('../../etc/passwd', optional),
      ],
      values: { a: 1 },
    },
    { a: 1 },
  ],
];
for (const [what, spec, gives] of ROWS) {
  test(`values: ${what}`, async () => {
    assert.deepEqual(await compose(spec, { objects: OBJECTS, documents: DOCUMENTS }), gives);
  });
}

const REFUSED: readonly (readonly [what: string, source: object, says: RegExp])[] = [
  [
    'an absent ConfigMap',
    config('absent'),
    /ConfigMap apps\/absent of spec\.valuesFrom does not exist/,
  ],
  ['an absent Secret', secret('absent', { namespace: 'x' }), /Secret x\/absent .* does not exist/],
  ['an absent key', config('one', { key: 'k' }), /could not find key k in ConfigMap apps\/one/],
  ['no YAML', config('bad'), /key values\.yaml of ConfigMap apps\/bad is not a YAML map/],
  ['a refusal, optional or not', config('forbidden', optional), /forbidden/],
  ['another scheme', url('ftp://values.test/v.yaml'), /must begin with http:\/\/ or https:\/\//],
  ['a document that is not there', url('https://values.test/x.yaml'), /404/],
  ['an absent file of the chart', file('absent.yaml'), /chart web 1\.0\.0 has no such file/],
];
for (const [what, source, says] of REFUSED) {
  test(`values are refused: ${what}`, async () => {
    await assert.rejects(compose({ valuesFrom: [source] }, { objects: OBJECTS }), says);
  });
}

for (const path of ['../../../etc/passwd', '/etc/passwd', 'templates/../../secret.yaml']) {
  test(`B17: chartFileRef ${path} reads nothing outside of the chart`, async () => {
    await assert.rejects(compose({ valuesFrom: [file(path)] }), /has no such file/);
  });
}

test('B18: what a source of values holds stands in no error', async () => {
  const held = { 'values.yaml': 'password: sword-fish\n- broken' };
  const objects = { 'ConfigMap apps/loud': held, 'Secret apps/loud': held };
  const documents = { 'https://values.test/loud': held['values.yaml'] };
  const sources = [config('loud'), secret('loud'), url('https://values.test/loud')];
  for (const source of sources) {
    const error = await compose({ valuesFrom: [source] }, { objects, documents }).then(
      () => assert.fail('it was read'),
      (reason: unknown) => reason,
    );
    const chain: string[] = [];
    for (let next = error; next instanceof Error; next = next.cause) chain.push(String(next.stack));
    assert.doesNotMatch(chain.join('\n'), /sword-fish/);
  }
});

/** One key of an object, in the middle of what a dialect gives. */
const at = (
  kind: 'Secret' | 'ConfigMap',
  key: string,
  path: string,
  more: { readonly isLiteral?: boolean; readonly isOptional?: boolean } = {},
): ValuesSource => ({
  ...{ kind, namespace: 'apps', name: 'plain', key, isOptional: more.isOptional ?? false },
  target: { path, isLiteral: more.isLiteral ?? false },
});
const HELD = { number: '5', hosts: 'a:1,b:2', password: "'sword-fish'" };
const PLAIN = { 'ConfigMap apps/plain': HELD, 'Secret apps/plain': HELD };

async function composeSources(
  sources: readonly ValuesSource[],
): Promise<Awaited<ReturnType<typeof composeInputs>>> {
  const intent = intentOf({ values: { replicas: 1, db: { password: 'inline' } } });
  const values = [...sources, ...intent.values];
  return composeInputs({ ...intent, values }, await worldOf({ objects: PLAIN }), signal);
}

test('target paths put keys where they belong, over inline values; secrets are masked', async () => {
  const { values, redactor } = await composeSources([
    at('ConfigMap', 'number', 'replicas'),
    at('ConfigMap', 'hosts', 'hosts', { isLiteral: true }),
    at('Secret', 'password', 'db.password'),
    at('Secret', 'absent', 'never', { isOptional: true }),
  ]);
  assert.deepEqual(JSON.parse(encodeJson(values)), {
    ...{ replicas: 5, hosts: 'a:1,b:2' },
    db: { password: 'sword-fish' },
  });
  assert.equal(redactor.redact('sword-fish a:1,b:2'), '*** a:1,b:2');
});

const NOT_SET: readonly (readonly [what: string, source: ValuesSource, says: RegExp])[] = [
  [
    'an absent key',
    at('Secret', 'absent', 'a'),
    /could not find key absent in Secret apps\/plain: add it/,
  ],
  [
    'a text that --set cannot read',
    at('Secret', 'hosts', 'a', { isOptional: true }),
    /what Secret apps\/plain holds for targetPath a is nothing that --set could read: .* set literal: true/,
  ],
  [
    'no path',
    at('Secret', 'number', 'a[x]', { isLiteral: true }),
    /targetPath a\[x\].*mend the path/,
  ],
  [
    'a path through a scalar',
    at('Secret', 'number', 'replicas.max'),
    /values of spec\.valuesFrom cannot be set \(Secret apps\/plain key number at replicas\.max\).*lead through maps/,
  ],
];
for (const [what, source, says] of NOT_SET) {
  test(`a target path is refused: ${what}`, async () => {
    await assert.rejects(composeSources([source]), says);
  });
}

test('an object that is named twice is read once, so that both see one version', async () => {
  const world = await worldOf({ objects: PLAIN });
  const reads: string[] = [];
  const get: ValuesWorld['cluster']['get'] = (ref, options) => {
    reads.push(ref.name);
    return world.cluster.get(ref, options);
  };
  const values = [at('Secret', 'number', 'a'), at('Secret', 'number', 'b')];
  const intent = { ...intentOf({}), values };
  await composeInputs(intent, { ...world, cluster: { ...world.cluster, get } }, signal);
  assert.deepEqual(reads, ['plain']);
});
