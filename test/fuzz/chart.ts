// SPDX-License-Identifier: Apache-2.0

/** Random `--set` lines and random charts with subcharts, conditions, aliases and imports: what Helm makes of them and what ours does. */

import { isDeepStrictEqual } from 'node:util';
import type { Profile } from '@helm-operator/chart';
import fc from 'fast-check';
import { answerChart, type ChartAnswer, type ChartRow } from '../conformance/chart-cases.ts';
import { defineSuite, type FuzzSuite, type OracleName, verdict } from './suite.ts';

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

function chartSuite(name: string, oracle: OracleName, rows: fc.Arbitrary<ChartRow>): FuzzSuite {
  const profile: Profile = oracle === 'oracle4' ? 'helm4' : 'helm3';
  return defineSuite({
    name,
    oracle,
    topic: 'render',
    rows: () => rows,
    question: (row) => row,
    judge: (row, line) => {
      // Warnings come in the order of a Go map.
      const { log: _log, ...theirs } = JSON.parse(line) as ChartAnswer;
      const { log: _ours, ...answer } = answerChart(row, profile);
      const ours: unknown = JSON.parse(JSON.stringify(answer));
      const isError = theirs.error !== undefined;
      return verdict(isDeepStrictEqual(ours, theirs), isError, {
        about: row.op,
        row,
        theirs,
        ours,
      });
    },
  });
}

export const setSuite: FuzzSuite = chartSuite('set', 'oracle', setRow);
export const chartsSuite: FuzzSuite = chartSuite('charts', 'oracle', renderRow);
export const charts4Suite: FuzzSuite = chartSuite('charts-helm4', 'oracle4', renderRow);
