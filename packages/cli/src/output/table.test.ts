// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printTable } from './table.ts';

test('cells of several lines are cut as Helm cuts them', () => {
  const failed = 'Release "a" failed: 1 error occurred:\n\t* job a failed\n\n';
  assert.equal(
    printTable([
      ['REVISION', 'DESCRIPTION'],
      ['1', failed],
      ['2', 'Upgrade complete'],
    ]),
    [
      'REVISION\tDESCRIPTION                          ',
      '1       \tRelease "a" failed: 1 error occurr...',
      '2       \tUpgrade complete                     ',
      '',
    ].join('\n'),
  );
  assert.equal(printTable([['NAME'], ['a\nb'], ['日本語']]), 'NAME  \na     \nb     \n日本語\n');
});
