// SPDX-License-Identifier: Apache-2.0

/** Rows recorded from Helm 4 by test/tools/oracle4/postrender.go. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { answerPostRender, heldPostRender, type PostRenderFile } from './post-render-cases.ts';

const CASES = join(import.meta.dirname, 'cases/post-render.json');

test('post-render', () => {
  const { rows } = JSON.parse(readFileSync(CASES, 'utf8')) as PostRenderFile;
  const different = rows.flatMap(({ answer, ...question }) => {
    const expected = heldPostRender(answer);
    const actual = answerPostRender(question);
    return isDeepStrictEqual(actual, expected) ? [] : [{ question, expected, actual }];
  });
  assert.deepEqual(different, []);
  assert.ok(rows.length > 100);
});
