// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabelSelector, SelectorError } from './label-selector.ts';

const LABELS = new Map([
  ['app', 'web'],
  ['tier', 'a'],
  ['app.kubernetes.io/name', 'x'],
  ['n', '5'],
]);

const ROWS: readonly (readonly [selector: string, isSelected: boolean])[] = [
  ['', true],
  ['app=web', true],
  ['app==web', true],
  ['app=db', false],
  ['app!=db', true],
  ['none!=db', true],
  ['app', true],
  ['!app', false],
  ['!none', true],
  ['tier in (a, b)', true],
  ['tier in (b)', false],
  ['none in (b)', false],
  ['tier notin (b)', true],
  ['none notin (b)', true],
  ['n>4', true],
  ['n<4', false],
  ['none>4', false],
  ['app=web,tier in (a,b),!old', true],
  ['app=web,tier in (b,c)', false],
  ['app.kubernetes.io/name = x', true],
  ['app=', false],
];

for (const [selector, isSelected] of ROWS) {
  test(`"${selector}" ${isSelected ? 'selects' : 'does not select'}`, () => {
    assert.equal(parseLabelSelector(selector)(LABELS), isSelected);
  });
}

for (const bad of ['a b', 'a=b=c', 'in (a)', 'a in', 'a,,b', '(a)']) {
  test(`"${bad}" is refused`, () => {
    assert.throws(() => parseLabelSelector(bad), SelectorError);
  });
}
