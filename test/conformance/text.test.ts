// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { answerText, type TextRow } from './text-cases.ts';

const folder = new URL('cases/', import.meta.url);
const tables = readdirSync(folder).filter((name) =>
  /^(?:gocompat-.*|yaml-.*|semver.*|jsonschema)\.json$/.test(name),
);

test('there are tables', () => {
  assert.ok(tables.length >= 13, tables.join());
});

for (const name of tables) {
  test(`as Go: ${name}`, () => {
    const { rows } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
      readonly rows: readonly TextRow[];
    };
    assert.ok(rows.length > 0);
    for (const row of rows) {
      const answer = answerText(row.op, row.in);
      const want = { out: row.out ?? '', err: row.err ?? '' };
      assert.deepEqual(answer, want, `${row.op} ${JSON.stringify(row.in)}`);
    }
  });
}
