// SPDX-License-Identifier: Apache-2.0

/** Helm ends an `include` that never ends after a thousand: with the stack of the render host, so do we, in the same words. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { answerChart, type ChartCaseFile, heldAnswer, wholeRow } from './chart-cases.ts';

/** As `--stack-size` of the render host. */
const STACK_MB = 4;

function answers(): readonly unknown[] {
  const path = join(import.meta.dirname, 'cases/deep-includes.json');
  const recorded = JSON.parse(readFileSync(path, 'utf8')) as ChartCaseFile;
  return recorded.rows.map((row) => ({
    expected: row.answer,
    actual: heldAnswer(recorded, answerChart(wholeRow(recorded, row), 'helm3')),
  }));
}

if (isMainThread) {
  test('recursion ends as with Helm', async () => {
    const worker = new Worker(new URL(import.meta.url), {
      resourceLimits: { stackSizeMb: STACK_MB },
    });
    const [rows] = (await once(worker, 'message')) as [
      readonly { readonly expected: unknown; readonly actual: unknown }[],
    ];
    for (const { expected, actual } of rows) assert.deepEqual(actual, expected);
    assert.equal(rows.length, 2);
  });
} else {
  parentPort?.postMessage(answers());
}
