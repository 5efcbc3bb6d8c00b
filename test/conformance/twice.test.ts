// SPDX-License-Identifier: Apache-2.0

/**
 * Rendering twice gives the same bytes, given the same ports, whether templates are compiled anew or taken from the cache, and leaves the chart as it was; and a tenth of the
 * default budgets is enough for every chart of the corpus.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Chart,
  createTemplateCache,
  DEFAULT_BUDGET,
  type FunctionPorts,
  type KeyPair,
  type RenderInput,
} from '@helm-operator/chart';
import { nodeFunctionPorts } from '@helm-operator/chart/node';
import { type CorpusCase, readCases, readChart, readUserValues } from './corpus-folder.ts';
import { loadCorpusChart, renderCorpusChart } from './corpus-render.ts';

const folder = join(import.meta.dirname, '../../../shared/corpus');
const skip = existsSync(join(folder, 'cases.json'))
  ? false
  : 'no corpus at ../shared/corpus: put one there';

const NOON_UNIX_NANO = 1_700_000_000_000_000_000n;
const node = nodeFunctionPorts();
const keys = new Map<string, KeyPair>();

/** The same clock, bytes and keys for every rendering. */
function fixedPorts(): RenderInput['ports'] {
  let state = 1;
  const functions: FunctionPorts = {
    ...node,
    now: () => NOON_UNIX_NANO,
    randomBytes: (count) =>
      Uint8Array.from({ length: count }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return state >>> 16;
      }),
    crypto: {
      ...node.crypto,
      generateKey: (request) => {
        const name = JSON.stringify(request);
        const pair = keys.get(name) ?? node.crypto.generateKey(request);
        keys.set(name, pair);
        return pair;
      },
    },
  };
  return { functions, nowMs: () => performance.now() };
}

const TENTH = Object.fromEntries(
  Object.entries(DEFAULT_BUDGET).map(([name, limit]) => [name, limit / 10]),
);

function outcomeOf(render: () => unknown): string {
  try {
    return JSON.stringify(render());
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `error: ${error.message}`;
  }
}

function loaded(row: CorpusCase): Chart | undefined {
  try {
    return loadCorpusChart(readChart(folder, row));
  } catch (error) {
    if (row.outcome === 'error') return undefined;
    throw error;
  }
}

test('twice the same bytes, with a tenth of the budgets', { skip }, () => {
  const different: string[] = [];
  const all = readCases(folder);
  // Every case takes a minute: here one of each chart.
  const rows =
    process.env['LONG'] === 'true'
      ? all
      : [...new Map(all.map((row) => [row.chart, row])).values()];
  const templates = createTemplateCache(2 ** 30);
  const charts = new Map<string, Chart | undefined>();
  for (const row of rows) {
    if (!charts.has(row.chart)) charts.set(row.chart, loaded(row));
    const chart = charts.get(row.chart);
    // What cannot be loaded is a case of another test.
    if (chart === undefined) continue;
    const values = readUserValues(folder, row);
    const cache = { templates, chartDigest: row.chart };
    const render = () =>
      outcomeOf(() =>
        renderCorpusChart(chart, values, { cache, limits: TENTH, ports: fixedPorts() }),
      );
    const first = render();
    if (first !== render() || first.includes('rendering stopped')) different.push(row.id);
  }
  assert.deepEqual(different, []);
  assert.ok(rows.length > 0);
});
