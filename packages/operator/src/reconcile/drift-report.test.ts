// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { int64 } from '@helm-operator/gocompat';
import type { DriftedObject } from '@helm-operator/helm';
import { driftReport } from './drift-report.ts';

const redact = (text: string) => text.replaceAll('s3cret', '***');
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'apps', name: 'web' };

test('each field says what is instead of what shall be; secrets do not show', () => {
  const objects: readonly DriftedObject[] = [
    {
      ref: deployment,
      kind: 'changed',
      changes: [
        { path: 'spec.replicas', before: int64(5), after: int64(2) },
        { path: 'metadata.labels.team', before: 'x' },
        { path: 'spec.env', after: `s3cret${'y'.repeat(200)}` },
      ],
    },
    { ref: { ...deployment, name: 'gone' }, kind: 'removed', changes: [] },
  ];
  assert.deepEqual(driftReport(objects, false, redact), {
    isCorrected: false,
    objects: [
      {
        object: 'Deployment apps/web',
        change: 'changed',
        fields: [
          'spec.replicas: 5 instead of 2',
          'metadata.labels.team: x instead of nothing',
          `spec.env: nothing instead of ***${'y'.repeat(97)}…`,
        ],
      },
      { object: 'Deployment apps/gone', change: 'removed', fields: [] },
    ],
    more: 0,
  });
});

test('many objects and fields are counted, not listed', () => {
  const changes = Array.from({ length: 14 }, (_, i) => ({ path: `f${i}`, before: 'a' }));
  const objects = Array.from(
    { length: 12 },
    () => ({ ref: deployment, kind: 'changed', changes }) as const,
  );
  const report = driftReport(objects, true, redact);
  assert.deepEqual([report.objects.length, report.more], [10, 2]);
  assert.equal(report.objects[0]?.fields.at(-1), 'and 4 more');
});
