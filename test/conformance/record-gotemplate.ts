// SPDX-License-Identifier: Apache-2.0

/**
 * Asks Go again for the answers of all `cases/gotemplate-*.json`, after rows were added by hand or Go moved on.
 *
 * `node test/conformance/record-gotemplate.ts ORACLE`, ORACLE being the built program of test/tools/oracle.
 */

import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TemplateAnswer, TemplateRow } from './template-cases.ts';

interface CaseFile {
  readonly data: unknown;
  readonly rows: readonly (TemplateRow & TemplateAnswer)[];
}

const [oracle] = process.argv.slice(2);
if (oracle === undefined) throw new Error('usage: record-gotemplate.ts ORACLE');
const cases = join(dirname(fileURLToPath(import.meta.url)), 'cases');

for (const file of globSync('gotemplate-*.json', { cwd: cases }).sort()) {
  const { data, rows } = JSON.parse(readFileSync(join(cases, file), 'utf8')) as CaseFile;
  const questions = rows.map(({ out: _out, err: _err, ...row }) => row);
  const { status, stdout, stderr } = spawnSync(oracle, ['template'], {
    input: questions
      .map((row) => `${JSON.stringify('data' in row ? row : { ...row, data })}\n`)
      .join(''),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`the oracle ended with ${status}: ${stderr}`);
  const answers = stdout.trimEnd().split('\n');
  const lines = questions.map((row, i) => {
    const answer = JSON.parse(answers[i] ?? '') as TemplateAnswer;
    return JSON.stringify({ ...row, ...answer });
  });
  const text = `{\n"data": ${JSON.stringify(data)},\n"rows": [\n${lines.join(',\n')}\n]\n}\n`;
  writeFileSync(join(cases, file), text);
  process.stdout.write(`${file}: ${lines.length} rows\n`);
}
