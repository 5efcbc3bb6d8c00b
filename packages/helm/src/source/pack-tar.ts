// SPDX-License-Identifier: Apache-2.0

/** A tar archive of regular files that is the same for the same files: no owner, no time, mode 0644. POSIX.1-2001 (pax). */

import { encodeUtf8 } from '@helm-operator/gocompat';

export interface TarFile {
  readonly name: string;
  readonly data: Uint8Array;
}

const BLOCK = 512;
/** ustar holds a name of so many bytes; longer ones get a pax header. */
const MAX_NAME_BYTES = 100;
const REGULAR = '0';
const PAX = 'x';

export function packTar(files: readonly TarFile[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { name, data } of files) {
    const path = encodeUtf8(name);
    if (path.length > MAX_NAME_BYTES) {
      const record = paxRecord('path', path);
      parts.push(header(encodeUtf8('pax-header'), record.length, PAX), record, padding(record));
    }
    parts.push(header(path.subarray(0, MAX_NAME_BYTES), data.length, REGULAR), data, padding(data));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(parts);
}

function header(name: Uint8Array, size: number, type: string): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.set(name, 0);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  block.write(`${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'latin1');
  block.write(`${octal(size, 11)}\0${octal(0, 11)}\0${' '.repeat(8)}${type}`, 124, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = value.length + key.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length + rest !== length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from('\n')]);
}

function padding({ length }: Uint8Array): Uint8Array {
  return new Uint8Array((BLOCK - (length % BLOCK)) % BLOCK);
}
