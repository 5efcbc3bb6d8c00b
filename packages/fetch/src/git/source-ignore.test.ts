// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceIgnore } from './source-ignore.ts';

const ROWS: readonly [text: string, left: readonly string[], out: readonly string[]][] = [
  ['*.md', ['a.txt', 'a.jpg'], ['a.md', 'docs/a.md', '.gitignore', 'x/.git/config']],
  ['/*.md', ['docs/a.md'], ['a.md']],
  ['docs/', ['docs', 'other/a'], ['docs/a', 'x/docs/a/b']],
  ['/docs/', ['x/docs/a'], ['docs/a']],
  ['/*\n!/charts', ['charts/a'], ['a', 'other/b']],
  ['**/test/*.yaml', ['a.yaml', 'test/deep/a.yaml'], ['test/a.yaml', 'x/y/test/a.yaml']],
  ['a/**', ['b/a'], ['a/b', 'a/b/c']],
  ['a/**/z', ['a/y'], ['a/z', 'a/b/c/z']],
  ['# note\n\n  \n[a', ['[a', 'a'], []],
  ['*.md   ', ['a'], ['a.md']],
  ['*.md\n!keep.md', ['keep.md', 'x/keep.md'], ['a.md']],
];

for (const [text, left, out] of ROWS) {
  test(`patterns ${JSON.stringify(text)}`, () => {
    const isIgnored = sourceIgnore({ ignore: text, files: [] });
    assert.deepEqual([...left, ...out].filter(isIgnored), out);
  });
}

test('without patterns the defaults count; those of a folder count below it', () => {
  const byDefault = sourceIgnore({ files: [] });
  assert.deepEqual(
    ['a.png', 'chart/b.tgz', '.github/x', 'x/.flux.yaml', 'a.tar.gz', 'values.yaml'].filter(
      byDefault,
    ),
    ['a.png', '.github/x', 'x/.flux.yaml', 'a.tar.gz'],
  );
  const nested = sourceIgnore({ files: [{ folder: 'chart', text: '/a' }], ignore: '!b' });
  assert.deepEqual(['a', 'chart/a', 'chart/x/a', 'a.png'].filter(nested), ['chart/a']);
});
