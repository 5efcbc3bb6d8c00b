// SPDX-License-Identifier: Apache-2.0

/** `node test/conformance/record-cli.ts`: asks Helm 3 and 4 what the lines of cli-cases.ts print and writes cases/cli-helm3.json and -helm4. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult } from '../kit/kubectl.ts';
import { ensureTool } from '../tools/tools.ts';
import { linesOf } from './cli-cases.ts';
import {
  type CliCase,
  comparable,
  inCaseFolder,
  PROFILES,
  recorded,
  wordsOf,
} from './cli-folder.ts';

function ask(helm: string, words: readonly string[], folder: string): Promise<CommandResult> {
  const env = { PATH: process.env['PATH'], HOME: join(folder, '.home'), TZ: 'UTC' };
  return new Promise((done) => {
    execFile(helm, words, { cwd: folder, env }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

for (const profile of PROFILES) {
  const helm = await ensureTool(profile);
  const cases: CliCase[] = await inCaseFolder(async (folder) => {
    const found: CliCase[] = [];
    for (const line of linesOf(profile)) {
      const answer = await ask(helm, wordsOf(line), folder);
      found.push({ line, ...comparable(answer, folder) });
    }
    return found;
  });
  await writeFile(recorded(profile), `${JSON.stringify(cases, null, 1)}\n`);
  process.stdout.write(`${profile}: ${cases.length} cases written\n`);
}
