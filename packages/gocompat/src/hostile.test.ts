// SPDX-License-Identifier: Apache-2.0

/** Texts that mean harm: each is refused in clear words, or read, in bounded time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJson } from './json/decode.ts';
import { validateSchema } from './jsonschema/validate-schema.ts';
import { compileRegexp } from './regexp/regexp.ts';
import { decodeToml } from './toml/decode.ts';
import type { Value } from './value/value.ts';
import { decodeYaml } from './yaml/yaml.ts';

const PATIENCE_MS = 30_000;
const deep = (count: number, open: string, close: string, middle = ''): string =>
  open.repeat(count) + middle + close.repeat(count);

function nested(depth: number): Value {
  let value: Value = 1;
  for (let i = 0; i < depth; i++) value = new Map([['a', value]]);
  return value;
}

/** Each letter names nine of the one before. */
function aliasBomb(): string {
  const letters = [...'abcdefghijkl'];
  const first = 'a: &a [x, x, x, x, x, x, x, x, x]';
  const rest = letters.slice(1).map((letter, i) => {
    const nine = Array.from({ length: 9 }, () => `*${letters[i]}`).join(', ');
    return `${letter}: &${letter} [${nine}]`;
  });
  return [first, ...rest].join('\n');
}

/** Forty schemas, each twice the one before. */
function schemaBomb(): string {
  const $defs: Record<string, unknown> = { d0: { type: 'string' } };
  for (let i = 1; i < 40; i++) {
    const $ref = `#/$defs/d${i - 1}`;
    $defs[`d${i}`] = { anyOf: [{ $ref }, { $ref }] };
  }
  return JSON.stringify({ $defs, $ref: '#/$defs/d39' });
}

const REFUSED: readonly (readonly [name: string, read: () => unknown, message: RegExp])[] = [
  ['YAML aliases that multiply', () => decodeYaml(aliasBomb()), /excessive aliasing/],
  [
    'a YAML anchor inside itself',
    () => decodeYaml('a: &a [*a]'),
    /anchor 'a' value contains itself/,
  ],
  ['deep YAML lists', () => decodeYaml(deep(100_000, '[', ']')), /exceeded max depth/],
  ['deep YAML maps', () => decodeYaml(deep(100_000, '{a: ', '}', '1')), /exceeded max depth/],
  ['deep YAML blocks', () => decodeYaml(`${'- '.repeat(100_000)}x`), /exceeded max depth/],
  ['YAML question marks', () => decodeYaml('? '.repeat(100_000)), /exceeded max depth/],
  ['deep JSON lists', () => decodeJson(deep(200_000, '[', ']')), /exceeded max depth/],
  ['deep JSON objects', () => decodeJson(deep(200_000, '{"a":', '}', '1')), /exceeded max depth/],
  ['deep TOML lists', () => decodeToml(`a = ${deep(200_000, '[', ']')}`), /exceeded max depth/],
  ['deep TOML keys', () => decodeToml(`${'a.'.repeat(200_000)}b = 1`), /exceeded max depth/],
  ['deep TOML headers', () => decodeToml(`[${'a.'.repeat(200_000)}b]`), /exceeded max depth/],
  ['deep groups of a pattern', () => compileRegexp(deep(5000, '(', ')')), /nests too deeply/],
  ['repeats of repeats', () => compileRegexp('((a{0,100}){0,100}){0,100}'), /invalid repeat count/],
  [
    'deep schemas',
    () => validateSchema(deep(20_000, '{"not":', '}', '{}'), new Map()),
    /depth|deep/,
  ],
  [
    'a schema that multiplies',
    () => validateSchema(schemaBomb(), new Map()),
    /more than \d+ steps/,
  ],
  [
    'a recursive schema over deep values',
    () => validateSchema('{"properties":{"a":{"$ref":"#"}}}', nested(50_000)),
    /too deeply/,
  ],
];

for (const [name, read, message] of REFUSED) {
  test(`${name}: refused`, () => {
    const startedMs = performance.now();
    assert.throws(read, (error) => {
      assert.ok(error instanceof Error && 'code' in error, String(error));
      assert.match(String(error.code), /^gocompat\//);
      assert.match(error.message, message);
      return true;
    });
    assert.ok(performance.now() - startedMs < PATIENCE_MS, 'in bounded time');
  });
}

const READ: readonly (readonly [name: string, read: () => unknown])[] = [
  [
    'a merge key with 50,000 aliases',
    () => decodeYaml(`a: &a {x: 1}\nb: {<<: [${Array(50_000).fill('*a').join(',')}]}`),
  ],
  ['a scalar of ten megabytes', () => decodeYaml(`a: ${'x'.repeat(10_000_000)}`)],
  [
    'fifty thousand keys',
    () => decodeYaml(Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join('\n')),
  ],
  ['a million comments', () => decodeYaml('#\n'.repeat(1_000_000))],
  ['a million blanks', () => decodeYaml(' '.repeat(1_000_000))],
  ['a hundred thousand documents', () => decodeYaml('---\n'.repeat(100_000))],
  ['nested repetitions', () => compileRegexp('(a*)*(a*)*(a*)*b').matchString('a'.repeat(10_000))],
  [
    'overlapping alternatives',
    () => compileRegexp('^(a|aa)+$').matchString(`${'a'.repeat(10_000)}b`),
  ],
  [
    'a pattern in a schema',
    () =>
      validateSchema(
        '{"properties":{"a":{"pattern":"^(a+)+$"}}}',
        new Map([['a', `${'a'.repeat(10_000)}b`]]),
      ),
  ],
  [
    'a schema with 5,000 properties',
    () =>
      validateSchema(
        JSON.stringify({
          properties: Object.fromEntries(
            Array.from({ length: 5000 }, (_, i) => [`k${i}`, { type: 'string' }]),
          ),
        }),
        new Map([['k5', 1]]),
      ),
  ],
  ['a schema that is itself', () => validateSchema('{"$ref":"#"}', new Map())],
  [
    'schemas that refer to each other',
    () =>
      validateSchema(
        '{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}',
        new Map(),
      ),
  ],
];

for (const [name, read] of READ) {
  test(`${name}: read`, () => {
    const startedMs = performance.now();
    read();
    assert.ok(performance.now() - startedMs < PATIENCE_MS, 'in bounded time');
  });
}

test('a byte order mark, CRLF and bytes that are no UTF-8', () => {
  assert.deepEqual(
    decodeYaml('\ufeffa: 1\r\nb: x\r\n'),
    new Map<string, Value>([
      ['a', 1],
      ['b', 'x'],
    ]),
  );
  assert.throws(
    () => decodeYaml('a: \udcff'),
    /invalid (?:leading|trailing) UTF-8 octet|control characters/,
  );
  assert.deepEqual(decodeToml('\ufeffa = 1\r\n').size, 1);
  assert.throws(() => decodeToml('a = "\udcff"'), /invalid UTF-8 byte: 0xff/);
});

test('names of JavaScript are keys like others', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const json = `{${names.map((name) => `"${name}":{"x":1}`).join()}}`;
  for (const read of [decodeJson, decodeYaml]) {
    const value = read(json);
    assert.ok(value instanceof Map);
    assert.deepEqual([...value.keys()], names);
  }
  assert.deepEqual([...decodeToml(names.map((name) => `${name} = 1`).join('\n')).keys()], names);
  assert.equal(
    validateSchema(
      `{"additionalProperties":false,"properties":{"x":{}}}`,
      new Map([['__proto__', 1]]),
    ),
    "- at '': additional properties '__proto__' not allowed\n",
  );
  assert.equal(Object.hasOwn(Object.prototype, 'x'), false);
});
