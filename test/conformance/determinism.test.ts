// SPDX-License-Identifier: Apache-2.0

/**
 * `lint --deterministic` on the corpus: every case of which Helm gave different lines in several runs is blamed, function and line; no
 * other one is, but for the time. A few cases of each kind in `npm test`, all of them in `npm run test:stories`.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { type Finding, type LintFolder, lintDeterminism, readValues } from '@helm-operator/chart';
import { nodeFunctionPorts } from '@helm-operator/chart/node';
import { type CorpusCase, readCases, readChart, readUserValues } from './corpus-folder.ts';
import { loadCorpusChart } from './corpus-render.ts';

const folder = join(resolve(import.meta.dirname, '../..'), '../shared/corpus');
const skip = existsSync(join(folder, 'cases.json')) ? false : 'no corpus at ../shared/corpus';
const isLong = process.env['LONG'] === 'true';
/** One case in so many without `LONG`. */
const SAMPLE = 40;

const real = nodeFunctionPorts();
/** Two keys of each kind, in turns: making them is not what is looked at. */
const pairs = new Map<string, ReturnType<typeof real.crypto.generateKey>[]>();
let turn = 0;
const functions: typeof real = {
  ...real,
  crypto: {
    ...real.crypto,
    generateKey: (request) => {
      const kind = JSON.stringify(request);
      const made = pairs.get(kind) ?? [0, 1].map(() => real.crypto.generateKey(request));
      pairs.set(kind, made);
      turn = 1 - turn;
      return made[turn] ?? real.crypto.generateKey(request);
    },
  },
};

function findIn(row: CorpusCase): readonly Finding[] {
  const archive = readChart(folder, row);
  const chart = { load: () => loadCorpusChart(archive) } as unknown as LintFolder;
  return lintDeterminism(chart, {
    values: readValues(readUserValues(folder, row)),
    namespace: 'apps',
    profile: 'helm3',
    ports: { functions, nowMs: () => performance.now() },
  });
}

/** Runs of a few minutes do not show that a chart prints the day. */
function isOfTime({ message }: Finding): boolean {
  return message.includes('depends on the time');
}

test('what changes between renders is named, what does not is not', { skip }, () => {
  const rendered = readCases(folder).filter(({ outcome }) => outcome === 'ok');
  const isWild = (row: CorpusCase): boolean => row.wildLines !== undefined;
  const kinds = [rendered.filter(isWild), rendered.filter((row) => !isWild(row))];
  const chosen = kinds.flatMap((rows) => rows.filter((_, i) => isLong || i % SAMPLE === 7));
  const wrong = chosen.flatMap((row) => {
    const findings = findIn(row);
    const blamed = isWild(row) ? findings : findings.filter((finding) => !isOfTime(finding));
    const hasPlaces = findings.every(({ message }) =>
      /^line \d+: \w+ |text given to tpl/.test(message),
    );
    return hasPlaces && blamed.length > 0 === isWild(row) ? [] : [`${row.id}: ${blamed.length}`];
  });
  assert.deepEqual(wrong, []);
  assert.ok(chosen.some(isWild) && !chosen.every(isWild));
});
