// SPDX-License-Identifier: Apache-2.0

/** Reads a tar archive in memory: ustar, PAX and GNU long names. Source: POSIX pax; GNU tar manual, "Basic Tar Format". */

import { decodeUtf8 } from '@helm-operator/gocompat';
import { ChartError } from '../errors.ts';

export interface TarEntry {
  readonly name: string;
  /** The type flag: `0` file, `5` directory, `g` global header, … */
  readonly type: string;
  /** As the header says; equals the length of `data`. */
  readonly size: number;
  readonly data: Uint8Array;
}

const BLOCK = 512;
/** Links, devices, folders and pipes have no data, whatever size they say. */
const HEADER_ONLY: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '6']);
/** Texts of PAX records that go into names of files or owners. */
const PAX_NAMES: ReadonlySet<string> = new Set(['path', 'linkpath', 'uname', 'gname']);

function badHeader(): ChartError {
  return new ChartError('chart/archive', 'archive/tar: invalid tar header');
}

/** What is stored of a file with holes is not its content. */
function sparse(name: string): ChartError {
  return new ChartError(
    'chart/archive',
    `archive/tar: ${name} is a sparse file: pack the chart with helm package`,
  );
}

/** @throws {ChartError} `chart/archive`: wrong checksum, or the archive ends too soon */
export function* readTar(bytes: Uint8Array): Generator<TarEntry> {
  let at = 0;
  let next = new Map<string, string>();
  while (at + BLOCK <= bytes.length) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    checkSum(header);
    const type = String.fromCharCode(header[156] || 0x30);
    const size = Number(next.get('size') ?? numberAt(header, 124, 12));
    if (!Number.isInteger(size) || size < 0) throw badHeader();
    const from = at + BLOCK;
    const length = HEADER_ONLY.has(type) ? 0 : size;
    if (from + length > bytes.length) throw new ChartError('chart/archive', 'unexpected EOF');
    const data = bytes.subarray(from, from + length);
    at = from + Math.ceil(length / BLOCK) * BLOCK;
    if (type === 'x') {
      next = new Map([...next, ...paxRecords(data)]);
    } else if (type === 'L') {
      next.set('path', textAt(data, 0, data.length));
    } else if (type === 'K') {
      // A long link name: links are not followed.
    } else {
      if (type === 'S' || next.has('GNU.sparse.major'))
        throw sparse(next.get('path') ?? nameOf(header));
      yield { name: next.get('path') ?? nameOf(header), type, size, data };
      next = new Map();
    }
  }
  if (at === 0 && bytes.length > 0) throw new ChartError('chart/archive', 'unexpected EOF');
}

function checkSum(header: Uint8Array): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : (header[i] ?? 0);
  if (sum !== numberAt(header, 148, 8)) throw badHeader();
}

function nameOf(header: Uint8Array): string {
  const name = textAt(header, 0, 100);
  const isUstar = textAt(header, 257, 5) === 'ustar';
  const prefix = isUstar && header[263] === 0x30 ? textAt(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textAt(bytes: Uint8Array, from: number, length: number): string {
  const end = bytes.indexOf(0, from);
  const to = end < 0 || end > from + length ? from + length : end;
  return decodeUtf8(bytes.subarray(from, to));
}

/** Octal digits, or big-endian bytes when the first bit is set. */
function numberAt(header: Uint8Array, from: number, length: number): number {
  const first = header[from] ?? 0;
  if ((first & 0x80) === 0) {
    const text = textAt(header, from, length).trim();
    return text === '' ? 0 : Number.parseInt(text, 8);
  }
  let value = first & 0x7f;
  for (let i = 1; i < length; i++) value = value * 256 + (header[from + i] ?? 0);
  return value;
}

/** `LENGTH KEY=VALUE\n`, the length counts the whole record. */
function paxRecords(data: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(0x20, at);
    const length = Number(textAt(data, at, Math.max(space - at, 0)));
    if (space < 0 || !Number.isSafeInteger(length) || length <= 0 || at + length > data.length) {
      throw badHeader();
    }
    const record = decodeUtf8(data.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    const [key, value] = [record.slice(0, Math.max(equals, 0)), record.slice(equals + 1)];
    if (equals <= 0 || (PAX_NAMES.has(key) ? value : key).includes('\0')) throw badHeader();
    records.set(key, value);
    at += length;
  }
  return records;
}
