// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import { FetchError } from '../errors.ts';
import type { TransportResponse } from './transport.ts';

export interface BodyExpectation {
  readonly url: string;
  readonly maxBytes: number;
  /** `ALGORITHM:HEX`; the bytes are refused when they have another. */
  readonly digest?: string | undefined;
  readonly sizeBytes?: number | undefined;
}

/**
 * Reads an answer under a limit and checks its digest on the way.
 *
 * @throws {FetchError} `fetch/too-large`, `fetch/wrong-digest`
 */
export async function readBody(
  response: TransportResponse,
  expected: BodyExpectation,
): Promise<Uint8Array> {
  const { url, maxBytes, digest, sizeBytes } = expected;
  const [algorithm = '', hex = ''] = (digest ?? '').split(':');
  const hash = digest === undefined ? undefined : createHash(algorithm);
  const limit = sizeBytes === undefined ? maxBytes : Math.min(maxBytes, sizeBytes);
  if (sizeBytes !== undefined && sizeBytes > maxBytes) {
    await response.discard();
    throw tooLarge(url, maxBytes);
  }
  const announced = Number(response.header('content-length') ?? 0);
  if (announced > maxBytes) {
    await stop(response);
    throw tooLarge(url, maxBytes);
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > limit) {
      throw limit === maxBytes
        ? tooLarge(url, maxBytes)
        : mismatch(url, `more bytes than the ${limit} announced`);
    }
    hash?.update(part);
    parts.push(part);
  }
  if (sizeBytes !== undefined && size !== sizeBytes)
    throw mismatch(url, `${size} bytes where ${sizeBytes} are announced`);
  const found = hash?.digest('hex');
  if (found !== undefined && found !== hex)
    throw mismatch(url, `digest ${algorithm}:${found} is not ${digest}`);
  return Buffer.concat(parts);
}

/** Ends the transfer: whoever stops after the first part does not want the rest. */
async function stop({ body }: TransportResponse): Promise<void> {
  for await (const _ of body) break;
}

function tooLarge(url: string, maxBytes: number): FetchError {
  return new FetchError('fetch/too-large', url, `more than ${maxBytes} bytes`);
}

function mismatch(url: string, reason: string): FetchError {
  return new FetchError('fetch/wrong-digest', url, `the content is not what was named: ${reason}`);
}
