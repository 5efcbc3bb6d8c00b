// SPDX-License-Identifier: Apache-2.0

import { encodeUtf8 } from '../text/text.ts';

/** A text as errors about times show it: what is no printable ASCII as its bytes. Source: Go 1.26 time/format.go (quote). */
export function quoteTime(text: string): string {
  let out = '';
  for (const char of text) {
    if (char === '"' || char === '\\') out += `\\${char}`;
    else if (char >= ' ' && char <= '\x7f') out += char;
    else for (const byte of encodeUtf8(char)) out += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${out}"`;
}
