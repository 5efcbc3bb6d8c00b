// SPDX-License-Identifier: Apache-2.0

/** Passwords derived from a master password. Source: Masterminds/sprig v3.3.0 crypto.go derivePassword */

import { encodeUtf8 } from '@helm-operator/gocompat';
import { concatBytes } from './der.ts';
import type { CryptoPort } from './ports.ts';

const NAMESPACE = 'com.lyndir.masterpassword';
const SCRYPT = { cost: 32_768, blockSize: 8, parallelization: 2, length: 64 };

/** Each type's patterns; a pattern names a class of characters for each place. */
const PATTERNS: ReadonlyMap<string, readonly string[]> = new Map([
  ['maximum', ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno']],
  [
    'long',
    [
      'CvcvnoCvcvCvcv',
      'CvcvCvcvnoCvcv',
      'CvcvCvcvCvcvno',
      'CvccnoCvcvCvcv',
      'CvccCvcvnoCvcv',
      'CvccCvcvCvcvno',
      'CvcvnoCvccCvcv',
      'CvcvCvccnoCvcv',
      'CvcvCvccCvcvno',
      'CvcvnoCvcvCvcc',
      'CvcvCvcvnoCvcc',
      'CvcvCvcvCvccno',
      'CvccnoCvccCvcv',
      'CvccCvccnoCvcv',
      'CvccCvccCvcvno',
      'CvcvnoCvccCvcc',
      'CvcvCvccnoCvcc',
      'CvcvCvccCvccno',
      'CvccnoCvcvCvcc',
      'CvccCvcvnoCvcc',
      'CvccCvcvCvccno',
    ],
  ],
  ['medium', ['CvcnoCvc', 'CvcCvcno']],
  ['short', ['Cvcn']],
  ['basic', ['aaanaaan', 'aannaaan', 'aaannaaa']],
  ['pin', ['nnnn']],
]);

const VOWELS = 'AEIOU';
const CONSONANTS = 'BCDFGHJKLMNPQRSTVWXYZ';
const LETTERS = VOWELS + VOWELS.toLowerCase() + CONSONANTS + CONSONANTS.toLowerCase();
const DIGITS = '0123456789';

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['V', VOWELS],
  ['C', CONSONANTS],
  ['v', VOWELS.toLowerCase()],
  ['c', CONSONANTS.toLowerCase()],
  ['A', VOWELS + CONSONANTS],
  ['a', LETTERS],
  ['n', DIGITS],
  ['o', "@&%?,=[]_:-+*$#!'^~;()/."],
  ['x', `${LETTERS}${DIGITS}!@#$%^&*()`],
]);

/** Whose password for what. */
export interface PasswordRequest {
  readonly counter: bigint;
  readonly type: string;
  readonly password: string;
  readonly user: string;
  readonly site: string;
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function labelled(name: string): Uint8Array {
  const bytes = encodeUtf8(name);
  return concatBytes([encodeUtf8(NAMESPACE), bigEndian(bytes.length), bytes]);
}

/** The password; of an unknown type, a text that says so. */
export function derivePassword(request: PasswordRequest, crypto: CryptoPort): string {
  const patterns = PATTERNS.get(request.type);
  if (patterns === undefined) return `cannot find password template ${request.type}`;
  const key = crypto.scrypt(encodeUtf8(request.password), labelled(request.user), SCRYPT);
  const message = concatBytes([labelled(request.site), bigEndian(Number(request.counter))]);
  const seed = crypto.hmac('sha256', key, message);
  const pattern = patterns[(seed[0] ?? 0) % patterns.length] ?? '';
  return Array.from(pattern, (place, i) => {
    const letters = CLASSES.get(place) ?? '';
    return letters[(seed[i + 1] ?? 0) % letters.length] ?? '';
  }).join('');
}
