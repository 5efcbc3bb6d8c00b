// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { int64, Typed, types, type Value } from '../value/value.ts';
import { JsonSchemaError } from './errors.ts';
import { validateSchema } from './validate-schema.ts';

const map = (entries: Record<string, Value>): Value => new Map(Object.entries(entries));

test('integers of --set and floats of files are numbers alike', () => {
  const schema = '{"properties":{"n":{"type":"integer","maximum":10}}}';
  assert.equal(validateSchema(schema, map({ n: 3 })), '');
  assert.equal(validateSchema(schema, map({ n: int64(3) })), '');
  assert.equal(
    validateSchema(schema, map({ n: int64(11) })),
    "- at '/n': maximum: got 11, want 10\n",
  );
});

test('Go values JSON does not know are named', () => {
  const value = map({ a: new Typed(types.strings, ['x']) });
  assert.equal(
    validateSchema('{"properties":{"a":{"type":"array"}}}', value),
    "- at '/a': invalid jsonType []string\n",
  );
});

test('several violations come in the order of names', () => {
  const schema = '{"additionalProperties":{"type":"string"}}';
  const values = map({ b: 1, a: 2, c: 'x' });
  assert.equal(
    validateSchema(schema, values),
    "- at '/a': got number, want string\n- at '/b': got number, want string\n",
  );
});

test('schemas from elsewhere are refused, unresolved URNs allow everything', () => {
  assert.throws(
    () => validateSchema('{"$ref":"https://example.com/s.json"}', null),
    JsonSchemaError,
  );
  assert.equal(validateSchema('{"$ref":"urn:example:s"}', null), '');
});

test('a schema that refers to itself without end is reported', () => {
  assert.match(validateSchema('{"$ref":"#"}', null), /causing reference cycle/);
});
