// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJson } from '@helm-operator/gocompat';
import { loadFiles } from '../chart/load-files.ts';
import { composeValues, type ValuesLayer } from './compose.ts';
import { processDependencies } from './dependencies.ts';
import { readValues } from './read-values.ts';
import { traceValues } from './trace.ts';

function layer(origin: string, text: string, isSecret = false): ValuesLayer {
  return { origin, values: readValues(text), isSecret };
}

const layers: readonly ValuesLayer[] = [
  layer('ConfigMap', 'a: 1\nt: {x: 1, w: 2}\nl: [1, 2]\nnum: 5'),
  layer('Secret', 'password: hunter2\nt: {w: null, z: s3cret-z}', true),
  { origin: '--set', isSecret: false, set: { line: 'l[1]=9,t.q=true', mode: 'typed' } },
  {
    origin: 'Secret key',
    isSecret: true,
    set: { line: 'token=tok-1234,num=null', mode: 'string' },
  },
];

test('layers are merged in order, null stays', () => {
  const { values } = composeValues(layers);
  const expected =
    '{"a":1,"l":[1,9],"num":"null","password":"hunter2","t":{"q":true,"w":null,"x":1,"z":"s3cret-z"},"token":"tok-1234"}';
  assert.equal(encodeJson(values), expected);
});

test('layers stay as they are', () => {
  const below = layer('below', 't: {a: 1}');
  composeValues([below, layer('above', 't: {b: 2}')]);
  assert.equal('values' in below && encodeJson(below.values), '{"t":{"a":1}}');
});

test('leaves of secret layers are masked, others not', () => {
  const { redactor } = composeValues(layers);
  assert.equal(redactor.redact('hunter2 s3cret-z tok-1234 ConfigMap'), '*** *** *** ConfigMap');
});

test('every leaf is told with the layer that set it', () => {
  const told: string[] = [];
  composeValues(layers, (path, { origin }) => told.push(`${path.join('.')} ${origin}`));
  assert.deepEqual(told.slice(-4), ['l --set', 't.q --set', 'token Secret key', 'num Secret key']);
});

test('values are traced to layers, charts and imports', () => {
  const file = (name: string, text: string) => ({ name, data: new TextEncoder().encode(text) });
  const loaded = loadFiles(
    [
      file(
        'Chart.yaml',
        'apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n- {name: sub, version: 1.x, import-values: [data]}\n',
      ),
      file('values.yaml', '# comment\na: 0\nb: own\nglobal: {g: 1}\nsub:\n  over: parent\n'),
      file('charts/sub/Chart.yaml', 'apiVersion: v2\nname: sub\nversion: 1.0.0'),
      file('charts/sub/values.yaml', 'over: child\nown: child\nexports: {data: {got: 1}}\n'),
    ],
    { unpack: () => [] },
  );
  const { values } = composeValues(layers);
  const traced = traceValues(processDependencies(loaded, values), layers);
  const rows = traced.map(({ path, origin, line, isSecret }) => [
    path.join('.'),
    origin,
    line,
    isSecret,
  ]);
  const wanted = [
    ['a', 'ConfigMap', undefined, false],
    ['b', 'values.yaml of chart top', 3, false],
    ['password', 'Secret', undefined, true],
    ['t.z', 'Secret', undefined, true],
    ['l', '--set', undefined, false],
    ['global.g', 'values.yaml of chart top', 4, false],
    ['sub.global.g', 'values.yaml of chart top', 4, false],
    ['sub.over', 'values.yaml of chart top', 6, false],
    ['sub.own', 'values.yaml of chart sub', 2, false],
    ['got', 'import-values of chart top', undefined, false],
  ];
  for (const row of wanted)
    assert.deepEqual(
      rows.find(([path]) => path === row[0]),
      row,
    );
});
