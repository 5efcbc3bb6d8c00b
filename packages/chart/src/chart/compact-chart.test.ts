// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@helm-operator/gocompat';
import type { Chart, ChartFile } from './chart.ts';
import { compactChart } from './compact-chart.ts';
import { loadFiles } from './load-files.ts';
import { storedChart } from './stored-chart.ts';

const META = 'apiVersion: v2\nname: c\nversion: 1.0.0\n';

function load(files: Readonly<Record<string, string | Uint8Array>>): Chart {
  const list = Object.entries(files).map(
    ([name, data]): ChartFile => ({
      name,
      data: typeof data === 'string' ? encodeUtf8(data) : data,
    }),
  );
  return loadFiles(list, { unpack: () => [] });
}

function stored(chart: Chart): string {
  return storedChart(chart, (bytes) => Buffer.from(bytes).toString('base64'));
}

test('a compact chart is stored as the one it was made from, whatever bytes its files hold', () => {
  const all = Uint8Array.from({ length: 512 }, (_, i) => i % 256);
  const chart = load({
    'Chart.yaml': META,
    'values.yaml': 'a: {b: [1, two]}\n',
    'values.schema.json': '{"type":"object"}',
    'templates/a.yaml': 'ü {{ .Values.a }}',
    'templates/b.bin': all,
    'templates/empty': '',
    'files/x': all,
    'charts/d/Chart.yaml': META.replace('name: c', 'name: d'),
    'charts/d/templates/t.yaml': 'x: \u{1f600}',
  });
  const { chart: compact, bytes } = compactChart(chart);
  assert.equal(stored(compact), stored(chart));
  const [child] = compact.dependencies;
  assert.ok(child !== undefined);
  assert.equal(stored(child), stored(chart.dependencies[0] ?? chart));
  assert.equal(compact.path, chart.path);
  assert.deepEqual(compact.raw, []);
  assert.ok(bytes > 1024 && bytes < 20_000, String(bytes));
});

test('a compact chart does not keep the archive it came from', () => {
  const archive = new Uint8Array(100_000);
  archive.set(encodeUtf8('hello'), 500);
  const chart = load({ 'Chart.yaml': META });
  const files = [{ name: 'x', data: archive.subarray(500, 505) }];
  const compact = compactChart({ ...chart, files, raw: files }).chart;
  assert.equal(compact.files[0]?.data.buffer.byteLength, 5);
});
