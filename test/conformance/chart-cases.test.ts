// SPDX-License-Identifier: Apache-2.0

/** Rows recorded from Helm by test/tools/oracle/render.go and test/tools/oracle4. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { answerChart, type ChartAnswer, type ChartRow } from './chart-cases.ts';

type RecordedRow = ChartRow & { readonly answer: ChartAnswer };

const cases = join(import.meta.dirname, 'cases');

for (const file of globSync('chart-*.json', { cwd: cases }).sort()) {
  test(basename(file, '.json'), () => {
    const rows = JSON.parse(readFileSync(join(cases, file), 'utf8')) as readonly RecordedRow[];
    const profile = file.includes('helm4') ? 'helm4' : 'helm3';
    const different = rows.flatMap(({ answer, ...row }) => {
      const actual = answerChart(row, profile);
      return isDeepStrictEqual(actual, answer) ? [] : [{ row, expected: answer, actual }];
    });
    assert.deepEqual(different, []);
    assert.ok(rows.length > 10);
  });
}
