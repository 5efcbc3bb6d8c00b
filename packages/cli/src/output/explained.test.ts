// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeValues, loadFiles, type ValuesLayer } from '@helm-operator/chart';
import { decodeYamlWithLines, encodeUtf8 } from '@helm-operator/gocompat';
import { explainPath, printExplained } from './explained.ts';

const FILES: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: root\nversion: 1.0.0\n',
  'values.yaml':
    'image:\n  tag: a\n  name: n\nchild:\n  port: 1\nglobal:\n  g: root\n"dotted.key": 1\n',
  'charts/child/Chart.yaml': 'apiVersion: v2\nname: child\nversion: 1.0.0\n',
  'charts/child/values.yaml': 'port: 80\nhost: h\nglobal:\n  g: child\n',
};

const chart = loadFiles(
  Object.entries(FILES).map(([name, text]) => ({ name, data: encodeUtf8(text) })),
  { unpack: () => [] },
);

function explain(path: string): string {
  const { value, lines } = decodeYamlWithLines('image:\n  tag: b\nchild: {port: 2}\n');
  assert.ok(value instanceof Map);
  const layers: readonly ValuesLayer[] = [
    { origin: 'a.yaml', values: value, lines, isSecret: false },
    { origin: 'Secret s', values: new Map([['password', 'hunter2']]), isSecret: true },
    { origin: '--set', isSecret: false, set: { line: 'image.tag=c', mode: 'typed' } },
  ];
  const { values } = composeValues(layers);
  return printExplained(explainPath(path, { chart, values, layers, profile: 'helm3' }));
}

test('a value, where it came from and what gave way', () => {
  const tag = `image.tag: "c"
  from --set
  overrides a.yaml, line 2: "b"
  overrides values.yaml of chart root, line 2: "a"
`;
  assert.equal(explain('image.tag'), tag);
  assert.equal(explain('.Values.image.tag'), tag);
  assert.equal(
    explain('child.port'),
    `child.port: 2
  from a.yaml, line 3
  overrides values.yaml of chart root, line 5: 1
  overrides values.yaml of chart child, line 1: 80
`,
  );
  assert.equal(
    explain('child.host'),
    'child.host: "h"\n  from values.yaml of chart child, line 2\n',
  );
  assert.match(
    explain('child.global.g'),
    /^child.global.g: "root"\n {2}from values.yaml of chart root/,
  );
  assert.equal(
    explain('dotted\\.key'),
    'dotted\\.key: 1\n  from values.yaml of chart root, line 8\n',
  );
  assert.match(explain('image'), /image\.tag[\s\S]*image\.name/);
});

test('secrets stay hidden, a path that is nowhere is an error', () => {
  assert.equal(explain('password'), 'password: (hidden)\n  from Secret s\n');
  assert.throws(() => explain('nope'), { message: 'no value has the path nope' });
});
