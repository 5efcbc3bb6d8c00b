// SPDX-License-Identifier: Apache-2.0

import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Profile } from '@helm-operator/chart';
import type { CommandResult } from '../kit/kubectl.ts';
import { FILES } from './cli-cases.ts';

/** A line and what Helm prints for it. */
export interface CliCase extends CommandResult {
  readonly line: string;
}

export const PROFILES: readonly Profile[] = ['helm3', 'helm4'];

/** The file with what one Helm printed. */
export function recorded(profile: Profile): string {
  return join(import.meta.dirname, `cases/cli-${profile}.json`);
}

/** The words of a line. */
export function wordsOf(line: string): readonly string[] {
  return line.split(' ').map((word) => word.replaceAll('_', ' '));
}

/** Runs with all files in a folder that is gone afterwards. */
export async function inCaseFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-cli-'));
  try {
    for (const [path, content] of Object.entries(FILES)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await makeWholeChart(folder);
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `good` with nothing missing. */
async function makeWholeChart(folder: string): Promise<void> {
  const whole = join(folder, 'whole');
  await cp(join(folder, 'good'), whole, { recursive: true });
  await rm(join(whole, 'charts/stranger'), { recursive: true });
  const text = await readFile(join(whole, 'Chart.yaml'), 'utf8');
  await writeFile(join(whole, 'Chart.yaml'), text.slice(0, text.indexOf('- name: packed')));
}

/** Paths of the machine taken out; log lines too: Helm's name its own source files. */
export function comparable({ code, stdout, stderr }: CommandResult, folder: string): CommandResult {
  const errors = stderr
    .split('\n')
    .filter((line) => !/^[a-z_]+\.go:\d+: |^(?:[Ww]arning: |info: |level=|\d{4}\/)/.test(line))
    .join('\n');
  const clean = (text: string) => text.replaceAll(folder, 'FOLDER');
  return { code, stdout: clean(stdout), stderr: clean(errors) };
}
