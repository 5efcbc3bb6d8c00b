// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@helm-operator/gocompat';
import { loadFiles } from '../chart/load-files.ts';
import { nodeFunctionPorts } from '../ports/node.ts';
import { lintDeterminism } from './deterministic.ts';
import type { LintFolder } from './folder.ts';

/** What is found in a chart of one template and one partial, as `path: message`. */
function findIn(template: string, partial = ''): readonly string[] {
  const files = Object.entries({
    'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
    'values.yaml': 'm: {a: 1, b: 2}\n',
    'templates/t.yaml': template,
    'templates/_p.tpl': partial,
  }).map(([name, text]) => ({ name, data: encodeUtf8(text) }));
  const folder = {
    load: () => loadFiles(files, { unpack: () => assert.fail('no archives here') }),
  } as unknown as LintFolder;
  const findings = lintDeterminism(folder, {
    values: new Map(),
    namespace: 'default',
    profile: 'helm3',
    ports: { functions: nodeFunctionPorts(), nowMs: () => 0 },
  });
  return findings.map(({ path, message }) => `${path}: ${message}`);
}

const ROWS: readonly (readonly [string, readonly string[], string?])[] = [
  ['a: 1', []],
  ['a: {{ sha256sum "x" }}', []],
  [
    'a: 1\nb: {{ now | date "2006" }}',
    [
      'templates/t.yaml: line 2: now depends on the time: rendered again, templates/t.yaml:2 differs',
    ],
  ],
  ['a: {{ $x := uuidv4 }}{{ len $x }}', []],
  ['a: {{ toDate "2006" "2020" | date "2006" }}', []],
  [
    'a: {{ date "2006-01-02" nil }}',
    [
      'templates/t.yaml: line 1: date depends on the time: rendered again, templates/t.yaml:1 differs',
    ],
  ],
  [
    'a:\n  {{ include "p" . }}',
    [
      'templates/_p.tpl: line 2: randAlphaNum depends on chance: rendered again, templates/t.yaml:2 differs',
    ],
    '{{ define "p" -}}\n{{ randAlphaNum 20 }}{{ end }}',
  ],
  [
    'a: {{ keys .Values.m }}\nb: {{ keys .Values.m | sortAlpha }}\nc: {{ values .Values.m }}',
    [
      "templates/t.yaml: line 1: keys depends on the order of Go's maps: rendered again, templates/t.yaml:1 differs",
      "templates/t.yaml: line 3: values depends on the order of Go's maps: rendered again, templates/t.yaml:3 differs",
    ],
  ],
  [
    'a: {{ randAlpha 9 }}{{ randNumeric 9 }}\nb: {{ tpl "{{ uuidv4 }}" . }}',
    [
      'templates/t.yaml: line 1: randAlpha depends on chance: rendered again, templates/t.yaml:1 differs',
      'templates/t.yaml: line 1: randNumeric depends on chance: rendered again, templates/t.yaml:1 differs',
      'templates/: in a text given to tpl: uuidv4 depends on chance: rendered again, templates/t.yaml:2 differs',
    ],
  ],
  [
    '{{ $k := genPrivateKey "ed25519" }}{{ $c := genSelfSignedCertWithKey "x" nil nil 9 $k }}\na: {{ $c.Cert | b64enc }}',
    [
      'templates/t.yaml: line 1: genPrivateKey depends on a new key or certificate: rendered again, templates/t.yaml:2 differs',
      'templates/t.yaml: line 1: genSelfSignedCertWithKey depends on a new key or certificate: rendered again, templates/t.yaml:2 differs',
    ],
  ],
  ['a: {{ fail "no" }}{{ now }}{{ .Values.x.y }}', []],
];

for (const [template, expected, partial] of ROWS) {
  test(JSON.stringify(template), () => assert.deepEqual(findIn(template, partial), expected));
}
