// SPDX-License-Identifier: Apache-2.0

/** Every known defect of Helm Operator 1.4.4 has a test that would have caught it, and a line in the document of differences. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const COUNT = 34;
const NUMBERS = Array.from({ length: COUNT }, (_, i) => `B${i + 1}`);

/** `test('B7: …'`, also where the name stands on the next line. */
const NAME = /\b(?:test|story|clusterTest)\(\s*['"`](B\d+): /g;

test('each defect of the original has a test whose name begins with its number', () => {
  const files = globSync(['packages/*/src/**/*.test.ts', 'test/{cluster,kit}/**/*.test.ts'], {
    cwd: root,
  });
  const named = new Set(
    files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(NAME)].map(([, number]) => number),
    ),
  );
  assert.deepEqual(
    NUMBERS.filter((number) => !named.has(number)),
    [],
    'without a test',
  );
  assert.deepEqual(
    [...named].filter((number) => !NUMBERS.includes(number ?? '')),
    [],
    'unknown',
  );
});

test('each defect of the original has its line in docs/differences.md, in order', () => {
  const text = readFileSync(join(root, 'docs/differences.md'), 'utf8');
  const lines = [...text.matchAll(/^\| (B\d+) \| (.+) \| (.+) \|$/gm)].map(([, number]) => number);
  assert.deepEqual(lines, NUMBERS);
});
