// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, encodeUtf8, isAscii } from '@helm-operator/gocompat';
import { FunctionError, FunctionLimitError } from './errors.ts';

/** Most bytes one function call may make. */
export const MAX_TEXT_BYTES: number = 64 * 1024 * 1024;

const CHUNK_BYTES = 8192;

/** A string with one character per byte (U+0000 to U+00FF). */
export function binaryOf(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += CHUNK_BYTES) {
    text += String.fromCharCode(...bytes.subarray(i, i + CHUNK_BYTES));
  }
  return text;
}

/** The bytes of a string with one character per byte. */
export function bytesOfBinary(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The UTF-8 bytes of `text`, one character each; ASCII text is returned as it is. */
export function toBinary(text: string): string {
  return isAscii(text) ? text : binaryOf(encodeUtf8(text));
}

/** The reverse of `toBinary`. */
export function fromBinary(binary: string): string {
  return isAscii(binary) ? binary : decodeUtf8(bytesOfBinary(binary));
}

/** Runs a function that counts positions in bytes, as Go indexes strings. */
export function byBytes(text: string, run: (binary: string) => string): string {
  if (isAscii(text)) return fromBinary(run(text));
  return fromBinary(run(binaryOf(encodeUtf8(text))));
}

/** Go's `s[from:to]` on bytes, with the texts of its bounds errors. */
export function sliceBytes(
  binary: string,
  from: number | undefined,
  to: number | undefined,
): string {
  const length = binary.length;
  const end = to ?? length;
  const range = 'runtime error: slice bounds out of range';
  if (to !== undefined && to < 0) throw new FunctionError(`${range} [:${to}]`);
  if (end > length) throw new FunctionError(`${range} [:${end}] with length ${length}`);
  const start = from ?? 0;
  if (start < 0) throw new FunctionError(`${range} [${start}:]`);
  if (start > end) throw new FunctionError(`${range} [${start}:${end}]`);
  return binary.slice(start, end);
}

/** @throws {FunctionLimitError} `chart/function-limit`: a text of `length` is too long for one call */
export function checkLength(length: number): void {
  if (length > MAX_TEXT_BYTES) throw new FunctionLimitError('bytes', MAX_TEXT_BYTES);
}

/** Go's `strings.Repeat`, within the limit of one call. */
export function repeat(text: string, count: number): string {
  if (count < 0) throw new FunctionError('strings: negative Repeat count');
  if (text === '' || count === 0) return '';
  checkLength(text.length * count);
  return text.repeat(count);
}
