// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeYaml,
  deepEqual,
  encodeJson,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import fc from 'fast-check';
import { fieldChanges, fieldsOf } from './changes.ts';

function parse(text: string): ValueMap {
  const value = decodeYaml(text, { numbers: 'int64orFloat64' });
  assert.ok(value instanceof Map);
  return value;
}

/** `path: before → after`, absent sides as `-`. */
function shown(before: string, after: string): readonly string[] {
  const side = (value: Value | undefined): string =>
    value === undefined ? '-' : encodeJson(value).replaceAll('\\u003e', '>');
  return fieldChanges(parse(before), parse(after)).map(
    (change) => `${change.path}: ${side(change.before)} → ${side(change.after)}`,
  );
}

test('fields that come, go and change, named by their path', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['{a: 1}', '{a: 1}', []],
    ['{a: 1}', '{a: 2}', ['a: 1 → 2']],
    ['{a: {b: 1}}', '{a: {c: 1}}', ['a.b: 1 → -', 'a.c: - → 1']],
    ['{a: 1}', '{a: "1"}', ['a: 1 → "1"']],
    ['{"x.y/z": 1}', '{"x.y/z": 2}', ['["x.y/z"]: 1 → 2']],
    ['{l: [1, 2]}', '{l: [1, 3, 4]}', ['l[1]: 2 → 3', 'l[2]: - → 4']],
    ['{l: [{name: a, v: 1}]}', '{l: [{name: a, v: 2}]}', ['l[name=a].v: 1 → 2']],
    [
      '{l: [{name: a}, {name: b}]}',
      '{l: [{name: b}, {name: c}]}',
      ['l[name=a]: {"name":"a"} → -', 'l[name=c]: - → {"name":"c"}'],
    ],
    ['{l: [{name: a}, {name: b}]}', '{l: [{name: b}, {name: a}]}', ['l[order]: "a, b" → "b, a"']],
    // Two elements of one name are told apart by their place.
    ['{l: [{name: a}, {name: a}]}', '{l: [{name: a}, {name: b}]}', ['l[1].name: "a" → "b"']],
    ['{p: [{port: 80, k: 1}]}', '{p: [{port: 80, k: 2}]}', ['p[port=80].k: 1 → 2']],
    ['{status: {a: 1}, metadata: {uid: x, name: n}}', '{metadata: {name: n, generation: 3}}', []],
    [
      '{kind: Secret, data: {p: b2xk, q: eA==}, stringData: {s: x}}',
      '{kind: Secret, data: {p: bmV3LW5ldw==, q: eA==}, stringData: {s: yy}}',
      [
        'data.p: "(hidden, 3 bytes)" → "(hidden, 7 bytes)"',
        'stringData.s: "(hidden, 1 bytes)" → "(hidden, 2 bytes)"',
      ],
    ],
    ['{kind: Secret}', '{kind: Secret, data: {p: b2xk}}', ['data: - → {"p":"(hidden, 3 bytes)"}']],
  ];
  for (const [before, after, expected] of rows) {
    assert.deepEqual(shown(before, after), expected, `${before} ${after}`);
  }
});

test('a new Secret is shown without its contents', () => {
  const object = fieldsOf(parse('{kind: Secret, data: {p: b2xk}, stringData: {s: secret}}'));
  assert.equal(
    encodeJson(object),
    '{"data":{"p":"(hidden, 3 bytes)"},"kind":"Secret","stringData":{"s":"(hidden, 6 bytes)"}}',
  );
});

const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 3 }), fc.constant(null));
const { node } = fc.letrec<{ node: Value }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('node'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'name', 'port'), tie('node')), { maxLength: 3 })
      .map((entries) => new Map(entries) as ValueMap),
  ),
}));

test('there are no changes exactly where nothing differs', () => {
  fc.assert(
    fc.property(node, node, (a, b) => {
      const [before, after] = [new Map([['spec', a]]), new Map([['spec', b]])];
      assert.deepEqual(fieldChanges(before, before), []);
      assert.equal(fieldChanges(before, after).length === 0, deepEqual(before, after));
    }),
    { numRuns: 500 },
  );
});
