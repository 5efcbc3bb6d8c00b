// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { decodeRecord, recordFromJson } from './decode.ts';
import { fitRecord, RECORD_LIMIT_BYTES, surelyFits } from './fit.ts';
import type { ReleaseRecord } from './record.ts';

/** Text that does not pack: about 3/4 of its length. */
function noise(length: number): string {
  let text = '';
  for (let i = 0; text.length < length; i++) {
    text += createHash('sha512').update(String(i)).digest('base64');
  }
  return text.slice(0, length);
}

function record(sizes: {
  readonly files?: number;
  readonly templates?: number;
  readonly manifest?: number;
  readonly description?: number;
}): ReleaseRecord {
  const file = (size = 0) => [{ name: 'a', data: noise(size) }];
  return recordFromJson(
    JSON.stringify({
      name: 'web',
      namespace: 'default',
      version: 1,
      info: { status: 'pending-install', description: noise(sizes.description ?? 0) },
      chart: {
        metadata: { name: 'web', version: '1' },
        templates: file(sizes.templates),
        values: { a: 1 },
        files: file(sizes.files),
      },
      manifest: noise(sizes.manifest ?? 10),
    }),
  );
}

function fieldsLeft(fitted: ReleaseRecord): string {
  const chart = JSON.parse(fitted.chart?.json ?? '{}') as Record<string, unknown>;
  return Object.keys(chart)
    .filter((key) => chart[key] !== null)
    .join(' ');
}

test('records near the limit lose what only people look at, in that order', async () => {
  const kb = 1024;
  const rows: readonly (readonly [ReleaseRecord, string])[] = [
    [record({ files: 100 * kb }), 'metadata templates values files'],
    [record({ files: 1200 * kb }), 'metadata templates values'],
    [record({ files: 900 * kb, templates: 1100 * kb }), 'metadata values'],
    [record({ manifest: 700 * kb, templates: 500 * kb }), 'metadata values'],
  ];
  for (const [input, expected] of rows) {
    const { record: fitted, payload } = await fitRecord(input, 'helm3', RECORD_LIMIT_BYTES);
    assert.equal(fieldsLeft(fitted), expected);
    assert.ok(payload.length <= RECORD_LIMIT_BYTES);
    const read = await decodeRecord(payload);
    assert.equal(read.manifest, input.manifest);
    assert.deepEqual(read.chart?.facts, input.chart?.facts);
  }
});

test('a record that cannot fit is refused with the size of its parts', async () => {
  const input = record({ manifest: 2_000_000, templates: 1000 });
  await assert.rejects(fitRecord(input, 'helm3', RECORD_LIMIT_BYTES), (error: Error) => {
    assert.match(
      error.message,
      /^release record sh\.helm\.release\.v1\.web\.v1 is too large: 2\d{6} bytes packed, 1048576 allowed, .*: manifest 2\d{6}$/,
    );
    assert.equal((error as Error & { retry: string }).retry, 'terminal');
    return true;
  });
});

test('a description that grew too long is cut, so that the failure can be stored', async () => {
  const input = record({ manifest: 1_000_000, description: 200_000 });
  const { record: fitted } = await fitRecord(input, 'helm3', RECORD_LIMIT_BYTES);
  assert.equal(fitted.info.description.length, 1001);
});

test('small records are not measured', () => {
  assert.ok(surelyFits(record({ files: 1000 })));
  assert.ok(!surelyFits(record({ manifest: 500_000 })));
});
