// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';

/**
 * Bytes by their digest, and short notes by a key.
 *
 * What is in it may go at any time; what comes out of it always has the digest asked for. Notes say what was learned
 * (which digest a version had, the entity tag of an index); whoever writes them puts into the key all they depend on, a
 * digest of the credentials included.
 */
export interface ContentCache {
  /** @returns the bytes, or `undefined`: not (or no longer) there, or `digest` is none */
  get(digest: string): Promise<Uint8Array | undefined>;
  /** Keeps bytes, as long as there is room. @returns their digest */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes in parts; a content that turns out to be damaged throws `fetch/cache` at its end and is removed. */
  open(digest: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Keeps bytes that come in parts. */
  writer(): Promise<ContentWriter>;
  note(key: string): Promise<string | undefined>;
  setNote(key: string, text: string): Promise<void>;
}

export interface ContentWriter {
  write(part: Uint8Array): Promise<void>;
  /** @returns the digest */
  commit(): Promise<string>;
  /** Forgets what was written; does nothing after `commit`. */
  discard(): Promise<void>;
}

/** Longer notes are not kept. */
export const MAX_NOTE_LENGTH = 65_536;

const DIGEST = /^sha256:([0-9a-f]{64})$/;

/** `sha256:…` of bytes or of a text. */
export function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** The 64 digits of a digest, or `undefined` for anything else: nothing else may become a file name. */
export function digitsOf(digest: string): string | undefined {
  return DIGEST.exec(digest)?.[1];
}
