// SPDX-License-Identifier: Apache-2.0

/** Clear-signed texts. Source: RFC 9580 §7; ProtonMail/go-crypto v1.4.1 openpgp/clearsign (Decode). */

export interface ClearSigned {
  /** The text without its escapes, lines ended by `\n`. */
  readonly text: string;
  /** What was signed: lines ended by `\r\n`, the last one not. */
  readonly signed: Uint8Array;
  /** The armored signature. */
  readonly signature: string;
}

const START = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE_START = '-----BEGIN PGP SIGNATURE-----';
const SIGNATURE_END = '\n-----END PGP SIGNATURE-----';
const HASHES: ReadonlySet<string> = new Set([
  'MD5',
  'SHA1',
  'RIPEMD160',
  'SHA224',
  'SHA256',
  'SHA384',
  'SHA512',
  'SHA3-256',
  'SHA3-512',
]);

/** @returns `undefined`: there is no whole clear-signed text */
export function decodeClearSigned(bytes: Uint8Array): ClearSigned | undefined {
  const all = Buffer.from(bytes).toString('latin1');
  const at = all.startsWith(START) ? 0 : all.indexOf(`\n${START}`) + 1;
  if (at === 0 && !all.startsWith(START)) return undefined;
  const body = all.slice(at + START.length);
  const lines = body.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines[0] !== '') return undefined;
  const blank = lines.findIndex((line, index) => index > 0 && line.trim() === '');
  if (blank < 0 || !lines.slice(1, blank).every(isHashHeader)) return undefined;
  const end = lines.indexOf(SIGNATURE_START, blank + 1);
  if (end < 0) return undefined;
  const text = lines
    .slice(blank + 1, end)
    .map((line) => line.replace(/^- /, '').replace(/[ \t]+$/, ''));
  const armored = lines.slice(end).join('\n');
  const close = armored.indexOf(SIGNATURE_END);
  if (close < 0) return undefined;
  return {
    text: utf8(text.join('\n')),
    signed: Buffer.from(text.join('\r\n'), 'latin1'),
    signature: `${armored.slice(0, close + SIGNATURE_END.length)}\n`,
  };
}

function isHashHeader(line: string): boolean {
  const [, names] = /^[ -~]*$/.test(line) ? (/^\s*Hash\s*:(.*)$/.exec(line) ?? []) : [];
  return names?.split(',').every((name) => HASHES.has(name.trim().toUpperCase())) === true;
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
