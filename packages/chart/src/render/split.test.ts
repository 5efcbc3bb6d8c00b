// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitManifests, trimSpace } from './split.ts';

const rows: readonly (readonly [
  text: string,
  helm3: readonly string[],
  helm4: readonly string[],
])[] = [
  ['', [], []],
  ['a: 1', ['a: 1'], ['a: 1']],
  ['a: 1\n', ['a: 1'], ['a: 1\n']],
  ['---\na: 1\n', ['a: 1'], ['a: 1\n']],
  ['a: 1\n\n---\n\nb: 2\n', ['a: 1', 'b: 2'], ['a: 1', 'b: 2\n']],
  ['a\n---\n---\nb', ['a', '---\nb'], ['a', '---\nb']],
  ['a\n----\nb', ['a', '-\nb'], ['a', '-\nb']],
  ['a\n---b\n', ['a', 'b'], ['a', 'b\n']],
  ['a ---\nb', ['a ---\nb'], ['a ---\nb']],
  ['a\r\n---\r\nb', ['a', 'b'], ['a', 'b']],
  ['a\n---\n\u00a0\n---\nb', ['a', '', 'b'], ['a', 'b']],
  ['# only a comment\n---\nb', ['# only a comment', 'b'], ['# only a comment', 'b']],
  ['\ufeffa', ['\ufeffa'], ['\ufeffa']],
];

test('documents are cut at separators', () => {
  for (const [text, helm3, helm4] of rows) {
    assert.deepEqual(splitManifests(text, 'helm3'), helm3, JSON.stringify(text));
    assert.deepEqual(splitManifests(text, 'helm4'), helm4, JSON.stringify(text));
  }
});

test('space is what Go calls so', () => {
  assert.equal(trimSpace('\u0085\u00a0\u2003 a \v\f\u3000'), 'a');
  assert.equal(trimSpace('\ufeff a'), '\ufeff a');
});

test('blanks cost linear time', () => {
  const blanks = ' \n'.repeat(1_000_000);
  assert.deepEqual(splitManifests(`a${blanks}b${blanks}`, 'helm3'), [`a${blanks}b`]);
});
