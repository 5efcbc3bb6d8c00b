// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { loadArchive, MAX_CHART_BYTES, unpackArchive } from './load-archive.ts';

const ports = {
  gunzip: (bytes: Uint8Array, maxBytes: number) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
};

/** One ustar entry. */
function entry(name: string, data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write('0ustar\0', 156);
  header.write('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

function archive(entries: readonly Uint8Array[]): Uint8Array {
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]), { level: 1 });
}

const chartYaml = entry('c/Chart.yaml', Buffer.from('apiVersion: v2\nname: c\nversion: 1.0.0\n'));

test('a chart is loaded from its archive', () => {
  const bytes = archive([chartYaml, entry('c/templates/a.yaml', Buffer.from('a: 1'))]);
  const chart = loadArchive(bytes, ports);
  assert.equal(chart.path, 'c');
  assert.deepEqual(
    chart.templates.map(({ name }) => name),
    ['templates/a.yaml'],
  );
});

test('an archive that grows beyond the limits is refused before it is held', () => {
  const big = Buffer.alloc(5 * 1024 * 1024);
  const files = Array.from({ length: 20 }, (_, i) => entry(`c/${i}`, big));
  const wanted = {
    code: 'chart/archive',
    message: `decompressed chart is larger than the maximum file size ${MAX_CHART_BYTES}`,
  };
  assert.throws(() => unpackArchive(archive([chartYaml, ...files]), ports), wanted);
  const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024), { level: 1 });
  assert.throws(() => unpackArchive(bomb, ports), wanted);
  assert.throws(() => unpackArchive(bomb, ports, 'helm4'), {
    message: `decompressed chart is larger than the maximum size ${MAX_CHART_BYTES}`,
  });
});

test('files of one chart are bounded in number', () => {
  const files = Array.from({ length: 100_001 }, (_, i) => entry(`c/${i}`, Buffer.alloc(0)));
  assert.throws(() => unpackArchive(archive(files), ports), /more than 100000 entries/);
});
