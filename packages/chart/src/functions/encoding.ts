// SPDX-License-Identifier: Apache-2.0

/** Base64 and base32. Source: Masterminds/sprig v3.3.0 strings.go */

import { decodeUtf8, encodeUtf8, types } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { decodeBase32, decodeBase64, encodeBase32, encodeBase64 } from './base-n.ts';
import { define } from './define.ts';
import { FunctionError } from './errors.ts';

/** The decoded text; of text that is none, Go's error text. */
function decodedOrError(text: string, decode: (bytes: Uint8Array) => Uint8Array): string {
  try {
    return decodeUtf8(decode(encodeUtf8(text)));
  } catch (error) {
    if (error instanceof FunctionError) return error.message;
    throw error;
  }
}

/** Sprig's encodings. */
export const encodingFunctions: readonly TemplateFunction[] = [
  define('b64enc', ['string'], types.string, (text) => encodeBase64(encodeUtf8(text))),
  define('b64dec', ['string'], types.string, (text) => decodedOrError(text, decodeBase64)),
  define('b32enc', ['string'], types.string, (text) => encodeBase32(encodeUtf8(text))),
  define('b32dec', ['string'], types.string, (text) => decodedOrError(text, decodeBase32)),
];
