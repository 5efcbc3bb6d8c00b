// SPDX-License-Identifier: Apache-2.0

/** `node test/conformance/record-cli.ts`: asks Helm what the lines of cli-cases.ts print and writes cases/cli.json. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult } from '../kit/kubectl.ts';
import { ensureTool } from '../tools/tools.ts';
import { LINES } from './cli-cases.ts';
import { type CliCase, comparable, inCaseFolder, wordsOf } from './cli-folder.ts';

const helm = await ensureTool('helm3');

function ask(words: readonly string[], folder: string): Promise<CommandResult> {
  const env = { PATH: process.env['PATH'], HOME: join(folder, '.home'), TZ: 'UTC' };
  return new Promise((done) => {
    execFile(helm, words, { cwd: folder, env }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

const cases: CliCase[] = await inCaseFolder(async (folder) => {
  const found: CliCase[] = [];
  for (const line of LINES) {
    const answer = await ask(wordsOf(line), folder);
    found.push({ line, ...comparable(answer, folder) });
  }
  return found;
});
const file = join(import.meta.dirname, 'cases/cli.json');
await writeFile(file, `${JSON.stringify(cases, null, 1)}\n`);
process.stdout.write(`${cases.length} cases written\n`);
