// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram, Registry } from '@prometheus-io/client';
import { BUCKETS } from './metrics.ts';
import { SeriesHistogram } from './series-histogram.ts';

test('a histogram prints what the client library prints', async () => {
  const shape = { name: 'turns_seconds', help: 'Turns, in seconds.', buckets: BUCKETS };
  const registry = new Registry();
  const theirs = new Histogram({
    ...shape,
    buckets: [...BUCKETS],
    labelNames: ['action', 'release'],
    registers: [registry],
  });
  const ours = new SeriesHistogram(shape);
  const series = [
    { action: 'sync', release: 'web' },
    { action: 'install', release: 'web' },
    { action: 'sync', release: 'odd "name" \\ of\ntwo lines' },
  ];
  for (const [at, labels] of series.entries()) {
    for (const value of [0, 1, 1.5, 59.25, 600, 1800, 1801, 1e9].slice(at)) {
      theirs.observe(labels, value);
      ours.observe(labels, value);
    }
  }
  assert.equal(`${ours.text()}\n`, await registry.metrics());
});

test('a series takes little memory', () => {
  const histogram = new SeriesHistogram({ name: 'a', help: 'A.', buckets: BUCKETS });
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 10_000; i++) histogram.observe({ release: `release-${i}` }, 1);
  const each = (process.memoryUsage().heapUsed - before) / 10_000;
  assert.ok(each < 5_000, `${each} bytes`);
  assert.ok(histogram.text().length > 0);
});
