// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { types } from '@helm-operator/gocompat';
import {
  Budget,
  BudgetError,
  type BudgetLimits,
  DepthLimitError,
  ElementLimitError,
  OutputLimitError,
  StackLimitError,
  StepLimitError,
  TimeLimitError,
} from './budget.ts';
import type { TemplateFunction } from './function-table.ts';
import { TemplateSet } from './template-set.ts';

const include: TemplateFunction = {
  name: 'include',
  params: [types.string],
  result: types.string,
  call: ([name], run) => (run.state as TemplateSet).execute(String(name), null, run),
};
const grow: TemplateFunction = {
  name: 'grow',
  params: [],
  result: types.slice,
  call: (_, { budget }) => {
    budget.spendElements(10);
    return [];
  },
};

function failure(text: string, limits: BudgetLimits, nowMs?: () => number): BudgetError {
  const set = new TemplateSet({
    functions: new Map([
      ['include', include],
      ['grow', grow],
    ]),
  });
  set.parse('t', text);
  try {
    set.execute('t', null, { budget: new Budget(limits, nowMs), state: set });
  } catch (error) {
    if (error instanceof BudgetError) return error;
    throw error;
  }
  return assert.fail('no limit was hit');
}

test('each limit has its error, its place and its mend', () => {
  let nowMs = 0;
  const clock = () => nowMs++;
  const rows: readonly [string, BudgetLimits, new (limit: number) => BudgetError, string][] = [
    ['{{range 9999999}}\n{{end}}', { steps: 500 }, StepLimitError, 'steps'],
    ['{{range 99}}\n12345{{end}}', { outputBytes: 100 }, OutputLimitError, 'outputBytes'],
    ['{{range 99}}{{grow}}{{end}}', { elements: 50 }, ElementLimitError, 'elements'],
    ['x\n{{include "t"}}', { depth: 20 }, DepthLimitError, 'depth'],
    ['{{range 9999999}}{{end}}', { timeMs: 3 }, TimeLimitError, 'timeMs'],
  ];
  for (const [text, limits, type, option] of rows) {
    const error = failure(text, limits, clock);
    assert.ok(error instanceof type, `${text}: ${error.name}`);
    assert.match(error.where ?? '', /^t:\d+:\d+$/, text);
    assert.ok(error.message.includes(`raise the limit \`${option}\``), error.message);
    assert.equal(error.retry, 'terminal');
  }
});

test('a limit that is reached but not passed is no failure', () => {
  const set = new TemplateSet({ functions: new Map() });
  set.parse('t', '12345');
  const budget = new Budget({ outputBytes: 5, steps: 2, depth: 1 });
  assert.equal(set.execute('t', null, { budget, state: undefined }), '12345');
  assert.equal(budget.outputBytes, 5);
  assert.equal(budget.depth, 0);
});

test('endless recursion through a function ends as a limit, not as a RangeError', () => {
  const error = failure('{{include "t"}}', {});
  assert.ok(error instanceof StackLimitError);
  assert.equal(error.code, 'gotemplate/depth');
});
