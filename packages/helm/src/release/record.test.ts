// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decodeRecord, recordFromJson, storedChartOf } from './decode.ts';
import { encodeRecord, recordToJson } from './encode.ts';
import { jsonFields } from './json-fields.ts';
import { mergeUserLabels, releaseNameProblem, revisionOfKey } from './names.ts';
import type { ReleaseRecord } from './record.ts';
import { parseRecordTime, recordTime } from './time.ts';

const CHART_JSON =
  '{"metadata":{"name":"web","version":"1.2.3","appVersion":"4"},"lock":null,"templates":[{"name":"templates/a.yaml","data":"Ym9keQ=="}],"values":{"big":9007199254740993},"schema":null,"files":[]}';

const RECORD: ReleaseRecord = {
  name: 'web',
  namespace: 'prod',
  revision: 3,
  info: {
    firstDeployed: '2026-01-01T00:00:00.5Z',
    lastDeployed: '2026-01-02T00:00:00Z',
    deleted: '',
    description: 'Upgrade "web" failed: <b> & more',
    status: 'failed',
    notes: 'line\n',
  },
  chart: storedChartOf(CHART_JSON),
  config: new Map<string, number | string>([
    ['b', 1],
    ['a', 'x'],
  ]),
  manifest: '---\n# Source: web/templates/a.yaml\nkind: A\n',
  hooks: [
    {
      name: 'job',
      kind: 'Job',
      path: 'web/templates/job.yaml',
      manifest: 'kind: Job',
      events: ['pre-install'],
      lastRun: { startedAt: '', completedAt: '', phase: '' },
      weight: -5,
      deletePolicies: ['before-hook-creation'],
      outputLogPolicies: [],
    },
  ],
  labels: new Map([['team', 'a']]),
  applyMethod: '',
  mark: undefined,
  resourceVersion: undefined,
};

test('records print as Helm 3 and Helm 4 print theirs', () => {
  assert.equal(
    recordToJson(RECORD, 'helm3'),
    `{"name":"web","info":{"first_deployed":"2026-01-01T00:00:00.5Z","last_deployed":"2026-01-02T00:00:00Z","deleted":"","description":"Upgrade \\"web\\" failed: \\u003cb\\u003e \\u0026 more","status":"failed","notes":"line\\n"},"chart":${CHART_JSON},"config":{"a":"x","b":1},"manifest":"---\\n# Source: web/templates/a.yaml\\nkind: A\\n","hooks":[{"name":"job","kind":"Job","path":"web/templates/job.yaml","manifest":"kind: Job","events":["pre-install"],"last_run":{"started_at":"","completed_at":"","phase":""},"weight":-5,"delete_policies":["before-hook-creation"]}],"version":3,"namespace":"prod"}`,
  );
  const helm4 = recordToJson({ ...RECORD, hooks: [], applyMethod: 'ssa' }, 'helm4');
  assert.ok(!helm4.includes('"deleted"'));
  assert.ok(helm4.endsWith('"version":3,"namespace":"prod","apply_method":"ssa"}'));
});

test('records survive writing and reading, both profiles', async () => {
  for (const profile of ['helm3', 'helm4'] as const) {
    const read = await decodeRecord(await encodeRecord(RECORD, profile));
    assert.deepEqual({ ...read, labels: RECORD.labels }, RECORD);
  }
});

test('records from before compression are read', async () => {
  const json = recordToJson(RECORD, 'helm3');
  const plain = await decodeRecord(Buffer.from(json).toString('base64'));
  const packed = await decodeRecord(gzipSync(json).toString('base64'));
  assert.equal(plain.revision, 3);
  assert.deepEqual(plain, packed);
});

test('what is no record is said to be none', async () => {
  const truncated = gzipSync('{"name":"x"}').subarray(0, 20).toString('base64');
  for (const payload of ['%%%', '', Buffer.from('[1]').toString('base64'), truncated]) {
    await assert.rejects(decodeRecord(payload), { code: 'helm/record-decode', retry: 'terminal' });
  }
});

test('a chart that is not looked into is written back as it was', () => {
  const json = `{"chart": {"metadata":{"name":"a}\\"]","version":"1"}, "x":[1,{"y":"\\\\"}]} , "name":"a"}`;
  const record = recordFromJson(json);
  assert.equal(
    record.chart?.json,
    '{"metadata":{"name":"a}\\"]","version":"1"}, "x":[1,{"y":"\\\\"}]}',
  );
  assert.deepEqual(record.chart?.facts, { name: 'a}"]', version: '1', appVersion: '' });
  assert.deepEqual(
    [...jsonFields('{"a":1,"b":null}')],
    [
      ['a', '1'],
      ['b', 'null'],
    ],
  );
});

test('unknown statuses and fields of later Helms do no harm', () => {
  const record = recordFromJson('{"name":"a","info":{"status":"dancing","new":{}},"version":1}');
  assert.equal(record.info.status, 'unknown');
  assert.equal(record.config, undefined);
  assert.equal(record.info.deleted, '');
});

test('times print as Go prints them', () => {
  assert.equal(recordTime(Date.UTC(2026, 0, 2, 3, 4, 5)), '2026-01-02T03:04:05Z');
  assert.equal(recordTime(Date.UTC(2026, 0, 2, 3, 4, 5, 120)), '2026-01-02T03:04:05.12Z');
  assert.equal(
    parseRecordTime('2026-01-02T03:04:05.123456789+02:00'),
    Date.UTC(2026, 0, 2, 1, 4, 5, 123),
  );
  assert.equal(parseRecordTime(''), undefined);
  assert.equal(parseRecordTime('0001-01-01T00:00:00Z'), undefined);
});

test('names', () => {
  assert.equal(releaseNameProblem('a.b-c'), undefined);
  for (const bad of ['A', 'a_b', '-a', 'a..b', 'x'.repeat(54)]) {
    assert.match(releaseNameProblem(bad) ?? '', /^invalid release name, must match regex/);
  }
  assert.equal(releaseNameProblem(''), 'no name provided');
  assert.equal(revisionOfKey('sh.helm.release.v1.a.v1.v12'), 12);
  assert.equal(revisionOfKey('other'), undefined);
});

test('labels: new ones win, the text null removes', () => {
  const merged = mergeUserLabels(
    new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
    new Map([
      ['b', 'null'],
      ['c', '3'],
    ]),
  );
  assert.deepEqual(
    [...merged],
    [
      ['a', '1'],
      ['c', '3'],
    ],
  );
});
