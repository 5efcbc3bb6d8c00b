// SPDX-License-Identifier: Apache-2.0

/** The pages of docs/reference say what the tables in the code say, and the tables miss nothing. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DIALECTS } from '@helm-operator/api';
import { FETCH_FAILURES } from '@helm-operator/fetch';
import { API_FAILURES, HELM_FAILURES } from '@helm-operator/helm';
import { EVENTS } from '@helm-operator/operator';
import { REFERENCES, readReference } from '../../scripts/generate-references.ts';
import { ENVIRONMENT } from '../../scripts/reference/environment.ts';
import {
  API_MEANINGS,
  FETCH_MEANINGS,
  HELM_MEANINGS,
  INNER_CODES,
  OTHER_FAILURES,
} from '../../scripts/reference/failure-meanings.ts';
import { fieldsOf, splitDefault } from '../../scripts/reference/helm-release.ts';

const root = join(import.meta.dirname, '../..');
const sources = globSync('packages/*/src/**/*.ts', { cwd: root })
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => readFileSync(join(root, path), 'utf8'));

for (const [name, print] of REFERENCES)
  test(`docs/reference/${name} is up to date`, () => {
    assert.equal(readReference(name), print(), 'run `node scripts/generate-references.ts`');
  });

test('every field of every kind has a description', () => {
  const silent = DIALECTS.flatMap((dialect) =>
    (['spec', 'status'] as const).flatMap((top) =>
      fieldsOf(dialect, top).filter(({ schema }) => typeof schema['description'] !== 'string'),
    ),
  );
  assert.deepEqual(
    silent.map(({ path }) => path),
    [],
  );
});

test('the default is read from the end of a description', () => {
  const rows = [
    ['Time, in seconds. Default: 300.', 'Time, in seconds.', '300'],
    ['false keeps them. Default: true.', 'false keeps them.', 'true'],
    ['Without any.', 'Without any.', ''],
  ] as const;
  for (const [description, text, initial] of rows)
    assert.deepEqual(splitDefault(description), [text, initial]);
});

test('every code of the sources has its meaning, and no other has', () => {
  const rooms = 'api|chart|cli|fetch|gotemplate|gocompat|helm|kube|operator|source';
  const found = new Set(
    sources.flatMap((text) =>
      [
        ...text.matchAll(
          new RegExp(`(?:code(?::| =|:.*=)|^  \\| |^  )\\s*'((?:${rooms})/[a-z-]+)'`, 'gm'),
        ),
      ].map(([, code = '']) => code),
    ),
  );
  const told = new Set([
    ...[HELM_MEANINGS, FETCH_MEANINGS, OTHER_FAILURES].flatMap((table) => Object.keys(table)),
    ...API_FAILURES.flatMap(({ codes }) => codes),
  ]);
  for (const written of ['operator/not-owned', 'operator/refused', 'api/unreadable'])
    told.delete(written);
  assert.ok(found.size > 90, `only ${found.size} codes were found`);
  assert.deepEqual(
    [...found].filter((code) => !told.has(code) && !INNER_CODES.test(code)).toSorted(),
    [],
    'add them to scripts/reference/failure-meanings.ts',
  );
  assert.deepEqual([...told].filter((code) => !found.has(code)).toSorted(), []);
});

test('every row of the tables of failures has its meaning', () => {
  assert.deepEqual(Object.keys(HELM_MEANINGS), Object.keys(HELM_FAILURES));
  assert.deepEqual(Object.keys(FETCH_MEANINGS), Object.keys(FETCH_FAILURES));
  assert.deepEqual(
    Object.keys(API_MEANINGS),
    API_FAILURES.map(({ reason }) => reason),
  );
});

test('every variable of the environment stands in the code', () => {
  const all = sources.join('\n');
  const lost = ENVIRONMENT.flatMap(({ names }) => names).filter(
    (name) => !all.includes(`'${name}'`),
  );
  assert.deepEqual(lost, []);
});

test('every event of the sources stands in the table', () => {
  const reasons = sources.flatMap((text) =>
    [...text.matchAll(/#record\([^,]+, '([A-Za-z]+)'/g)].map(([, reason]) => reason),
  );
  assert.deepEqual(
    reasons.filter((reason) => reason === undefined || !Object.hasOwn(EVENTS, reason)),
    [],
  );
  assert.ok(reasons.length >= 3);
});
