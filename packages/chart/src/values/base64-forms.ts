// SPDX-License-Identifier: Apache-2.0

import { encodeUtf8 } from '@helm-operator/gocompat';

/** Texts with fewer bytes are looked for in base64 only as a whole. */
const SHORTEST_PART_BYTES = 8;

/**
 * How a text looks in base64: by itself, and inside something longer, where it may begin at any of three places of a group of
 * bytes; the characters that depend on its neighbours are then left out.
 */
export function* base64Forms(text: string): Generator<string> {
  const bytes = encodeUtf8(text);
  for (const form of [base64(bytes), ...innerForms(bytes)]) {
    yield form;
    if (/[+/]/.test(form)) yield form.replaceAll('+', '-').replaceAll('/', '_');
  }
}

function* innerForms(bytes: Uint8Array): Generator<string> {
  if (bytes.length < SHORTEST_PART_BYTES) return;
  for (const shift of [0, 1, 2]) {
    const padded = new Uint8Array(shift + bytes.length);
    padded.set(bytes, shift);
    const from = Math.ceil((shift * 8) / 6);
    const to = Math.floor((padded.length * 8) / 6);
    yield base64(padded).slice(from, to);
  }
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}
