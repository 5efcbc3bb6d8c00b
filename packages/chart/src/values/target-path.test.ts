// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJson } from '@helm-operator/gocompat';
import { loadFiles } from '../chart/load-files.ts';
import { composeValues, type ValuesLayer } from './compose.ts';
import { processDependencies } from './dependencies.ts';
import { explainValues } from './explain.ts';
import { readValues } from './read-values.ts';
import { targetLine, withTargetsOver } from './target-path.ts';
import { traceValues } from './trace.ts';

/** Source: spec helm-controller.md §2.5, checklist 58 to 65. */
const ROWS: readonly (readonly [
  what: string,
  path: string,
  text: string,
  isLiteral: boolean,
  gives: string,
])[] = [
  ['a word', 'a', 'word', false, '{"a":"word"}'],
  ['a path', 'merge.at.specific.path', 'x', false, '{"merge":{"at":{"specific":{"path":"x"}}}}'],
  ['true is a boolean', 'a', 'true', false, '{"a":true}'],
  ['a number', 'a', '42', false, '{"a":42}'],
  ['null', 'a', 'null', false, '{"a":null}'],
  ['nothing', 'a', '', false, '{"a":""}'],
  ['in double quotes it is text', 'a', '"true"', false, '{"a":"true"}'],
  ['in single quotes, too', 'a', "'42'", false, '{"a":"42"}'],
  ['all quotes at the ends go', 'a', `"'42'"`, false, '{"a":"42"}'],
  ['one quote alone', 'a', "'", false, '{"a":""}'],
  ['a list', 'a', '{x,y,1}', false, '{"a":["x","y",1]}'],
  ['an index', 'a[1].b', 'x', false, '{"a":[null,{"b":"x"}]}'],
  ['an escaped dot', String.raw`a.b\.c/d`, 'x', false, '{"a":{"b.c/d":"x"}}'],
  ['an escaped comma', 'a', String.raw`x\,y`, false, '{"a":"x,y"}'],
  ['a second pair', 'a', 'x,b=2', false, '{"a":"x","b":2}'],
  ['literal: a number', 'a', '42', true, '{"a":"42"}'],
  ['literal: true', 'a', 'true', true, '{"a":"true"}'],
  ['literal: quotes stay', 'a', '"x"', true, String.raw`{"a":"\"x\""}`],
  ['literal: commas', 'a', 'h:1,h:2', true, '{"a":"h:1,h:2"}'],
  ['literal: braces and brackets', 'a', '{x,[y]}', true, '{"a":"{x,[y]}"}'],
  ['literal: backslashes', 'a', String.raw`x\,y\z`, true, String.raw`{"a":"x\\,y\\z"}`],
  ['literal: lines', 'a', 'x\n y = 1\n', true, String.raw`{"a":"x\n y = 1\n"}`],
  ['literal: nothing', 'a', '', true, '{"a":""}'],
  ['literal: the path is read', String.raw`a.b\.c[0]`, 'x,y', true, '{"a":{"b.c":["x,y"]}}'],
];

for (const [what, path, text, isLiteral, gives] of ROWS) {
  test(`a target path sets ${what}`, () => {
    const set = targetLine({ path, isLiteral }, text);
    const { values } = composeValues([{ origin: 'Secret a/b', isSecret: true, set }]);
    assert.equal(encodeJson(values), gives);
  });
}

test('a text that --set cannot read is refused, and read literally', () => {
  const hosts = 'one:1,two:2';
  const compose = (isLiteral: boolean) =>
    composeValues([
      { origin: 'x', isSecret: false, set: targetLine({ path: 'a', isLiteral }, hosts) },
    ]);
  assert.throws(() => compose(false), /key "two:2" has no value/);
  assert.equal(encodeJson(compose(true).values), '{"a":"one:1,two:2"}');
});

const document = (origin: string, text: string) => ({
  origin,
  values: readValues(text),
  isSecret: false,
});
const target = (origin: string, path: string, text: string, isSecret = false): ValuesLayer => ({
  origin,
  isSecret,
  set: targetLine({ path, isLiteral: false }, text),
});

const ORDERS: readonly (readonly [
  what: string,
  inline: string,
  layers: readonly ValuesLayer[],
  gives: string,
])[] = [
  [
    'an element of an inline list, below a later document',
    'nested: {configuration: [list, item, option]}',
    [
      target('one', 'nested.configuration[0]', 'value'),
      document('two', 'nested: {configuration: [one, two, three]}\nflat: value'),
    ],
    '{"flat":"value","nested":{"configuration":["value","item","option"]}}',
  ],
  ['an inline scalar gives way', 'replicas: 1', [target('one', 'replicas', '5')], '{"replicas":5}'],
  [
    'an inline scalar gives way though a document has the map, too',
    'a: {k: 1}',
    [document('one', 'a: {k: 0, m: 0}'), target('two', 'a.k', '5')],
    '{"a":{"k":5,"m":0}}',
  ],
  [
    'inline wins over documents',
    'a: 3',
    [document('one', 'a: 1\nb: 1'), document('two', 'a: 2')],
    '{"a":3,"b":1}',
  ],
  [
    'a later document wins over a path that inline does not name',
    'other: 1',
    [target('one', 'a.b', 'x'), document('two', 'a: {b: later}')],
    '{"a":{"b":"later"},"other":1}',
  ],
  [
    'of two paths the later wins',
    'a: {b: 1}',
    [target('one', 'a.b', 'x'), target('two', 'a.b', 'y')],
    '{"a":{"b":"y"}}',
  ],
];

for (const [what, inline, layers, gives] of ORDERS) {
  test(`target paths and their order: ${what}`, () => {
    const ordered = withTargetsOver(document('spec.values', inline), layers);
    assert.equal(encodeJson(composeValues(ordered).values), gives);
  });
}

test('a value of a target path is traced to its object, and masked', () => {
  const file = (name: string, text: string) => ({ name, data: new TextEncoder().encode(text) });
  const chart = loadFiles(
    [
      file('Chart.yaml', 'apiVersion: v2\nname: top\nversion: 1.0.0'),
      file('values.yaml', 'db: {password: change-me, host: local}'),
    ],
    { unpack: () => [] },
  );
  const origin = 'Secret apps/db key password at db.password';
  const layers = withTargetsOver(document('spec.values', 'db: {password: inline}'), [
    target(origin, 'db.password', 'sword-fish', true),
  ]);
  const { values, redactor } = composeValues(layers);
  const traced = traceValues(processDependencies(chart, values), layers);
  const told = traced.map((one) => [one.path.join('.'), one.origin, one.isSecret]);
  assert.deepEqual(told.toSorted(), [
    ['db.host', 'values.yaml of chart top', false],
    ['db.password', origin, true],
  ]);
  assert.equal(redactor.redact('psql -p sword-fish'), 'psql -p ***');
  const [explained] = explainValues(chart, layers, ['db', 'password']);
  assert.deepEqual(
    [explained, ...(explained?.overridden ?? [])].map((source) => source?.origin),
    [origin, 'spec.values', 'values.yaml of chart top'],
  );
});
