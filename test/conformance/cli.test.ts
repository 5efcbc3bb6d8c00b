// SPDX-License-Identifier: Apache-2.0

/** Commands that need no cluster print what Helm 3.22.0 printed when cases/cli.json was recorded. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../kit/run-cli.ts';
import { LINES } from './cli-cases.ts';
import { type CliCase, comparable, inCaseFolder, wordsOf } from './cli-folder.ts';

const cases = JSON.parse(
  readFileSync(join(import.meta.dirname, 'cases/cli.json'), 'utf8'),
) as readonly CliCase[];

test('every line of cli-cases.ts is recorded', () => {
  assert.deepEqual(
    cases.map(({ line }) => line),
    LINES,
  );
});

test('commands without a cluster print what Helm prints', async (context) => {
  await inCaseFolder(async (folder) => {
    const env = { PATH: process.env['PATH'] ?? '' };
    for (const { line, ...expected } of cases) {
      await context.test(line, async () => {
        const result = await runCli(['helm', ...wordsOf(line)], { folder, env });
        assert.deepEqual(comparable(result, folder), expected);
      });
    }
  });
});
