// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '@helm-operator/gocompat';
import { TemplateSet } from './template-set.ts';

interface Case {
  readonly name: string;
  readonly text: string;
  readonly expected: string;
}

const CASES: readonly Case[] = [
  { name: 'branch', text: '{{if .yes}} a{{.n}} {{else}} b{{.n}} {{end}}|', expected: ' a3 |' },
  { name: 'else', text: '{{if .no}}a{{.n}}{{else -}}  b{{.n}}{{- end}}|', expected: 'b3|' },
  {
    name: 'else if',
    text: '{{if .no}}a{{.n}}{{else if .yes}}b{{if .yes}}{{.n}}{{end}}{{else}}c{{end}}|',
    expected: 'b3|',
  },
  {
    name: 'variables from outside',
    text: '{{$x := .n}}{{if .yes}}{{$y := $x}}{{$x = 4}}{{$x}}{{$y}}{{end}}{{$x}}',
    expected: '434',
  },
  {
    name: 'break and continue in a branch',
    text: '{{range $i, $e := .list}}{{if eq $e "b"}}{{$i}}{{continue}}{{end}}{{if eq $e "d"}}{{$e}}{{break}}{{end}}{{$e}},{{end}}',
    expected: 'a,1c,d',
  },
  {
    name: 'comment first',
    text: '{{with .list}}{{/* first */ -}}  {{len .}}{{end}}{{define "unused"}}{{.n}}{{end}}',
    expected: '4',
  },
  {
    name: 'block and define',
    text: '{{if .yes}}{{block "b" .}}[{{if .yes}}{{.n}}{{end}}]{{end}}{{template "d" .}}{{end}}{{define "d"}}<{{.n}}>{{end}}',
    expected: '[3]<3>',
  },
];

const DATA: Value = new Map<string, Value>([
  ['yes', true],
  ['no', false],
  ['n', 3],
  ['list', ['a', 'b', 'c', 'd']],
]);

test('what runs after compact is read again from the text', () => {
  for (const { name, text, expected } of CASES) {
    const set = new TemplateSet({ functions: new Map() });
    set.parse(name, text);
    assert.equal(set.execute(name, DATA), expected, `${name}: with its trees`);
    const compacted = new TemplateSet({ functions: new Map() });
    compacted.parse(name, text).compact();
    assert.equal(compacted.execute(name, DATA), expected, `${name}: compacted`);
    assert.equal(compacted.execute(name, DATA), expected, `${name}: a second time`);
  }
});

test('a branch that waits when the set is compacted runs later', () => {
  const set = new TemplateSet({ functions: new Map() });
  const parsed = set.parse(
    't',
    '{{$x := .n}}{{if .no}}-{{else}}{{if .late}}{{range .list}}{{$x}}{{.}}{{end}}{{end}}{{end}}',
  );
  assert.equal(set.execute('t', DATA), '');
  parsed.compact();
  const late = new Map<string, Value>([...(DATA as Map<string, Value>), ['late', true]]);
  assert.equal(set.execute('t', late), '3a3b3c3d');
  assert.equal(set.execute('t', DATA), '');
});

test('an error of a branch that was read again names its place', () => {
  const text = 'one\n{{if .yes}}\n  {{.n.deep}}{{end}}';
  const errors = [false, true].map((isCompact) => {
    const set = new TemplateSet({ functions: new Map() });
    const parsed = set.parse('t', text);
    if (isCompact) parsed.compact();
    try {
      return set.execute('t', DATA);
    } catch (error) {
      return String(error);
    }
  });
  assert.match(errors[0] ?? '', /t:3:6: executing "t" at <\.n\.deep>/);
  assert.equal(errors[1], errors[0]);
});
