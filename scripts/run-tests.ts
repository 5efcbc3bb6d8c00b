// SPDX-License-Identifier: Apache-2.0

/** Runs test files in one process and counts. */

import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COUNTS_PREFIX, type Counts } from './reporter.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** @returns `undefined` when the process died before it could count */
export function runTests(
  files: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Counts | undefined> {
  if (files.length === 0) return Promise.resolve({ passed: 0, failed: 0, skipped: 0 });
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        '--test',
        '--test-isolation=none',
        `--test-reporter=${join(root, 'scripts/reporter.ts')}`,
        ...files,
      ],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TZ: 'UTC', ...env },
      },
    );
    let counts: Counts | undefined;
    let rest = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith(COUNTS_PREFIX)) {
          counts = JSON.parse(line.slice(COUNTS_PREFIX.length)) as Counts;
        } else process.stdout.write(`${line}\n`);
      }
    });
    child.on('error', reject);
    child.on('close', () => resolve(counts));
  });
}
