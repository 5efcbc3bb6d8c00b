// SPDX-License-Identifier: Apache-2.0

/**
 * Asks Helm again for the answers of `cases/chart-*.json`, after rows were added by hand or Helm moved on.
 *
 * `node test/conformance/record-chart.ts ORACLE ORACLE4`: the built programs of test/tools/oracle and test/tools/oracle4.
 */

import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChartAnswer, type ChartCaseFile, heldAnswer, wholeRow } from './chart-cases.ts';

const [oracle, oracle4] = process.argv.slice(2);
if (oracle === undefined || oracle4 === undefined) {
  throw new Error('usage: record-chart.ts ORACLE ORACLE4');
}
const cases = join(import.meta.dirname, 'cases');

for (const file of globSync('{chart-*,deep-includes}.json', { cwd: cases }).sort()) {
  const path = join(cases, file);
  const recorded = JSON.parse(readFileSync(path, 'utf8')) as ChartCaseFile;
  const rows = recorded.rows.map((row) => wholeRow(recorded, row));
  const program = file.includes('helm4') ? oracle4 : oracle;
  const { status, stdout, stderr } = spawnSync(program, ['render'], {
    input: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`the oracle ended with ${status}: ${stderr}`);
  const answers = stdout.trimEnd().split('\n');
  const lines = recorded.rows.map((row, i) => {
    const answer = heldAnswer(recorded, JSON.parse(answers[i] ?? '') as ChartAnswer);
    return JSON.stringify({ ...row, answer });
  });
  const head = `"files": ${JSON.stringify(recorded.files)},\n"without": ${JSON.stringify(recorded.without)},`;
  writeFileSync(path, `{\n${head}\n"rows": [\n${lines.join(',\n')}\n]\n}\n`);
  process.stdout.write(`${file}: ${lines.length} rows\n`);
}
