// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readValuesWithLines } from './read-values.ts';
import { lineAt } from './trace.ts';

const TEXT = `# first
a: {x: 1}
---
b:
  - c
---
a:
  z: 2
`;

const ROWS: readonly (readonly [path: string, helm3: number | undefined, helm4: number])[] = [
  ['a.x', 2, 2],
  ['b', undefined, 4],
  ['a.z', 2, 8],
];

for (const [path, helm3, helm4] of ROWS) {
  test(`the line of ${path} in a file of three documents`, () => {
    for (const [profile, line] of [
      ['helm3', helm3],
      ['helm4', helm4],
    ] as const) {
      const { lines } = readValuesWithLines(TEXT, profile);
      assert.equal(lineAt(lines, path.split('.')), line, profile);
    }
  });
}

test('Helm 4 merges all documents, Helm 3 reads the first', () => {
  const { values } = readValuesWithLines(TEXT, 'helm4');
  assert.deepEqual([...values.keys()], ['a', 'b']);
  assert.deepEqual([...readValuesWithLines(TEXT, 'helm3').values.keys()], ['a']);
});
