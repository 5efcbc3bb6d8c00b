// SPDX-License-Identifier: Apache-2.0

/** Rows recorded from Helm by test/tools/oracle/render.go and test/tools/oracle4. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { answerChart, type ChartCaseFile, heldAnswer, wholeRow } from './chart-cases.ts';

const cases = join(import.meta.dirname, 'cases');

for (const file of globSync('chart-*.json', { cwd: cases }).sort()) {
  test(basename(file, '.json'), () => {
    const recorded = JSON.parse(readFileSync(join(cases, file), 'utf8')) as ChartCaseFile;
    const profile = file.includes('helm4') ? 'helm4' : 'helm3';
    const different = recorded.rows.flatMap((row) => {
      const actual = heldAnswer(recorded, answerChart(wholeRow(recorded, row), profile));
      if (isDeepStrictEqual(actual, row.answer)) return [];
      const { answer, ...question } = row;
      return [{ question, expected: answer, actual }];
    });
    assert.deepEqual(different, []);
    assert.ok(recorded.rows.length > 10);
  });
}
