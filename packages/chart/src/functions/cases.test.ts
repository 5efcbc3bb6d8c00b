// SPDX-License-Identifier: Apache-2.0

/** The recorded cases reach every function, its errors included. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const CASES = join(import.meta.dirname, '../../../../test/conformance/cases');
/** Takes anything of any number: no call of it is wrong. */
const NEVER_WRONG = [
  ...['add', 'addf', 'all', 'any', 'cat', 'coalesce', 'dict', 'list', 'quote', 'squote', 'tuple'],
];

interface Row {
  readonly template: string;
  readonly error?: string;
}

function rows(): Row[] {
  return globSync('functions-*.json', { cwd: CASES }).flatMap((file) => {
    const text = readFileSync(join(CASES, file), 'utf8');
    return (JSON.parse(text) as { readonly cases: readonly Row[] }).cases;
  });
}

/** Words of a template that are no text in quotes. */
function wordsOf(template: string): Set<string> {
  return new Set(template.replaceAll(/"(?:\\.|[^"\\])*"/g, '').match(/(?<![.$\w])[A-Za-z]\w*/g));
}

test('every function has three cases and more, and one that fails', () => {
  const file = JSON.parse(readFileSync(join(CASES, 'function-signatures.json'), 'utf8')) as {
    readonly signatures: Readonly<Record<string, string>>;
  };
  const counts = new Map(
    Object.keys(file.signatures).map((name) => [name, { all: 0, failing: 0 }]),
  );
  for (const { template, error } of rows()) {
    for (const word of wordsOf(template)) {
      const count = counts.get(word);
      if (count === undefined) continue;
      count.all++;
      // Of a wrong argument, Go names the argument only.
      const isCalledFirst = template.startsWith(`{{ $x := (${word} `);
      if (error !== undefined && (isCalledFirst || error.includes(word))) count.failing++;
    }
  }
  const few = [...counts].filter(([, { all }]) => all < 3).map(([name]) => name);
  const sound = [...counts].filter(([, { failing }]) => failing === 0).map(([name]) => name);
  assert.ok(counts.size > 200);
  assert.deepEqual(few, []);
  assert.deepEqual(
    sound.filter((name) => !NEVER_WRONG.includes(name)),
    [],
  );
});
