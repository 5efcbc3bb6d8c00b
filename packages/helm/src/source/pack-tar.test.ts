// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { unpackArchive } from '@helm-operator/chart';
import { packTar } from './pack-tar.ts';

const ports = { gunzip: (packed: Uint8Array) => gunzipSync(packed) };
const data = (text: string) => new TextEncoder().encode(text);

test('what is packed is unpacked', () => {
  const long = `c/templates/${'deep/'.repeat(30)}é.yaml`;
  const files = [
    { name: 'c/Chart.yaml', data: data('name: c\n') },
    { name: 'c/empty', data: data('') },
    { name: 'c/block', data: new Uint8Array(512).fill(7) },
    { name: long, data: data('a: b') },
    { name: `c/${'x'.repeat(97)}`, data: data('99 bytes') },
    { name: `c/${'y'.repeat(99)}`, data: data('101 bytes') },
  ];
  const found = unpackArchive(gzipSync(packTar(files)), ports);
  assert.deepEqual(
    found.map(({ name, data: bytes }) => [name, Buffer.from(bytes).toString('hex')]),
    files.map(({ name, data: bytes }) => [name.slice(2), Buffer.from(bytes).toString('hex')]),
  );
});
