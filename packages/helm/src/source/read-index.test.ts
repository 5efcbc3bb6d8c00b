// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceError } from './errors.ts';
import { chooseVersion } from './index-versions.ts';
import { type ReadIndex, readIndex } from './read-index.ts';

async function read(text: string, partBytes = 7): Promise<ReadIndex> {
  const bytes = new TextEncoder().encode(text);
  const open = async () =>
    (async function* () {
      for (let start = 0; start < bytes.length; start += partBytes)
        yield bytes.subarray(start, start + partBytes);
    })();
  return await readIndex(open, 'http://charts.test');
}

const brief = ({ charts, skipped }: ReadIndex) => ({
  charts: Object.fromEntries(
    charts.map(({ name, versions }) => [name, versions.map((v) => v.version)]),
  ),
  skipped: skipped.length,
});

const entry = (name: string, version: string, more = '') => `  - apiVersion: v2
    name: ${name}
    version: ${version}
    urls: [${name}-${version}.tgz]
${more}`;
const head = 'apiVersion: v1\nentries:\n';

test('forms of an index that mean the same', async () => {
  const wanted = { charts: { a: ['2.0.0', '1.0.0'], b: [], '3scale': ['1.2.0'] }, skipped: 0 };
  const rows: Record<string, string> = {
    usual: `${head}  3scale:\n${entry('3scale', '1.2.0')}  a:\n${entry('a', '1.0.0')}${entry('a', '2.0.0')}  b: []\ngenerated: "2024-01-01T00:00:00Z"\n`,
    quoted: `---\n# index\napiVersion: "v1"\nentries: # all\n    "a":\n    ${entry('a', '1.0.0').replaceAll('\n', '\n    ')}\n    ${entry('a', '2.0.0').replaceAll('\n', '\n    ')}\n    b:\n    '3scale':\n    - {apiVersion: v2, name: 3scale, version: 1.2.0, urls: [x]}\n`,
    anchors: `${head}  a:\n${entry('a', '1.0.0', '    keywords: &k [x]\n')}${entry('a', '2.0.0', '    keywords: *k\n')}  b: null\n  3scale:\n${entry('3scale', '1.2.0')}`,
    flow: '{apiVersion: v1, entries: {a: [{apiVersion: v2, name: a, version: 1.0.0}, {apiVersion: v2, name: a, version: 2.0.0}], b: [], 3scale: [{name: 3scale, version: 1.2.0}]}}',
    json: '{"apiVersion":"v1","unknown":1,"entries":{"a":[{"name":"a","version":"2.0.0","x":1},{"name":"a","version":"1.0.0"}],"b":null,"3scale":[{"name":"3scale","version":"1.2.0"}]}}',
    windows:
      `${head}  a:\n${entry('a', '1.0.0')}${entry('a', '2.0.0')}  b: []\n  3scale:\n${entry('3scale', '1.2.0')}`.replaceAll(
        '\n',
        '\r\n',
      ),
    texts: `${head}  a:\n${entry('a', '1.0.0', '    description: |+\n      b:\n      - no\n\n      # no comment\n    icon: "x\n      y"\n')}${entry('a', '2.0.0')}  b:\n  3scale:\n${entry('3scale', '1.2.0')}`,
  };
  for (const [name, text] of Object.entries(rows)) {
    for (const size of [7, 100_000]) assert.deepEqual(brief(await read(text, size)), wanted, name);
  }
});

test('entries that Helm leaves out', async () => {
  const text = `${head}  a:
${entry('a', '1.0.0')}  -
${entry('a', 'nonsense')}${entry('', '1.0.0')}${entry('a/b', '1.0.0')}  - name: old
    version: 0.1.0
${entry('twins', '1.0.0', '    dependencies: [{name: x}, {name: x}]\n')}`;
  const { charts, skipped } = await read(text);
  assert.deepEqual(
    charts.map(({ versions }) => versions.map(({ version }) => version)),
    [['1.0.0', '1.0.0', '0.1.0']],
  );
  assert.deepEqual(skipped, [
    'skipping loading invalid entry for chart "a" from http://charts.test: empty entry',
    'skipping loading invalid entry for chart "a" "nonsense" from http://charts.test: validation: chart.metadata.version "nonsense" is invalid',
    'skipping loading invalid entry for chart "a" "1.0.0" from http://charts.test: validation: chart.metadata.name is required',
    'skipping loading invalid entry for chart "a" "1.0.0" from http://charts.test: validation: chart.metadata.name "a/b" is invalid',
  ]);
});

test('what Helm refuses, in its words', async () => {
  const rows: [string, RegExp][] = [
    ['', /^empty index.yaml file$/],
    ['entries: {}\n', /^no API version specified$/],
    ['apiVersion: v1\nnews: 1\n', /json: unknown field "news"$/],
    [`${head}  a:\n${entry('a', '1.0.0', '    news: 1\n')}`, /json: unknown field "news"$/],
    [
      `${head}  a:\n${entry('a', '1.0.0', '    name: b\n')}`,
      /line 8: key "name" already set in map$/,
    ],
    [`${head}  a:\n${entry('a', '1.0.0')}  a: []\n`, /key "a" already set in map$/],
    [
      `${head}  a:\n${entry('a', '1.0')}`,
      /cannot unmarshal number into Go struct field .*version of type string$/,
    ],
    ['<html>\n<body>\n', /cannot unmarshal string into Go value of type repo.IndexFile$/],
    ['a: b: c\n', /mapping values are not allowed in this context$/],
  ];
  for (const [text, wanted] of rows) {
    await assert.rejects(read(text), (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, wanted);
      return true;
    });
  }
});

test('the same text comes before any range, and a range must be one', async () => {
  const version = (text: string) => ({ version: text, urls: [], digest: '', created: '' });
  const versions = ['2.0.0-rc.1', '1.10.0', '1.9.0', 'v1.2', '1.2.0'].map(version);
  const rows: [string, string | undefined][] = [
    ['', '1.10.0'],
    ['1.2', 'v1.2'],
    ['1.2.0', '1.2.0'],
    ['^1.9', '1.10.0'],
    ['>0.0.0-0', '2.0.0-rc.1'],
    ['9', undefined],
  ];
  for (const [wanted, found] of rows)
    assert.equal(chooseVersion(versions, wanted)?.version, found, wanted);
  assert.throws(
    () => chooseVersion([version('latest')], 'latest'),
    /improper constraint: "latest"/,
  );
});

test('a large index is read in pieces', async () => {
  const filler = `    description: ${'word '.repeat(160)}\n`;
  let text = head;
  for (let chart = 0; chart < 30; chart++) {
    text += `  c${chart}:\n`;
    for (let minor = 0; minor < 100; minor++) text += entry(`c${chart}`, `1.${minor}.0`, filler);
  }
  const { charts } = await read(text, 65_536);
  assert.equal(charts.length, 30);
  assert.equal(charts[29]?.versions[0]?.version, '1.99.0');
  await assert.rejects(read(`${text}  c30:\n${entry('c30', '1.0.0', '    news: 1\n')}`, 65_536), {
    message: /unknown field "news"$/,
  });
});
