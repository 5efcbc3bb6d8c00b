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

async function collect(body: Readable, limitBytes: number, doing: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) {
      body.destroy();
      throw tooLarge(doing, limitBytes);
    }
    chunks.push(chunk);
  }
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, sizeBytes);
}

function tooLarge(doing: string, limitBytes: number): KubeError {
  return new KubeError({
    code: 'kube/too-large',
    message: `${doing}: the answer is larger than ${limitBytes} bytes`,
  });
}
