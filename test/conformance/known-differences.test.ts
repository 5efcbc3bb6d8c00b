// SPDX-License-Identifier: Apache-2.0

/**
 * The one list of what differs from Go though it should not: `cases/known-differences.json`, argued row by row. Differences on purpose are in
 * `docs/differences.md`.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { answerText, type TextRow } from './text-cases.ts';

const path = new URL('cases/known-differences.json', import.meta.url);
const { rows } = JSON.parse(readFileSync(path, 'utf8')) as { readonly rows: readonly TextRow[] };

for (const { op, in: text, out = '', err = '', reason } of rows) {
  test(`still differs: ${op} ${JSON.stringify(text)}`, () => {
    assert.ok(reason !== undefined && reason.length > 20, 'every row says why');
    assert.notDeepEqual(
      answerText(op, text),
      { out, err },
      'now equal: move the row to the file of its topic',
    );
  });
}
