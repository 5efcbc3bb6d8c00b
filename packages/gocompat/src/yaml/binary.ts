// SPDX-License-Identifier: Apache-2.0
import { decodeUtf8 } from '../text/text.ts';
import { yamlError } from './errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const GROUPS = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Code points that stand for invalid bytes; with the `u` flag halves of pairs do not match. */
const INVALID_BYTES = /[\udc80-\udcff]/gu;

/**
 * The text of a `!!binary` scalar, as JSON would hold it: bytes that are not UTF-8 become U+FFFD.
 *
 * @throws {YamlError} for anything but standard base64 with padding; line breaks do not count
 */
export function decodeBinary(text: string): string {
  const packed = text.replaceAll(/[\r\n]/g, '');
  if (!GROUPS.test(packed)) throw yamlError(0, '!!binary value contains invalid base64 data');
  const digits = packed.replaceAll('=', '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let width = 0;
  let count = 0;
  for (let i = 0; i < digits.length; i++) {
    bits = ((bits << 6) | ALPHABET.indexOf(digits.charAt(i))) & 0xffff;
    width += 6;
    if (width < 8) continue;
    width -= 8;
    bytes[count++] = (bits >> width) & 0xff;
  }
  return decodeUtf8(bytes).replaceAll(INVALID_BYTES, '\ufffd');
}

/** Standard base64 in lines of 70 characters, as go-yaml v3 writes bytes that are no text. */
export function encodeBinary(bytes: Uint8Array): string {
  let digits = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const length = Math.min(bytes.length - i, 3) + 1;
    for (let k = 0; k < 4; k++) {
      digits += k < length ? ALPHABET.charAt((bits >> (18 - 6 * k)) & 63) : '=';
    }
  }
  if (digits.length < LINE_LENGTH) return digits;
  let lines = '';
  for (let i = 0; i < digits.length; i += LINE_LENGTH) {
    lines += `${digits.slice(i, i + LINE_LENGTH)}\n`;
  }
  return lines;
}

const LINE_LENGTH = 70;
