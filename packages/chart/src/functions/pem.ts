// SPDX-License-Identifier: Apache-2.0

/** PEM blocks. Source: Go 1.26 encoding/pem */

import { encodeUtf8 } from '@helm-operator/gocompat';
import { decodeBase64, encodeBase64 } from './base-n.ts';
import { FunctionError } from './errors.ts';

/** One block: the words after BEGIN and the decoded data. */
export interface PemBlock {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const LINE_LENGTH = 64;
const BLOCK =
  /^-----BEGIN ((?:(?!-----BEGIN )[^\n])*?)-----[ \t]*\r?\n((?:(?!-----(?:BEGIN|END) )[\s\S])*?)^-----END \1-----[ \t]*\r?$/gm;
const HEADERS = /^(?:[^\n]*:[^\n]*\n)*/;

/** The first block of a text; `undefined` where there is none that can be read. */
export function decodePem(text: string): PemBlock | undefined {
  for (const [, type = '', body = ''] of text.matchAll(BLOCK)) {
    const data = body.replace(HEADERS, '').replace(/[ \t]/g, '');
    try {
      return { type, bytes: decodeBase64(encodeUtf8(data)) };
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
    }
  }
  return undefined;
}

/** A block in lines of 64 characters. */
export function encodePem({ type, bytes }: PemBlock): string {
  const data = encodeBase64(bytes);
  const lines: string[] = [];
  for (let i = 0; i < data.length; i += LINE_LENGTH) lines.push(data.slice(i, i + LINE_LENGTH));
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ''].join('\n');
}
