// SPDX-License-Identifier: Apache-2.0

/** Every command of the guide on charts prints what the guide says. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../kit/run-cli.ts';

const PAGE = join(import.meta.dirname, '../../docs/guides/debugging-charts.md');
const FILE = /^`([^`]+)`:\n\n```\w+\n(.*?)^```$/gms;
const COMMAND = /^```console\n\$ helm-operator (.*?)\n(.*?)\n?^```$/gms;

test('the guide on charts is true', async () => {
  const text = await readFile(PAGE, 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-guide-'));
  try {
    for (const [, path = '', content = ''] of text.matchAll(FILE)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    const commands = [...text.matchAll(COMMAND)];
    assert.ok(commands.length >= 5);
    for (const [, line = '', printed = ''] of commands) {
      const { code, stdout, stderr } = await runCli(line.split(' '), { folder });
      assert.equal(`${stderr}${stdout.trimEnd()}`, printed.trimEnd(), line);
      assert.equal(code, 0, line);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
