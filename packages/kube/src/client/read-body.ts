// SPDX-License-Identifier: Apache-2.0

import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { KubeError } from '../errors.ts';
import type { TransportAnswer } from './transport.ts';

const unzip = promisify(gunzip);

/**
 * The whole body, unpacked.
 *
 * @param limitBytes for the body as sent and as unpacked
 * @throws {KubeError} `kube/too-large`
 */
export async function readBody(
  answer: TransportAnswer,
  limitBytes: number,
  doing: string,
): Promise<Buffer> {
  const bytes = await collect(answer.body, limitBytes, doing);
  if (answer.headers['content-encoding'] !== 'gzip') return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(doing, limitBytes);
    throw new KubeError({
      code: 'kube/response',
      message: `${doing}: the answer is not valid gzip`,
      cause: error,
    });
  }
}

/** By events: a body of one small piece is read with half the work that an iterator makes. */
function collect(body: Readable, limitBytes: number, doing: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  return new Promise((resolve, reject) => {
    const cutOff = () => reject(body.errored ?? new Error('the answer was cut off'));
    if (body.destroyed) return cutOff();
    body.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      chunks.push(chunk);
      if (sizeBytes > limitBytes) body.destroy(tooLarge(doing, limitBytes));
    });
    body.once('error', reject);
    body.once('end', () => {
      const [only] = chunks;
      resolve(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, sizeBytes));
    });
    body.once('close', () => {
      if (!body.readableEnded) cutOff();
    });
  });
}

function tooLarge(doing: string, limitBytes: number): KubeError {
  return new KubeError({
    code: 'kube/too-large',
    message: `${doing}: the answer is larger than ${limitBytes} bytes`,
  });
}
