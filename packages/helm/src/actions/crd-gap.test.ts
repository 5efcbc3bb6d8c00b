// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { crdGap } from './crd-gap.ts';

type Fields = Readonly<Record<string, unknown>>;

const definition = (versions: Readonly<Record<string, Fields>>): ValueMap =>
  decodeJson(
    JSON.stringify({
      spec: {
        versions: Object.entries(versions).map(([name, properties]) => ({
          name,
          schema: {
            openAPIV3Schema: { properties: { spec: { type: 'object', properties } } },
          },
        })),
      },
    }),
  ) as ValueMap;

const text = { type: 'string' };
const listOf = (properties: Fields) => ({ type: 'array', items: { properties } });

const ROWS: readonly (readonly [string, ValueMap, ValueMap, readonly string[]])[] = [
  ['the same', definition({ v1: { a: text } }), definition({ v1: { a: text } }), []],
  [
    'the cluster has more',
    definition({ v1: { a: text } }),
    definition({ v1: { a: text, b: text }, v2: {} }),
    [],
  ],
  ['a version', definition({ v1: {}, v2: {} }), definition({ v1: {} }), ['version v2']],
  [
    'fields, also of lists',
    definition({ v1: { a: text, list: listOf({ c: text, d: text }) } }),
    definition({ v1: { list: listOf({ c: text }) } }),
    ['spec.a of v1', 'spec.list.[].d of v1'],
  ],
  [
    'many',
    definition({ v1: { a: text, b: text, c: text, d: text, e: text, f: text, g: text } }),
    definition({ v1: {} }),
    [...'abcde'].map((name) => `spec.${name} of v1`).concat('2 more'),
  ],
  ['what is no definition', new Map(), new Map(), []],
];

for (const [what, wanted, live, gap] of ROWS)
  test(`${what}: ${gap.join(', ')}`, () => {
    assert.deepEqual(crdGap(wanted, live), gap);
  });
