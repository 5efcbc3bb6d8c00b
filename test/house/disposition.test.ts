// SPDX-License-Identifier: Apache-2.0

/** What became of each line of the original's checklist: the table is whole, and every test it names exists. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LINES = 195;
/** `open`: not done yet, with the reason. */
const DISPOSITIONS = ['same', 'fixed', 'deferred', 'open'] as const;

interface Row {
  readonly line: number;
  readonly disposition: string;
  readonly proof: string;
  readonly note: string;
}

const [header, ...lines] = readFileSync(
  join(root, 'test/cluster/helm-operator/disposition.tsv'),
  'utf8',
)
  .trimEnd()
  .split('\n');
const ROWS: readonly Row[] = lines.map((text) => {
  const [line, disposition = '', proof = '', note = ''] = text.split('\t');
  return { line: Number(line), disposition, proof, note };
});

test('every line of the checklist has its disposition, once and in order', () => {
  assert.equal(header, 'line\tdisposition\tproof\tnote');
  assert.deepEqual(
    ROWS.map(({ line }) => line),
    Array.from({ length: LINES }, (_, i) => i + 1),
  );
  for (const { line, disposition, proof, note } of ROWS) {
    assert.ok(
      DISPOSITIONS.some((one) => one === disposition),
      `line ${line}: ${disposition}`,
    );
    const needsProof = disposition === 'same' || disposition === 'fixed';
    assert.equal(proof !== '', needsProof, `line ${line}: its proof`);
    if (!needsProof) assert.notEqual(note, '', `line ${line}: its reason`);
  }
});

test('every test that the table names exists', () => {
  const files = ['packages/*/src/**/*.test.ts', 'test/{cluster,faults,house,kit}/**/*.ts'];
  const texts = globSync(files, { cwd: root }).map((file) =>
    readFileSync(join(root, file), 'utf8'),
  );
  const isThere = (name: string): boolean =>
    ["'", '"', '`'].some((quote) => texts.some((text) => text.includes(quote + name + quote)));
  const missing = ROWS.filter(({ proof }) => proof !== '' && !isThere(proof));
  assert.deepEqual(
    missing.map(({ line, proof }) => `${line}: ${proof}`),
    [],
  );
});
