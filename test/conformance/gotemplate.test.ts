// SPDX-License-Identifier: Apache-2.0

/** Rows recorded from Go 1.26 text/template by test/tools/oracle/template.go. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { answer, type TemplateAnswer, type TemplateRow } from './template-cases.ts';

interface CaseFile {
  /** Data of the rows that bring none. */
  readonly data: unknown;
  readonly rows: readonly (TemplateRow & TemplateAnswer)[];
}

const cases = join(dirname(fileURLToPath(import.meta.url)), 'cases');

for (const file of globSync('gotemplate-*.json', { cwd: cases }).sort()) {
  test(basename(file, '.json'), () => {
    const { data, rows } = JSON.parse(readFileSync(join(cases, file), 'utf8')) as CaseFile;
    const different: unknown[] = [];
    for (const { out, err, ...row } of rows) {
      const actual = answer('data' in row ? row : { ...row, data });
      const expected = err === undefined ? { out } : { err };
      if (JSON.stringify(actual) !== JSON.stringify(expected)) {
        different.push({ templates: row.templates, missingkey: row.missingkey, expected, actual });
      }
    }
    assert.deepEqual(different, []);
    assert.ok(rows.length > 10);
  });
}
