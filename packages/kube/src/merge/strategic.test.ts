// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeJson, encodeJson, type Value, type ValueMap } from '@helm-operator/gocompat';
import { jsonMergePatch, threeWayJsonMergePatch } from './json-merge.ts';
import { patchTypeOf } from './patch-schema.ts';
import { applyStrategicPatch, threeWayStrategicPatch } from './strategic.ts';

const CASES = new URL('../../../../test/conformance/cases/strategic-merge.json', import.meta.url);

/** One recorded case: three versions of an object, and what apimachinery and json-patch made of them. */
const cases = asList(decodeJson(readFileSync(CASES, 'utf8'), { numbers: 'int64orFloat64' })).map(
  asMap,
);

function asMap(value: Value | undefined): ValueMap {
  assert.ok(value instanceof Map);
  return value;
}

function asList(value: Value | undefined): Value[] {
  assert.ok(Array.isArray(value));
  return value;
}

function typeOf(object: ValueMap) {
  const [apiVersion, kind] = [object.get('apiVersion'), object.get('kind')];
  const type = patchTypeOf(String(apiVersion), String(kind));
  assert.ok(type !== undefined);
  return type;
}

function versionsOf(one: ValueMap) {
  return [
    asMap(one.get('original')),
    asMap(one.get('modified')),
    asMap(one.get('current')),
  ] as const;
}

test('three-way strategic patches equal those of apimachinery', () => {
  assert.ok(cases.length >= 300);
  for (const [i, one] of cases.entries()) {
    const [original, modified, current] = versionsOf(one);
    const before = encodeJson([original, modified, current]);
    const patch = threeWayStrategicPatch(original, modified, current, typeOf(original));
    assert.equal(encodeJson(patch), encodeJson(one.get('strategic') ?? null), `case ${i}`);
    assert.equal(encodeJson([original, modified, current]), before, `case ${i}: arguments changed`);
  }
});

test('strategic patches put onto objects give what the API server makes of them', () => {
  for (const [i, one] of cases.entries()) {
    const result = one.get('result');
    if (result === undefined) continue;
    const [original, , current] = versionsOf(one);
    const patched = applyStrategicPatch(current, asMap(one.get('strategic')), typeOf(original));
    assert.equal(encodeJson(patched), encodeJson(result), `case ${i}`);
  }
});

test('JSON merge patches equal those of json-patch', () => {
  for (const [i, one] of cases.entries()) {
    const [original, modified, current] = versionsOf(one);
    const patch = jsonMergePatch(original, modified);
    assert.equal(encodeJson(patch), encodeJson(one.get('merge') ?? null), `case ${i}`);
    const threeWay = one.get('threeWay');
    if (threeWay === undefined || hasNewIdentity(threeWay)) continue;
    const combined = threeWayJsonMergePatch(original, modified, current);
    assert.equal(encodeJson(combined), encodeJson(threeWay), `case ${i}: three-way`);
  }
});

/** Such a patch is refused; the recorded one was made without that check. */
function hasNewIdentity(patch: Value): boolean {
  const metadata = asMap(patch).get('metadata');
  return metadata instanceof Map && metadata.has('name');
}

function parse(text: string): ValueMap {
  return asMap(decodeJson(text, { numbers: 'int64orFloat64' }));
}

const POD = '{"apiVersion":"v1","kind":"Pod","spec":';

test('what cannot be merged is refused with the words of apimachinery', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    [
      `${POD}{"contaners":[{"name":"a"}]}}`,
      `${POD}{"contaners":[{"name":"b"}]}}`,
      'unable to find api field in struct PodSpec for the json field "contaners"',
    ],
    [
      `${POD}{"containers":[{"image":"a"}]}}`,
      `${POD}{"containers":[{"image":"b"}]}}`,
      'map: map[image:a] does not contain declared merge key: name',
    ],
    [
      `${POD}{"nodeSelector":{"a":{"b":"c"}}}}`,
      `${POD}{"nodeSelector":{"a":{"b":"d"}}}}`,
      'merging an object in json but data type is not struct, instead is: map',
    ],
  ];
  for (const [before, after, message] of rows) {
    const [original, modified] = [parse(before), parse(after)];
    assert.throws(() => threeWayStrategicPatch(original, modified, original, typeOf(original)), {
      code: 'kube/merge',
      message,
    });
  }
});

test('a field nobody knows does no harm while it does not change', () => {
  const pod = parse(`${POD}{"contaners":[{"name":"a"}]}}`);
  assert.equal(threeWayStrategicPatch(pod, pod, pod, typeOf(pod)).size, 0);
});

test('integers beyond 2^53 survive', () => {
  const [before, after] = [
    parse('{"apiVersion":"v1","kind":"ConfigMap","data":{"a":9007199254740993}}'),
    parse('{"apiVersion":"v1","kind":"ConfigMap","data":{"a":9007199254740995}}'),
  ];
  const patch = threeWayStrategicPatch(before, after, before, typeOf(before));
  assert.equal(encodeJson(patch), '{"data":{"a":9007199254740995}}');
  assert.equal(encodeJson(jsonMergePatch(before, after)), '{"data":{"a":9007199254740995}}');
});
