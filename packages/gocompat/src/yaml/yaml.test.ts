// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { int64, intOf, type Method, Typed, types, type Value } from '../value/value.ts';
import { encodeYaml } from './encode.ts';
import { YamlError } from './errors.ts';
import { encodeYamlPretty } from './pretty.ts';
import { decodeYaml, decodeYamlDocuments, decodeYamlWithLines, yamlToJson } from './yaml.ts';

const map = (entries: Record<string, Value>): Value => new Map(Object.entries(entries));

test('numbers become what the option says', () => {
  const text = '[1, 1.5, 1e3, 9007199254740993, 18446744073709551615, -0]';
  assert.deepEqual(decodeYaml(text), [1, 1.5, 1000, 9007199254740992, 18446744073709552000, 0]);
  assert.deepEqual(decodeYaml(text, { numbers: 'int64orFloat64' }), [
    int64(1),
    1.5,
    int64(1000),
    int64(9007199254740993n),
    18446744073709552000,
    int64(0),
  ]);
  assert.deepEqual(
    decodeYaml('18446744073709551615', { numbers: 'exact' }),
    intOf('uint64', 2n ** 64n - 1n),
  );
  assert.equal(yamlToJson(text), '[1,1.5,1000,9007199254740993,18446744073709551615,0]');
});

test('aliases give values of their own', () => {
  const value = decodeYaml('a: &a {x: 1}\nb: *a');
  assert.ok(value instanceof Map);
  assert.deepEqual(value.get('a'), value.get('b'));
  assert.notEqual(value.get('a'), value.get('b'));
});

test('a text that would grow without end is refused', () => {
  const levels = Array.from({ length: 12 }, (_, i) =>
    i === 0
      ? 'a0: &a0 [x]'
      : `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join()}]`,
  );
  assert.throws(() => decodeYaml(levels.join('\n')), {
    message: 'error converting YAML to JSON: yaml: document contains excessive aliasing',
  });
});

test('deep nesting is an error, not a crash', () => {
  for (const text of [
    '['.repeat(5000),
    '- '.repeat(5000),
    '{a: '.repeat(5000),
    '? '.repeat(5000),
  ]) {
    assert.throws(() => decodeYaml(text), YamlError);
  }
  let value: Value = [];
  for (let i = 0; i < 5000; i++) value = [value];
  assert.throws(() => encodeYaml(value), YamlError);
});

test('a value that contains itself cannot be written', () => {
  const self: Value = new Map();
  self.set('self', self);
  assert.throws(() => encodeYaml(self), YamlError);
  assert.throws(() => encodeYamlPretty(self), YamlError);
});

test('documents come one by one', () => {
  const documents = decodeYamlDocuments('a: 1\n---\n---\n- b\n...\n---\nc: [');
  assert.deepEqual(documents.next().value, map({ a: 1 }));
  assert.equal(documents.next().value, null);
  assert.deepEqual(documents.next().value, ['b']);
  assert.throws(() => documents.next(), /did not find expected/);
  assert.deepEqual([...decodeYamlDocuments('# nothing\n')], []);
});

test('lines name where each value stands', () => {
  const text = 'a:\n  b: 1\n  c:\n  - x\n  - p: |\n      z\nd: &d {e: 2}\nf:\n  <<: *d\n  g: 3\n';
  const { value, lines } = decodeYamlWithLines(text);
  assert.deepEqual(value, decodeYaml(text));
  const a = lines.keys?.get('a');
  const f = lines.keys?.get('f');
  assert.equal(a?.line, 1);
  assert.equal(a?.keys?.get('b')?.line, 2);
  assert.deepEqual(
    a?.keys?.get('c')?.items?.map(({ line }) => line),
    [4, 5],
  );
  assert.equal(a?.keys?.get('c')?.items?.[1]?.keys?.get('p')?.line, 5);
  assert.equal(f?.keys?.get('e')?.line, 7);
  assert.equal(f?.keys?.get('g')?.line, 10);
});

test('Go types are written as Go writes them', () => {
  const text: Method = { params: [], result: types.string, call: () => '1m0s' };
  const duration = new Typed(
    { kind: 'int64', name: 'time.Duration', methods: new Map([['String', text]]) },
    int64(60_000_000_000n),
  );
  const struct = new Typed(
    {
      kind: 'struct',
      name: 'x.Y',
      fields: [
        { name: 'Zed', type: types.string, json: 'zed' },
        { name: 'APIVersion', type: types.string, json: 'apiVersion' },
      ],
    },
    new Map<string, Value>([
      ['Zed', 'z'],
      ['APIVersion', 'v1'],
    ]),
  );
  const bytes = new Typed(types.bytes, Uint8Array.of(104, 105));
  const values = new Typed({ ...types.map, name: 'chartutil.Values' }, map({ b: duration, a: 1 }));
  assert.equal(
    encodeYaml(map({ s: struct, b: bytes })),
    'b: aGk=\ns:\n  apiVersion: v1\n  zed: z\n',
  );
  assert.equal(encodeYaml(values), 'a: 1\nb: 60000000000\n');
  assert.equal(
    encodeYamlPretty(map({ s: struct, b: bytes })),
    'b:\n  - 104\n  - 105\ns:\n  zed: z\n  apiversion: v1\n',
  );
  assert.equal(encodeYamlPretty(values), 'a: 1\nb: 1m0s\n');
});

test('the order of keys does not depend on the order they were set in', () => {
  const names = ['1010', '10A_', '011\u00e9', 'b', 'a'];
  const texts = [names, names.toReversed()].map((order) =>
    encodeYaml(new Map(order.map((name) => [name, null]))),
  );
  assert.equal(texts[0], texts[1]);
});
