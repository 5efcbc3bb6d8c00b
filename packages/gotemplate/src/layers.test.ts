// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TemplateSet } from './template-set.ts';

test('forks of forks see what was there, and nothing of each other', () => {
  const first = new TemplateSet({ functions: new Map() });
  first.parse('a', 'a0');
  const sets = [first];
  for (let i = 1; i < 12; i++) {
    const set = (sets.at(-1) ?? first).clone();
    set.parse(`t${i}`, `t${i}`);
    if (i % 3 === 0) set.parse('a', `a${i}`);
    if (i === 7) set.delete('t1');
    sets.push(set);
  }
  first.parse('late', 'late');
  const last = sets.at(-1) ?? first;
  assert.equal(last.execute('a', null), 'a9');
  assert.equal(sets[5]?.execute('a', null), 'a3');
  assert.equal(first.execute('a', null), 'a0');
  assert.deepEqual(
    [last.has('t1'), sets[6]?.has('t1'), last.has('late'), first.has('t2')],
    [false, true, false, false],
  );
  assert.deepEqual(last.names(), ['a', ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((i) => `t${i}`)]);
});

test('one text under two names is read once; a name of its own that it defines is its own', () => {
  const set = new TemplateSet({ functions: new Map() });
  const text = '{{define "x"}}X{{end}}[{{template "x"}}]';
  const parsed = set.parse('one', text);
  assert.equal(set.parse('two', text, parsed), parsed);
  assert.equal(set.execute('two', null), '[X]');
  assert.throws(() => set.parse('x', text, parsed), /multiple definition of template "x"/);
});
