// SPDX-License-Identifier: Apache-2.0

/** Most arguments that a call is given at once. */
const STRIDE = 8192;

/** Bytes as a text of as many units: how node-forge holds them. */
export function binaryOf(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += STRIDE) {
    text += String.fromCharCode(...bytes.subarray(from, from + STRIDE));
  }
  return text;
}

export function bytesOf(binary: string): Uint8Array {
  return Uint8Array.from(binary, (unit) => unit.charCodeAt(0));
}
