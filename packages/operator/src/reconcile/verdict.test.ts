// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchError } from '@helm-operator/fetch';
import { HelmError, SourceError } from '@helm-operator/helm';
import { ChartSecretError } from '../inputs/chart-credentials.ts';
import { ValuesError } from '../inputs/values.ts';
import { explain } from './explain.ts';
import { verdictOf } from './verdict.ts';

const login = new FetchError('fetch/unauthorized', 'http://x/index.yaml', '401 Unauthorized');

const ROWS: readonly (readonly [what: string, error: unknown, reason: string, mend: RegExp])[] = [
  ['an error of a fetch', login, 'unauthorized', /^give user name and password/],
  [
    'a repository that cannot be had: why',
    new SourceError('source/unreachable', `cannot be reached: ${login.message}`, login),
    'unauthorized',
    /^give user name and password/,
  ],
  [
    'a repository that cannot be had, nobody knows why',
    new SourceError('source/unreachable', 'cannot be reached', new Error('no')),
    'unreachable',
    /^$/,
  ],
  [
    'a chart that is not there',
    new SourceError('source/not-found', 'chart "web" not found'),
    'not-found',
    /^compare chart.name and chart.version/,
  ],
  [
    'words of ours end with the mend',
    new ValuesError('Secret a/b of spec.valuesFrom does not exist: create it', 'waiting'),
    'values',
    /^create it$/,
  ],
  [
    'a Secret that is refused',
    new ChartSecretError('Secret a/b is refused: 401', { mend: 'correct it', cause: login }),
    'chart-secret',
    /^correct it$/,
  ],
  [
    'the table of the engine goes first',
    new HelmError('helm/render-memory', 'too much'),
    'render-memory',
    /^make the chart render less/,
  ],
  ['nothing known', new Error('what?'), 'unknown', /^$/],
];

for (const [what, error, reason, mend] of ROWS)
  test(what, () => {
    const verdict = verdictOf(error);
    assert.equal(verdict.reason, reason);
    assert.match(verdict.mend, mend);
  });

test('what mends it is said once', () => {
  const count = (text: string, part: string) => text.split(part).length - 1;
  const said = explain(
    new ValuesError('ConfigMap a/b does not exist: create it', 'waiting'),
    String,
  );
  assert.equal(said, 'ConfigMap a/b does not exist: create it');
  const missing = explain(new SourceError('source/not-found', 'chart "web" not found'), String);
  assert.match(missing, /not found; to mend it: compare chart\.name/);
  assert.equal(count(explain(login, String), 'give user name'), 1);
});

test('one error is no list', () => {
  assert.equal(explain(new Error('1 error occurred:\n\t* no room\n\n'), String), 'no room');
  assert.match(explain(new Error('2 errors occurred:\n\t* a\n\t* b\n'), String), /^2 errors/);
});
