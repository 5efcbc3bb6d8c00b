// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepEqual } from '../value/deep-equal.ts';
import type { Value } from '../value/value.ts';
import { Composer } from './compose.ts';
import { Decoder, type YamlOptions } from './decode.ts';
import { readPlain } from './plain-reader.ts';

/** Text → tokens → events → nodes → value, whatever the text. */
function longWay(text: string, options: YamlOptions): Value {
  const root = new Composer(text).next();
  return root === undefined ? null : new Decoder(options).document(root);
}

/** What the plain reader takes must be what the long way reads. @returns whether it takes the text */
function agrees(text: string, options: YamlOptions): boolean {
  const plain = readPlain(text, options);
  if (options.strict !== true) agreesInPart(text, options, plain);
  if (plain === undefined) return false;
  const value = longWay(text, options);
  assert.ok(deepEqual(plain, value), `differs: ${JSON.stringify(text)}`);
  return true;
}

/** What nobody wants is read as carefully: the same texts are taken, and what is wanted is the same. */
function agreesInPart(text: string, options: YamlOptions, whole: Value | undefined): void {
  const keys = whole instanceof Map ? [...whole.keys()] : [];
  for (const wanted of [undefined, ...keys]) {
    const part = readPlain(text, { ...options, isWanted: (key) => key === wanted });
    assert.equal(part === undefined, whole === undefined, `taken in part: ${JSON.stringify(text)}`);
    if (!(whole instanceof Map) || !(part instanceof Map)) continue;
    const expected = new Map([...whole].filter(([key]) => key === wanted));
    assert.ok(deepEqual(part, expected), `differs in part: ${JSON.stringify(text)}`);
  }
}

/** Text, and whether the plain reader is meant to take it. */
const rows: readonly (readonly [string, boolean])[] = [
  ['', true],
  ['# only\n  # comments\n', true],
  ['---\na: 1\n', true],
  ["a: 1\nb: two # c\nc: \"x\" \nd: 'it''s'\n", true],
  ['a:\n  b:\n    - c\n    - d: 1\n      e: 2\n    -\n      f: 3\ng: h\n', true],
  ['a:\n- b\n- c: d\n\n  e: f\ng:\n', true],
  ['- - a\n  - b\n- c\n', true],
  ['a: |\n  b\n   c\n\n  d\n\nb: |-\n\n   e\n   \nc: |+\n  f\n\n\nd: x', true],
  ['a: |\n  b\n  # no comment\n # a comment\nc: d', true],
  ['a: |\n  last line without break', true],
  ['a: {}\nb: []\nc: [x, "y: z", 1, [true]]\nd: {e: f, "g": [h]}\n', true],
  ['a: 0x10\nb: 1e3\nc: 1.0\nd: 9223372036854775808\ne: ~\nf: yes\ng: 2001-01-01\n', true],
  ['a: http://x.y:80/z#w\nb: -1\nc: -x\nd: :x\ne: ?x\n', true],
  ['a: 1\na: 2\n', true],
  ['a: "\\" \\\\ \\n \\t"\n', true],
  ['a: "\\u00e9"\n', false],
  ['a: b\n  c\n\n\n    d # e\nf: g\n', true],
  ['a: "b  \n  c\\n\n\n d" \ne: \'f\n\'\n', true],
  ['a:\n  {}\nb:\n  - \n    []\n  -\n    "c d"\ne:\n  null\nf:\n  g\n  h\n', true],
  ['a: b\n # c\n d\n', false],
  ['a: "b\n--- c"\n', false],
  ['a: "b \\\n c"\n', false],
  ['"a\n b": c\n', false],
  ['a: b: c\n', false],
  ['a:\n  b\n', true],
  ['a: &x 1\nb: *x\n', false],
  ['<<: {a: 1}\n', false],
  ['1: a\n', false],
  ['yes: a\n', false],
  ['a: .inf\n', false],
  ['a: !!str 1\n', false],
  ['a: >\n  b\n', false],
  ['a: |2\n  b\n', false],
  ['a: |\n    \n  b\n', false],
  ['a: |\n', false],
  ['a:\tb\n', false],
  ['a: b\n... c: d\n', false],
  ['a: b\n---\nc: d\n', false],
  ['--- a: b\n', false],
  ['- a\nb: c\n', false],
  ['a: b\n- c\n', false],
  ['  a: b\nc: d\n', false],
  ['a: [b, ]\n', false],
  ['a: [b\n', false],
  ['? a\n: b\n', false],
  ['%YAML 1.1\n---\na: b\n', false],
  ['\ufeffa: b\n', false],
  ['a: "b" c\n', false],
  ['a: "b"#c\n', false],
  ['a: 😀\n', false],
];

test('the plain reader takes what charts write, as the long way reads it', () => {
  for (const [text, isPlain] of rows) {
    assert.equal(agrees(text, { numbers: 'exact' }), isPlain, JSON.stringify(text));
    agrees(text, {});
    agrees(text, { numbers: 'int64orFloat64' });
  }
});

test('a key written twice is left to the long way where it is an error', () => {
  assert.equal(readPlain('a: 1\na: 2\n', { strict: true }), undefined);
  assert.equal(readPlain('a: {b: 1, b: 2}\n', { strict: true }), undefined);
});

const BITS =
  'a|b: |key:|- |-|  |    |\n|\n|\n  |\n    |\n- |# c| #|"q"|\'r\'|"|\'|:|: |{|}|[|]|, |||-|\n|+|1|0x1f|1.50|true|~|.inf|---|...|&a |*a|!!str |?|? |<<: |é|\t|\r\n|>|%|\\n|=|a b|@'.split(
    '|',
  );

test('made-up texts that the plain reader takes are read as the long way reads them', () => {
  const bit = fc.constantFrom(...BITS, '|\n', '|-\n', '|+\n');
  const runs = 4000;
  let taken = 0;
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 24 }), (bits) => {
      if (agrees(bits.join(''), { numbers: 'exact' })) taken++;
    }),
    { numRuns: runs },
  );
  assert.ok(taken > runs / 100, `only ${taken} of ${runs} were taken`);
});
