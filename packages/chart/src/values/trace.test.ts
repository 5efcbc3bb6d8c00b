// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeYamlWithLines, encodeJson, type Value } from '@helm-operator/gocompat';
import type { Chart } from '../chart/chart.ts';
import { loadFiles } from '../chart/load-files.ts';
import type { Profile } from '../profile.ts';
import { coalesceValues } from './coalesce.ts';
import { composeValues, type ValuesLayer } from './compose.ts';
import { processDependencies } from './dependencies.ts';
import { isTable } from './tables.ts';
import { traceValues } from './trace.ts';

function file(origin: string, text: string, isSecret = false): ValuesLayer {
  const { value, lines } = decodeYamlWithLines(text);
  return { origin, values: isTable(value) ? value : new Map(), lines, isSecret };
}

function line(text: string): ValuesLayer {
  return { origin: `--set ${text}`, isSecret: false, set: { line: text, mode: 'typed' } };
}

/** Charts by their folders: name → values.yaml. */
function chartOf(files: Readonly<Record<string, string>>): Chart {
  const encoder = new TextEncoder();
  const list = Object.entries(files).map(([name, text]) => ({ name, data: encoder.encode(text) }));
  return loadFiles(list, { unpack: () => [] });
}

const metadata = (name: string, more = '') =>
  `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;

const FAMILY = {
  'Chart.yaml': metadata(
    'top',
    'dependencies:\n- {name: sub, version: 1.x}\n- {name: sub, version: 1.x, alias: twin}\n',
  ),
  'values.yaml':
    'own: 1\nglobal:\n  region: eu\n  top: t\nsub:\n  fromParent: p\n  gone: null\ntwin:\n  x: tx\n',
  'charts/sub/Chart.yaml': metadata('sub'),
  'charts/sub/values.yaml':
    'x: sx\nfromParent: s\ngone: s\nt:\n  a: 1\n  b: 2\nglobal:\n  region: sub\n  child: c\n',
  'charts/sub/charts/leaf/Chart.yaml': metadata('leaf'),
  'charts/sub/charts/leaf/values.yaml': 'v: lv\nglobal:\n  leaf: l\n  child: lc\n',
};

interface Row {
  readonly origin: string;
  readonly line: number | undefined;
  readonly isSecret: boolean;
}

function originsOf(
  layers: readonly ValuesLayer[],
  files: Readonly<Record<string, string>> = FAMILY,
  profile: Profile = 'helm3',
): ReadonlyMap<string, Row> {
  const { values } = composeValues(layers);
  const chart = processDependencies(chartOf(files), values, { profile, warn: () => undefined });
  const options = { profile };
  const traced = traceValues(chart, layers, options);
  assertSame(coalesceValues(chart, values, options), traced);
  return new Map(
    traced.map(({ path, origin, line: at, isSecret }) => [
      path.join('.'),
      { origin, line: at, isSecret },
    ]),
  );
}

/** The trace has every leaf that templates see, with its value, and no other. */
function assertSame(
  seen: Value,
  traced: readonly { path: readonly string[]; value: Value }[],
): void {
  const leaves: string[] = [];
  const walk = (value: Value, path: readonly string[]): void => {
    if (isTable(value) && value.size > 0) {
      for (const [key, inner] of value) walk(inner, [...path, key]);
    } else leaves.push(`${path.join('.')}=${encodeJson(value)}`);
  };
  walk(seen, []);
  const told = traced.map(({ path, value }) => `${path.join('.')}=${encodeJson(value)}`);
  assert.deepEqual(told, leaves);
}

function assertOrigins(
  actual: ReadonlyMap<string, Row>,
  wanted: Readonly<Record<string, string>>,
): void {
  const found = Object.keys(wanted).map((path) => {
    const row = actual.get(path);
    const place = row?.line === undefined ? '' : `:${row.line}`;
    return [path, row === undefined ? 'absent' : row.origin + place];
  });
  assert.deepEqual(Object.fromEntries(found), wanted);
}

test('defaults are told from the chart that has the word', () => {
  assertOrigins(originsOf([]), {
    own: 'values.yaml of chart top:1',
    'sub.fromParent': 'values.yaml of chart top:6',
    'sub.x': 'values.yaml of chart sub:1',
    'sub.t.b': 'values.yaml of chart sub:6',
    'sub.gone': 'absent',
    'twin.x': 'values.yaml of chart top:9',
    'twin.gone': 'values.yaml of chart twin:3',
    'sub.leaf.v': 'values.yaml of chart leaf:1',
  });
});

test('globals come from above, from the top on, then from the subchart', () => {
  assertOrigins(originsOf([file('values-prod.yaml', '# prod\nglobal: {region: us}')]), {
    'global.region': 'values-prod.yaml:2',
    'sub.global.region': 'values-prod.yaml:2',
    'sub.global.top': 'values.yaml of chart top:4',
    'sub.global.child': 'values.yaml of chart sub:9',
    'sub.leaf.global.region': 'values-prod.yaml:2',
    'sub.leaf.global.child': 'values.yaml of chart sub:9',
    'sub.leaf.global.leaf': 'values.yaml of chart leaf:3',
    'twin.global.region': 'values-prod.yaml:2',
  });
});

test('a global that the user gives to a subchart yields to one from above', () => {
  const layers = [file('v.yaml', 'sub:\n  global:\n    region: mine\n    more: 1')];
  assertOrigins(originsOf(layers), {
    'sub.global.region': 'values.yaml of chart top:3',
    'sub.global.more': 'v.yaml:4',
    'sub.leaf.global.more': 'v.yaml:4',
    'global.more': 'absent',
  });
});

test('null takes a default away, and is told where it stays', () => {
  const layers = [file('v.yaml', 'own: null\nsub:\n  x: null\n  t: {a: null}')];
  assertOrigins(originsOf(layers), {
    own: 'absent',
    'sub.x': 'absent',
    'sub.t.a': 'absent',
    'sub.t.b': 'values.yaml of chart sub:6',
  });
  assertOrigins(originsOf([...layers, line('own=2')]), { own: '--set own=2' });
});

test('each layer is told for what it set last', () => {
  const layers = [
    file('ConfigMap apps/base key values.yaml', 'a: 5\nb:\n  x: 1\n  v: 2\nc: {d: 1}'),
    file('Secret apps/db key values.yaml', '\nb: {v: s3cret}\na:\n  z: 1', true),
    { origin: 'spec.values', isSecret: false, values: new Map<string, Value>([['c', 7]]) },
    line('b.x=9,l[1]=q,new.deep=true'),
  ];
  const origins = originsOf(layers);
  assertOrigins(origins, {
    'a.z': 'Secret apps/db key values.yaml:4',
    'b.x': '--set b.x=9,l[1]=q,new.deep=true',
    'b.v': 'Secret apps/db key values.yaml:2',
    c: 'spec.values',
    l: '--set b.x=9,l[1]=q,new.deep=true',
    'new.deep': '--set b.x=9,l[1]=q,new.deep=true',
  });
  assert.equal(origins.get('b.v')?.isSecret, true);
  assert.equal(origins.get('b.x')?.isSecret, false);
});

test('a layer that lost its place is not told for a default that came back', () => {
  const files = { 'Chart.yaml': metadata('top'), 'values.yaml': 'a:\n  b: 1\n  c: 2\n' };
  const layers = [
    file('one.yaml', 'a: {b: 5}'),
    file('two.yaml', 'a: 7'),
    file('three.yaml', 'a: {c: 9}'),
  ];
  assertOrigins(originsOf(layers, files), {
    'a.b': 'values.yaml of chart top:2',
    'a.c': 'three.yaml:1',
  });
});

test('empty tables and lists have an origin too', () => {
  const files = { 'Chart.yaml': metadata('top'), 'values.yaml': 'a: {b: 1}\ne: {}\n' };
  assertOrigins(originsOf([file('v.yaml', 'x: {}\na: {}\nv: []')], files), {
    x: 'v.yaml:1',
    v: 'v.yaml:3',
    e: 'values.yaml of chart top:2',
    'a.b': 'values.yaml of chart top:1',
  });
});

test('names of JavaScript are names like others', () => {
  const files = {
    'Chart.yaml': metadata('top'),
    'values.yaml': '__proto__: {x: 1}\nconstructor: {prototype: 2}\n',
  };
  assertOrigins(originsOf([line('toString=1,__proto__.y=2')], files), {
    '__proto__.x': 'values.yaml of chart top:1',
    '__proto__.y': '--set toString=1,__proto__.y=2',
    'constructor.prototype': 'values.yaml of chart top:2',
    toString: '--set toString=1,__proto__.y=2',
  });
});

test('Helm 4 is traced through its own coalescing', () => {
  assertOrigins(originsOf([file('v.yaml', 'global: {region: us}')], FAMILY, 'helm4'), {
    'sub.global.region': 'v.yaml:1',
    'sub.fromParent': 'values.yaml of chart top:6',
    // Nulls of a chart's own values.yaml are dropped before they could take anything away.
    'sub.gone': 'values.yaml of chart sub:3',
  });
});
