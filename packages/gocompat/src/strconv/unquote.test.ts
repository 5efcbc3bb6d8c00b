// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiteralError, unquote } from './unquote.ts';

test('unquote reads Go literals', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['""', ''],
    ['"a\\tb\\"\\u65e5\\U0001F600\\x41\\101"', 'a\tb"日😀AA'],
    ['"\\xe6\\x97\\xa5"', '日'],
    ['"\\xff"', '\udcff'],
    ['`raw \\n\r`', 'raw \\n'],
    ["'\\''", "'"],
    ["'日'", '日'],
    ['"\'"', "'"],
    ["''", ''],
  ];
  for (const [literal, text] of rows) assert.equal(unquote(literal), text, literal);
});

test('unquote refuses what is no literal', () => {
  const rows = ['', '"', 'a', '"a', '"a\n"', '"\\q"', '"\\x4"', '"\\ud800"', '"\\400"', '"\\\'"'];
  for (const literal of [...rows, "'ab'", "'\\'", '"a"b"', '`a`b`', "'\\\"'"]) {
    assert.throws(() => unquote(literal), LiteralError, literal);
  }
});
