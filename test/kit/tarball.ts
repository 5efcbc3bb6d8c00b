// SPDX-License-Identifier: Apache-2.0

/** Chart archives made in memory. */

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { ChartHandle } from '@helm-operator/helm';

const BLOCK = 512;

/** A `.tgz` with these files, in order. */
export function tarball(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const parts = Object.entries(files).flatMap(([name, content]) => {
    const data = typeof content === 'string' ? Buffer.from(content) : content;
    const padding = Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK);
    return [header(name, data.length), data, padding];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]));
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number): string =>
    `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(name, 0);
  block.write(octal(0o644, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A chart of these templates, as actions take it. */
export function chartHandle(
  templates: Readonly<Record<string, string>>,
  values = '{}',
  name = 'web',
): ChartHandle {
  const inside = Object.entries(templates).map(([path, text]) => [`${name}/${path}`, text]);
  const bytes = tarball({
    [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
    [`${name}/values.yaml`]: values,
    ...Object.fromEntries(inside),
  });
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { digest, bytes, metadata: { name, version: '1.0.0' } };
}
