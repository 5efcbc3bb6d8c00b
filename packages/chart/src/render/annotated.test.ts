// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeAnnotated, splitAnnotated } from './annotated.ts';

const PATH = 'a/templates/x.yaml';
test('files go in by name, partials and empty ones stay out', () => {
  const files = new Map([
    ['c/b.yaml', 'kind: B\n---\nkind: C\n'],
    ['c/_p.yaml', 'kind: P\n'],
    ['c/a.yaml', '# only a comment\n'],
    ['a/z.yaml', 'kind: List\nitems:\n- kind: I\n'],
  ]);
  const stream = mergeAnnotated(files);
  const kinds = [...stream.matchAll(/^kind: (.*)$/gm)].map(([, kind]) => kind);
  assert.deepEqual(kinds, ['I', 'B', 'C']);
  const back = splitAnnotated(`${stream}---\nkind: New\n`, 'hooks');
  assert.deepEqual(
    [...back],
    [
      ['a/z.yaml', 'kind: I\n'],
      ['c/b.yaml', 'kind: B\n---\nkind: C\n'],
      ['generated-by-postrender-hooks-3.yaml', 'kind: New\n'],
    ],
  );
});

test('what is no map, and what is no YAML, is refused with its file', () => {
  const merge = (text: string) => () => mergeAnnotated(new Map([[PATH, text]]));
  assert.throws(merge('a: [\n'), {
    message: /^parsing a\/templates\/x\.yaml: MalformedYAMLError: yaml: /,
  });
  assert.throws(merge('- a\n'), {
    message: /wrong node kind: expected MappingNode but got SequenceNode/,
  });
});
