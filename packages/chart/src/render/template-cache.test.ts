// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ParsedText, TemplateSet } from '@helm-operator/gotemplate';
import { createTemplateCache, type TemplateCache } from './template-cache.ts';

const COMMON = `{{define "common"}}${'x'.repeat(5000)}{{.}}{{end}}`;

/** A set of texts, read by way of the cache as the engine reads them. */
function keep(cache: TemplateCache, key: string, texts: readonly string[]): TemplateSet {
  const set = new TemplateSet({ functions: new Map() });
  const parsed = texts.map(
    (text, i): ParsedText => set.parse(`${key}/${i}`, text, cache.text('f', text)),
  );
  cache.set(key, 'f', { set, texts: parsed });
  return set;
}

test('a text that charts have in common is held and counted once', () => {
  const cache = createTemplateCache(1_000_000);
  keep(cache, 'a', [COMMON, 'a{{template "common" 1}}']);
  const first = cache.bytes;
  assert.ok(first > 5000, String(first));
  const set = keep(cache, 'b', [COMMON, 'b{{template "common" 2}}']);
  assert.ok(cache.bytes - first < 5000, String(cache.bytes - first));
  assert.match(set.execute('b/1', null), /^bx+2$/);
  assert.equal(cache.text('other functions', COMMON), undefined);
});

test('what runs is weighed, and the limit holds for it', () => {
  const cache = createTemplateCache(200_000);
  const actions = (letter: string): string => `${letter}{{printf "%d" 1}}`.repeat(40);
  const before = keep(cache, 'a', [actions('a')]);
  const bytes = cache.bytes;
  before.execute('a/0', null);
  assert.equal(cache.bytes, bytes);
  cache.settle('a');
  assert.ok(cache.bytes > bytes + 10_000, `${cache.bytes} after ${bytes}`);
  for (const key of ['b', 'c', 'd']) {
    keep(cache, key, [actions(key)]).execute(`${key}/0`, null);
    cache.settle(key);
    assert.ok(cache.bytes <= 200_000, String(cache.bytes));
  }
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.text('f', actions('a')), undefined);
  assert.notEqual(cache.get('d'), undefined);
});

test('a chart that goes leaves what others hold, and nothing when all are gone', () => {
  const cache = createTemplateCache(17_000);
  keep(cache, 'a', [COMMON, 'a']);
  keep(cache, 'b', [COMMON, 'b']);
  keep(cache, 'c', ['c'.repeat(7000)]);
  assert.equal(cache.get('a'), undefined);
  assert.notEqual(cache.text('f', COMMON), undefined);
  keep(cache, 'd', ['d'.repeat(12_000)]);
  assert.equal(cache.get('b'), undefined);
  assert.equal(cache.text('f', COMMON), undefined);
  keep(cache, 'e', ['e'.repeat(20_000)]);
  assert.equal(cache.bytes, 0);
});

test('texts of tpl are kept for some time, in a sixteenth of the room', () => {
  const cache = createTemplateCache(160_000);
  for (let i = 0; i < 20; i++) {
    const text = `${i}${'y'.repeat(1000)}`;
    cache.keepText('f', new TemplateSet({ functions: new Map() }).parse('gotpl', text));
  }
  assert.ok(cache.bytes <= 10_000 && cache.bytes > 5000, String(cache.bytes));
  assert.notEqual(cache.text('f', `19${'y'.repeat(1000)}`), undefined);
  assert.equal(cache.text('f', `0${'y'.repeat(1000)}`), undefined);
});
