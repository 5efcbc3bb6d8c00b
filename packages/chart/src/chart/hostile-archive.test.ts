// SPDX-License-Identifier: Apache-2.0

/** Archives that mean harm: each is refused in clear words, or its entry does no more than be there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { loadArchive, unpackArchive } from './load-archive.ts';

const ports = {
  gunzip: (bytes: Uint8Array, maxBytes: number) => gunzipSync(bytes, { maxOutputLength: maxBytes }),
};

interface Entry {
  readonly name: string;
  readonly text?: string;
  readonly type?: string;
  /** What the header says in place of the true size. */
  readonly size?: string;
  readonly link?: string;
}

/** One ustar entry. */
function packed({ name, text = '', type = '0', size, link = '' }: Entry): Buffer {
  const data = Buffer.from(text);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'latin1');
  header.write('0000644\0', 100);
  header.write(size ?? `${data.length.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1');
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

const CHART: Entry = { name: 'c/Chart.yaml', text: 'apiVersion: v2\nname: c\nversion: 1.0.0\n' };

function archive(...entries: readonly Entry[]): Uint8Array {
  return gzipSync(Buffer.concat([...[CHART, ...entries].map(packed), Buffer.alloc(1024)]), {
    level: 1,
  });
}

/** A PAX header for the entry behind it. */
function pax(key: string, value: string): Entry {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length++;
  return { name: 'pax', type: 'x', text: `${length}${rest}` };
}

test('paths that lead out of the chart are refused', () => {
  const rows: readonly [string, RegExp][] = [
    ['c//etc/passwd', /illegally contains absolute paths/],
    ['c/../../etc/passwd', /illegally references parent directory/],
    ['c/a/../../b', /illegally references parent directory/],
    ['c/..', /illegally references parent directory/],
    ['c', /content outside the base directory/],
    ['c/.', /content outside the base directory/],
    ['c\\..\\..\\b', /illegally references parent directory/],
    ['c/C:/windows', /illegally named files/],
    ['Chart.yaml', /content outside the base directory|not in base directory/],
  ];
  for (const [name, message] of rows) {
    assert.throws(() => unpackArchive(archive({ name, text: 'x' }), ports), {
      code: 'chart/archive',
      retry: 'terminal',
      message,
    });
    const long = archive(pax('path', name), { name: 'c/harmless', text: 'x' });
    assert.throws(() => unpackArchive(long, ports), { code: 'chart/archive', message }, name);
  }
});

test('names with NUL are cut where tar cuts them, and refused where it does', () => {
  const cut = unpackArchive(archive({ name: 'c/a\0/../../b', text: 'x' }), ports);
  assert.deepEqual(
    cut.map(({ name }) => name),
    ['Chart.yaml', 'a'],
  );
  const hidden = archive(pax('path', 'c/a\0b'), { name: 'c/x', text: 'x' });
  assert.throws(() => unpackArchive(hidden, ports), { message: /invalid tar header/ });
});

test('links, devices and pipes are files without content, whatever they say', () => {
  for (const type of ['1', '2', '3', '4', '6']) {
    const bytes = archive(
      { name: 'c/templates/link', type, link: '/etc/passwd', size: '00000007777\0' },
      { name: 'c/templates/a.yaml', text: 'a: 1' },
    );
    const files = unpackArchive(bytes, ports);
    assert.deepEqual(
      files.map(({ name, data }) => [name, data.length]),
      [
        ['Chart.yaml', CHART.text?.length],
        ['templates/link', 0],
        ['templates/a.yaml', 4],
      ],
    );
  }
});

test('headers that lie are refused', () => {
  const rows: readonly [Entry, RegExp][] = [
    [{ name: 'c/a', size: '77777777777\0' }, /unexpected EOF/],
    [{ name: 'c/a', size: 'garbage\0' }, /invalid tar header/],
    [{ name: 'c/a', size: '-0000000777\0' }, /invalid tar header/],
    [{ name: 'c/a', size: '\u00ff'.repeat(12) }, /unexpected EOF|invalid tar header/],
  ];
  for (const [entry, message] of rows) {
    assert.throws(() => unpackArchive(archive(entry), ports), { code: 'chart/archive', message });
  }
  for (const size of ['-1', '1e99', 'x', '99999999999999999999']) {
    const bytes = archive(pax('size', size), { name: 'c/a', text: 'x' });
    assert.throws(() => unpackArchive(bytes, ports), { code: 'chart/archive' }, size);
  }
});

test('sparse files are refused', () => {
  const old = archive({ name: 'c/a', type: 'S', text: 'x' });
  const newer = archive(pax('GNU.sparse.major', '1'), { name: 'c/b', text: 'x' });
  for (const bytes of [old, newer]) {
    assert.throws(() => unpackArchive(bytes, ports), {
      code: 'chart/archive',
      message: /^archive\/tar: c\/[ab] is a sparse file/,
    });
  }
});

test('charts inside charts, a thousand deep, are loaded', () => {
  const inner = Array.from({ length: 1000 }, (_, i) =>
    pax('path', `c/${'charts/c/'.repeat(i)}Chart.yaml`),
  ).flatMap((header) => [header, { ...CHART, name: 'x' }]);
  let [chart, depth] = [loadArchive(archive(...inner), ports), 0];
  for (let [next] = chart.dependencies; next !== undefined; [next] = chart.dependencies) {
    chart = next;
    depth++;
  }
  assert.equal(depth, 999);
});

test('what is no archive is refused', () => {
  const cut = Buffer.from(archive({ name: 'c/a', text: 'x'.repeat(5000) })).subarray(0, 60);
  const noise = Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) & 0xff);
  for (const bytes of [new Uint8Array(0), cut, noise, gzipSync(noise), gzipSync('')]) {
    assert.throws(() => loadArchive(bytes, ports), { code: 'chart/archive' });
  }
});

test('a bomb inside a bomb is refused before it is held', () => {
  const inner = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
  const startedMs = performance.now();
  const layers = Buffer.concat([
    packed(CHART),
    ...Array.from({ length: 3 }, (_, i) => {
      const header = packed({
        name: `c/charts/s${i}.tgz`,
        size: `${inner.length.toString(8).padStart(11, '0')}\0`,
      });
      return Buffer.concat([header, inner, Buffer.alloc((512 - (inner.length % 512)) % 512)]);
    }),
    Buffer.alloc(1024),
  ]);
  assert.throws(() => loadArchive(gzipSync(layers), ports), { retry: 'terminal' });
  assert.ok(performance.now() - startedMs < 20_000);
});

test('a byte order mark, CRLF and bytes that are no text are content like other', () => {
  const bytes = Buffer.concat([
    packed({ name: 'c/Chart.yaml', text: '\ufeffapiVersion: v2\r\nname: c\r\nversion: 1.0.0\r\n' }),
    packed({ name: 'c/values.yaml', text: '\ufeffa: 1\r\n' }),
    packed({ name: 'c/files/x.bin', text: '\ufffd\u0000' }),
    Buffer.alloc(1024),
  ]);
  const chart = loadArchive(gzipSync(bytes), ports);
  assert.equal(chart.metadata.version, '1.0.0');
  assert.deepEqual([...(chart.values ?? [])], [['a', 1]]);
});
