// SPDX-License-Identifier: Apache-2.0

import {
  type ContentCache,
  type ContentWriter,
  digestOf,
  MAX_NOTE_LENGTH,
} from './content-cache.ts';
import { Recency } from './recency.ts';

/** Keeps contents in memory; those not used for longest go first. @param maxBytes all of them together, notes included */
export function createMemoryCache(maxBytes: number): ContentCache {
  const contents = new Map<string, Uint8Array>();
  const notes = new Map<string, string>();
  const recency = new Recency(maxBytes);
  const use = (key: string, sizeBytes: number) => {
    for (const gone of recency.use(key, sizeBytes)) {
      contents.delete(gone);
      notes.delete(gone);
    }
  };
  const get = async (digest: string) => {
    const bytes = contents.get(digest);
    if (bytes !== undefined) use(digest, bytes.length);
    return bytes;
  };
  const put = async (bytes: Uint8Array) => {
    const digest = digestOf(bytes);
    if (!recency.fits(bytes.length)) return digest;
    contents.set(digest, bytes);
    use(digest, bytes.length);
    return digest;
  };
  return {
    get,
    put,
    open: async (digest) => {
      const bytes = await get(digest);
      return bytes === undefined ? undefined : parts(bytes);
    },
    writer: async () => memoryWriter(maxBytes, put),
    note: async (key) => {
      const text = notes.get(noteKey(key));
      if (text !== undefined) use(noteKey(key), text.length);
      return text;
    },
    setNote: async (key, text) => {
      if (text.length > MAX_NOTE_LENGTH) return;
      notes.set(noteKey(key), text);
      use(noteKey(key), text.length);
    },
  };
}

const noteKey = (key: string): string => `note ${key}`;

const PART_BYTES = 64 * 1024;

async function* parts(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PART_BYTES)
    yield bytes.subarray(start, start + PART_BYTES);
}

function memoryWriter(
  maxBytes: number,
  put: (bytes: Uint8Array) => Promise<string>,
): ContentWriter {
  let held: Uint8Array[] = [];
  let sizeBytes = 0;
  return {
    write: async (part) => {
      sizeBytes += part.length;
      if (sizeBytes > maxBytes) held = [];
      else held.push(part);
    },
    commit: async () => (sizeBytes > maxBytes ? '' : await put(Buffer.concat(held))),
    discard: async () => {
      held = [];
    },
  };
}
