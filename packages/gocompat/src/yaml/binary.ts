// SPDX-License-Identifier: Apache-2.0
import { yamlError } from './errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const GROUPS = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The text of a `!!binary` scalar, as JSON would hold it: bytes that are not UTF-8 become U+FFFD.
 *
 * @throws {YamlError} for anything but standard base64 with padding; line breaks do not count
 */
export function decodeBinary(text: string): string {
  const packed = text.replaceAll(/[\r\n]/g, '');
  if (!GROUPS.test(packed)) throw yamlError(0, '!!binary value contains invalid base64 data');
  const digits = packed.replaceAll('=', '');
  const bytes: number[] = [];
  let bits = 0;
  let width = 0;
  for (const digit of digits) {
    bits = ((bits << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    width += 6;
    if (width < 8) continue;
    width -= 8;
    bytes.push((bits >> width) & 0xff);
  }
  return decodeBytes(bytes);
}

/** Go's way with invalid UTF-8: one U+FFFD for each byte. */
function decodeBytes(bytes: readonly number[]): string {
  let text = '';
  let pos = 0;
  while (pos < bytes.length) {
    const width = sequenceWidth(bytes[pos] ?? 0);
    const piece = decodeOne(bytes.slice(pos, pos + width));
    text += piece ?? '\ufffd';
    pos += piece === undefined ? 1 : width;
  }
  return text;
}

function sequenceWidth(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeOne(bytes: readonly number[]): string | undefined {
  try {
    return STRICT_UTF8.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}
