// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { int64, typedDuration, type Value } from '@helm-operator/gocompat';
import { defineFunction } from '@helm-operator/gotemplate';
import { tarball } from '../../../../test/kit/tarball.ts';
import { loadArchive } from '../chart/load-archive.ts';
import { nodePorts } from '../ports/node.ts';
import { createTemplateCache } from '../render/template-cache.ts';
import { composeValues } from '../values/compose.ts';
import { explainValue } from './explain-value.ts';
import { objectLayer, setLayer, yamlLayer } from './layers.ts';
import { loadChart } from './load-chart.ts';
import { plainValue } from './plain-value.ts';
import { renderRelease } from './render-release.ts';
import { valuePath } from './value-path.ts';

const META = 'apiVersion: v2\nname: c\nversion: 1.0.0\n';
const ports = nodePorts();
const gunzip = (bytes: Uint8Array, maxOutputLength: number) =>
  new Uint8Array(gunzipSync(bytes, { maxOutputLength }));

/** A chart in an archive in an archive in an archive. */
function nested(): Uint8Array {
  const inner = tarball({ 'd/Chart.yaml': META.replace('c', 'd'), 'd/values.yaml': 'x: 1' });
  const middle = tarball({
    'b/Chart.yaml': META.replace('name: c', 'name: b'),
    'b/charts/d-1.0.0.tgz': inner,
  });
  return tarball({ 'c/Chart.yaml': META, 'c/charts/b-1.0.0.tgz': middle, 'c/README.md': 'r' });
}

test('an archive of archives is the chart that the loader of the engine gives', async () => {
  const bytes = nested();
  assert.deepEqual(await loadChart(bytes), loadArchive(bytes, { gunzip }));
  for (const broken of [new Uint8Array(0), bytes.subarray(0, 100), gzipSync('x')]) {
    await assert.rejects(loadChart(broken), { code: 'chart/archive' });
  }
});

test('a folder is read as Helm reads it: without what .helmignore names, nor byte order marks', async () => {
  const chart = await loadChart([
    ['Chart.yaml', `\ufeff${META}`],
    ['.helmignore', 'secret/\n*.bak'],
    ['secret/key', 'x'],
    ['files/a.bak', 'x'],
    ['files/a.txt', 'x'],
    ['charts/b.tgz', tarball({ 'b/Chart.yaml': META.replace('name: c', 'name: b') })],
  ]);
  assert.deepEqual(
    chart.files.map(({ name }) => name),
    ['.helmignore', 'files/a.txt'],
  );
  assert.equal(chart.dependencies[0]?.metadata.name, 'b');
  const broken = loadChart([
    ['Chart.yaml', META],
    ['charts/b.tgz', 'no archive'],
  ]);
  await assert.rejects(broken, { message: /error unpacking subchart b.tgz in c/ });
  await assert.rejects(loadChart([]), { message: 'Chart.yaml file is missing' });
});

test('layers say the same in YAML, as objects and as lines', () => {
  const wanted = new Map<string, Value>([['a', new Map<string, Value>([['b', 1]])]]);
  const { values } = composeValues([yamlLayer('a: {b: 1}')]);
  assert.deepEqual(values, wanted);
  assert.deepEqual(composeValues([objectLayer({ a: { b: 1, c: undefined } })]).values, wanted);
  assert.deepEqual(
    composeValues([setLayer('a.b=1')]).values,
    new Map([['a', new Map([['b', int64(1)]])]]),
  );
  const odd = objectLayer({ n: 2n ** 60n, m: new Map([['k', null]]), ['__proto__']: { x: true } });
  assert.deepEqual([...odd.values.keys()], ['n', 'm', '__proto__']);
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  for (const wrong of [{ a: new Date(0) }, { a: () => 1 }, [1], cyclic]) {
    assert.throws(() => objectLayer(wrong), { code: 'chart/values' });
  }
});

test('values come back as plain JavaScript', () => {
  const value = new Map<string, Value>([
    ['__proto__', int64(1)],
    ['big', int64(2n ** 60n)],
    ['list', [null, 'x', true, 1.5]],
    ['time', typedDuration(1_500_000_000n)],
  ]);
  const plain = plainValue(value);
  assert.deepEqual(
    JSON.stringify(plain, (_, one) => (typeof one === 'bigint' ? `${one}n` : one)),
    '{"__proto__":1,"big":"1152921504606846976n","list":[null,"x",true,1.5],"time":"1.5s"}',
  );
});

test('a release is rendered with what is asked for', async () => {
  const chart = await loadChart([
    ['Chart.yaml', META],
    ['values.yaml', 'a: 1\n'],
    ['crds/c.yaml', 'kind: CustomResourceDefinition\n'],
    [
      'templates/a.yaml',
      'x: {{ .Release.Name }} {{ .Release.Namespace }} {{ .Release.Revision }} {{ .Release.IsUpgrade }} {{ .Values.a }} {{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.APIVersions.Has "x/v1" }} {{ len (lookup "v1" "Pod" "n" "p") }}',
    ],
  ]);
  const line = (options: object) =>
    /x: (.*)/.exec(renderRelease(chart, { ports, ...options }).manifest)?.[1];
  assert.equal(line({}), 'release-name default 1 false 1 v1.37.0 false 0');
  const all = {
    ...{ name: 'r', namespace: 'n', revision: 2, isUpgrade: true, kubeVersion: '1.30' },
    layers: [setLayer('a=2')],
    apiVersions: ['x/v1'],
    lookup: () => new Map([['kind', 'Pod']]),
  };
  assert.equal(line(all), 'r n 2 true 2 v1.30 true 1');
  assert.equal(line({ profile: 'helm4' }), 'release-name default 1 false 1 v1.36.0 false 0');
  const withCrds = renderRelease(chart, { ports, mustIncludeCrds: true }).manifest;
  assert.match(withCrds, /^---\n# Source: c\/crds\/c.yaml/);
});

test('functions of one chart do not leak into another rendering, cache or not', async () => {
  const chart = await loadChart([
    ['Chart.yaml', META],
    ['templates/a.yaml', 'x: {{ mine 1 }}'],
  ]);
  const cache = createTemplateCache(1_000_000);
  const mine = (text: string) => defineFunction('mine', (value) => `${text}${String(value)}`);
  for (const text of ['a', 'b', 'a']) {
    const options = { ports, cache, functions: [mine(text)] };
    assert.match(renderRelease(chart, options).manifest, new RegExp(`x: ${text}1`));
  }
  assert.throws(() => renderRelease(chart, { ports, cache }), {
    code: 'chart/render',
    message: /function "mine" not defined/,
  });
});

test('limits, secrets and paths', async () => {
  const chart = await loadChart([
    ['Chart.yaml', META],
    ['templates/a.yaml', '{{ range until 1000 }}{{ . }}{{ end }}{{ fail .Values.p }}'],
  ]);
  const layers = [objectLayer({ p: 'canary-77' }, { isSecret: true, origin: 'Secret s' })];
  assert.throws(() => renderRelease(chart, { ports, limits: { steps: 100 } }), {
    code: 'gotemplate/steps',
    message: /c\/templates\/a.yaml:1:\d+: more than 100 steps; .* raise the limit `steps`/,
  });
  assert.throws(
    () => renderRelease(chart, { ports, layers }),
    (error) => {
      assert.ok(error instanceof Error && error.message.includes('canary-77'));
      assert.doesNotMatch(composeValues(layers).redactor.redact(error.message), /canary/);
      return true;
    },
  );
  const [explained] = explainValue(chart, layers, '.Values.p');
  assert.deepEqual([explained?.origin, explained?.isSecret], ['Secret s', true]);
  assert.deepEqual(explainValue(chart, layers, 'none'), []);
  assert.deepEqual(valuePath('.Values.a.b\\.c'), ['a', 'b.c']);
});
