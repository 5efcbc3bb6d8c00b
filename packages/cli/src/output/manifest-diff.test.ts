// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffManifests } from './manifest-diff.ts';

const options = { contextLines: 1, namespace: 'apps' };
const print = (before: string, after: string) =>
  diffManifests(before, after, options)
    .map(({ text }) => `${text}\n`)
    .join('');

const MAP =
  '---\n# Source: a/b.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: ';

test('equal manifests have no difference, whatever template they came from', () => {
  assert.equal(print(`${MAP}1\n`, `${MAP.replace('a/b.yaml', 'c/d.yaml')}1\n\n`), '');
});

test('objects that changed, came and went', () => {
  const other = MAP.replace('name: a', 'name: b');
  assert.equal(
    print(`${MAP}1\n`, `${MAP}2\n`),
    'v1 ConfigMap apps/a (changed)\n@@ -5,2 +5,2 @@\n data:\n-  k: 1\n+  k: 2\n\n',
  );
  assert.match(print(`${MAP}1\n`, `${MAP}1\n${other}1\n`), /^v1 ConfigMap apps\/b \(added\)\n/);
  assert.match(print(`${MAP}1\n${other}1\n`, `${other}1\n`), /^v1 ConfigMap apps\/a \(removed\)\n/);
});

test('what a Secret holds is never shown', () => {
  const secret = (values: string) =>
    `---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {${values}}\n`;
  const text = print(secret('a: hunter2, b: same'), secret('a: hunter3, b: same, c: canary'));
  assert.doesNotMatch(text, /hunter|same|canary/);
  assert.match(text, /- {2}a: \(hidden, 7 bytes\)\n\+ {2}a: \(hidden, 7 bytes, changed\)\n/);
  assert.match(text, /\+ {2}c: \(hidden, 6 bytes\)\n/);
});
