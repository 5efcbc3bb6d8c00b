// SPDX-License-Identifier: Apache-2.0

/**
 * Templates through ours and, beside it, through Go's text/template: median time of one parse and of one warm execution.
 *
 * `npm run bench -- gotemplate [ORACLE]`, ORACLE being the built program of test/tools/oracle.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { decodeJson } from '@helm-operator/gocompat';
import { Budget, TemplateSet } from '@helm-operator/gotemplate';
import type { TemplateRow } from '../conformance/template-cases.ts';
import { templateFunctions } from '../conformance/template-functions.ts';

const MEASURE_MS = 500;

const values = {
  list: Array.from({ length: 1000 }, (_, i) => ({ name: `item-${i}`, value: i, on: i % 3 === 0 })),
  map: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key-${i}`, `value ${i}`])),
  a: { b: { c: { d: 'deep' } } },
};

const workloads: readonly (readonly [string, TemplateRow])[] = [
  ['a chart: helpers and a Deployment', chartRow()],
  [
    'range over 1,000 maps, fields and if',
    row(
      '{{range $i, $e := .list}}- {{.name}}: {{$e.value}}{{if .on}} on{{else}} off{{end}}\n{{end}}',
    ),
  ],
  [
    '1,000 printf and eq',
    row('{{range .list}}{{printf "%s=%v" .name .value}}{{if eq .name "item-7"}}!{{end}}\n{{end}}'),
  ],
  ['1,000 deep fields', row('{{range .list}}{{$.a.b.c.d}}{{end}}')],
  ['range over a map of 300', row('{{range $k, $v := .map}}{{$k}}: {{$v}}\n{{end}}')],
  [
    '1,000 includes',
    row('{{define "x"}}<{{.name}}>{{end}}{{range .list}}{{include "x" . | len}}{{end}}'),
  ],
  [
    '1,000 templates',
    row('{{define "x"}}<{{.name}}>{{end}}{{range .list}}{{template "x" .}}{{end}}'),
  ],
];

function row(text: string): TemplateRow {
  return { templates: [['main', text]], main: 'main', data: values };
}

function chartRow(): TemplateRow {
  const cases = new URL('../conformance/cases/gotemplate-charts.json', import.meta.url);
  const { rows } = JSON.parse(readFileSync(cases, 'utf8')) as { rows: TemplateRow[] };
  const [first] = rows;
  if (first === undefined) throw new Error('gotemplate-charts.json has no rows');
  const { templates, main, data } = first;
  return { templates, main, data };
}

function parse({ templates }: TemplateRow): TemplateSet {
  const set = new TemplateSet({ functions: templateFunctions });
  for (const [name, text] of templates) set.parse(name, text);
  return set;
}

function medianNs(work: () => unknown): number {
  const samples: number[] = [];
  const startMs = performance.now();
  while (performance.now() - startMs < MEASURE_MS) {
    const fromMs = performance.now();
    work();
    samples.push(performance.now() - fromMs);
  }
  samples.sort((a, b) => a - b);
  return (samples[samples.length >> 1] ?? 0) * 1e6;
}

interface Timing {
  readonly parseNs: number;
  readonly executeNs: number;
}

function timeOurs(one: TemplateRow): Timing {
  const set = parse(one);
  const data = decodeJson(JSON.stringify(one.data));
  const execute = (): number =>
    set.execute(one.main, data, { budget: new Budget({ steps: 1e9 }), state: { set } }).length;
  return { parseNs: medianNs(() => parse(one)), executeNs: medianNs(execute) };
}

function timeGo(oracle: string): readonly Timing[] {
  const { status, stdout, stderr } = spawnSync(oracle, ['template-time'], {
    input: workloads.map(([, one]) => `${JSON.stringify(one)}\n`).join(''),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the oracle ended with ${status}: ${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Timing);
}

function us(ns: number | undefined): string {
  return ns === undefined ? '-'.padStart(9) : (ns / 1000).toFixed(1).padStart(9);
}

const [oracle] = process.argv.slice(2);
const go = oracle === undefined ? [] : timeGo(oracle);
process.stdout.write(
  `${'microseconds'.padEnd(40)} ${'parse'.padStart(9)} ${'Go'.padStart(9)} ${'execute'.padStart(9)} ${'Go'.padStart(9)}\n`,
);
workloads.forEach(([name, one], i) => {
  const ours = timeOurs(one);
  process.stdout.write(
    `${name.padEnd(40)} ${us(ours.parseNs)} ${us(go[i]?.parseNs)} ${us(ours.executeNs)} ${us(go[i]?.executeNs)}\n`,
  );
});
