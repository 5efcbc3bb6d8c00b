// SPDX-License-Identifier: Apache-2.0

/**
 * Random `--set` lines and random charts with subcharts, conditions, aliases and imports: what Helm makes of them and what ours does.
 *
 * `node test/fuzz/chart.ts ORACLE [COUNT [SEED]]`: the built program of test/tools/oracle, or of test/tools/oracle4 with `helm4` in
 * its name.
 */

import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { answerChart, type ChartAnswer, type ChartRow } from '../conformance/chart-cases.ts';

const [oracle, count = '2000', seed = '1'] = process.argv.slice(2);
if (oracle === undefined) throw new Error('usage: chart.ts ORACLE [COUNT [SEED]]');
const profile = basename(oracle).includes('4') ? 'helm4' : 'helm3';

const line = fc
  .array(
    fc.constantFrom('a', 'b', '.', '=', ',', '[', ']', '0', '1', '{', '}', '\\', '-', ' ', 'null'),
    { maxLength: 14 },
  )
  .map((pieces) => pieces.join(''));

const setRow = fc.record({
  op: fc.constant('set' as const),
  values: fc.constantFrom('', 'a: 1', 'a: {b: 1}', 'a: [1, {b: [2]}]', 'b: null'),
  set: fc.array(fc.tuple(fc.constantFrom('typed', 'string', 'literal'), line), {
    minLength: 1,
    maxLength: 2,
  }),
}) as fc.Arbitrary<ChartRow>;

const KEYS = ['s', 'k', 'x', 'y', 'global', 'tags', 'exports'];
const values = fc.letrec((tie) => ({
  table: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 4 }),
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(null, 0, 1.5, 'text', true, false),
    fc.array(fc.constantFrom(1, null, 'i'), { maxLength: 2 }),
    tie('table'),
  ),
})).table;

const entry = fc.record(
  {
    version: fc.constantFrom('1.x', '2.x', '>=1'),
    condition: fc.constantFrom('s.x', 'k.x,x', 'x', 'global.x', 'm.x'),
    tags: fc.subarray(['x', 'y']),
    alias: fc.constantFrom('m', 'n'),
    'import-values': fc.subarray([
      'x',
      'y',
      { child: 'y', parent: 'x' },
      { child: 'x', parent: '.' },
    ]),
  },
  { requiredKeys: ['version'] },
);

function chartFiles(
  name: string,
  own: unknown,
  entries: readonly object[] | null,
): Record<string, string> {
  const metadata = {
    apiVersion: 'v2',
    name,
    version: '1.0.0',
    ...(entries === null ? {} : { dependencies: entries }),
  };
  return {
    'Chart.yaml': JSON.stringify(metadata),
    'values.yaml': JSON.stringify(own),
    'templates/t.yaml': `# {{ toJson .Values }} {{ .Template.Name }}`,
  };
}

function below(folder: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]),
  );
}

const named = (name: string) =>
  fc.option(
    fc.array(entry, { maxLength: 2 }).map((entries) => entries.map((one) => ({ name, ...one }))),
  );

const renderRow = fc
  .record({
    user: values,
    root: values,
    s: values,
    k: values,
    wantsS: named('s'),
    wantsK: named('k'),
    isNested: fc.boolean(),
  })
  .map(({ user, root, s, k, wantsS, wantsK, isNested }): ChartRow => {
    const inner = chartFiles('k', k, null);
    const files = {
      ...chartFiles(
        'c',
        root,
        isNested || wantsS === null ? wantsS : [...wantsS, ...(wantsK ?? [])],
      ),
      ...below('charts/s', {
        ...chartFiles('s', s, isNested ? wantsK : null),
        ...(isNested ? below('charts/k', inner) : {}),
      }),
      ...(isNested ? {} : below('charts/k', inner)),
    };
    return { op: 'render', files, values: JSON.stringify(user) };
  });

const row = profile === 'helm3' ? fc.oneof(setRow, renderRow) : renderRow;
const rows = fc.sample(row, { numRuns: Number(count), seed: Number(seed) });
const { status, stdout, stderr } = spawnSync(oracle, ['render'], {
  input: rows.map((one) => `${JSON.stringify(one)}\n`).join(''),
  encoding: 'utf8',
  maxBuffer: 2 ** 30,
});
if (status !== 0) throw new Error(`the oracle ended with ${status}: ${stderr.slice(0, 500)}`);
let different = 0;
for (const [i, text] of stdout.trimEnd().split('\n').entries()) {
  const one = rows[i] as ChartRow;
  const { log: _log, ...expected } = JSON.parse(text) as ChartAnswer;
  const { log: _ours, ...actual } = answerChart(one, profile);
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(actual)), expected)) continue;
  if (++different <= 10) {
    process.stdout.write(
      `${JSON.stringify(one)}\n  helm ${JSON.stringify(expected)}\n  ours ${JSON.stringify(actual)}\n`,
    );
  }
}
process.stdout.write(`${rows.length - different} of ${rows.length} are equal\n`);
process.exitCode = different === 0 ? 0 : 1;
