// SPDX-License-Identifier: Apache-2.0

/** Commands that need no cluster print what Helm 3.22.0 and 4.2.1 printed when cases/cli-*.json were recorded. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runCli } from '../kit/run-cli.ts';
import { linesOf } from './cli-cases.ts';
import {
  type CliCase,
  comparable,
  inCaseFolder,
  PROFILES,
  recorded,
  wordsOf,
} from './cli-folder.ts';

for (const profile of PROFILES) {
  const cases = JSON.parse(readFileSync(recorded(profile), 'utf8')) as readonly CliCase[];

  test(`every line of cli-cases.ts is recorded for ${profile}`, () => {
    assert.deepEqual(
      cases.map(({ line }) => line),
      linesOf(profile),
    );
  });

  test(`commands without a cluster print what ${profile} prints`, async (context) => {
    await inCaseFolder(async (folder) => {
      const env = { PATH: process.env['PATH'] ?? '', HELM_OPERATOR_PROFILE: profile };
      for (const { line, ...expected } of cases) {
        await context.test(line, async () => {
          const result = await runCli(['helm', ...wordsOf(line)], { folder, env });
          assert.deepEqual(comparable(result, folder), expected);
        });
      }
    });
  });
}
