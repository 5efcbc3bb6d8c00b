// SPDX-License-Identifier: Apache-2.0

/** Digests, password hashes and AES. Source: Masterminds/sprig v3.3.0 crypto.go */

import { byteLength, decodeUtf8, encodeUtf8, types } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { encodeBase64 as encodeBcrypt64, hashSync } from 'bcryptjs';
import { decodeBase64, encodeBase64 } from './base-n.ts';
import { define } from './define.ts';
import { concatBytes } from './der.ts';
import { derivePassword } from './derive-password.ts';
import { FunctionError } from './errors.ts';
import type { DigestAlgorithm, FunctionPorts } from './ports.ts';

const AES_BLOCK_BYTES = 16;
const AES_KEY_BYTES = 32;
const BCRYPT_MAX_BYTES = 72;
const BCRYPT_SALT_BYTES = 16;
const BCRYPT_SETTINGS = '$2a$10$';
const ADLER_MODULUS = 65_521;
/** Sums stay exact for this many bytes between two reductions. */
const ADLER_STRIDE = 4096;

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Adler-32. Source: RFC 1950 */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let from = 0; from < bytes.length; from += ADLER_STRIDE) {
    for (const byte of bytes.subarray(from, from + ADLER_STRIDE)) {
      low += byte;
      high += low;
    }
    low %= ADLER_MODULUS;
    high %= ADLER_MODULUS;
  }
  return high * 65_536 + low;
}

function bcrypt(password: string, ports: FunctionPorts): string {
  if (byteLength(password) > BCRYPT_MAX_BYTES) {
    const reason = `bcrypt: password length exceeds ${BCRYPT_MAX_BYTES} bytes`;
    return `failed to encrypt string with bcrypt: ${reason}`;
  }
  const salt = encodeBcrypt64(ports.randomBytes(BCRYPT_SALT_BYTES), BCRYPT_SALT_BYTES);
  return hashSync(password, BCRYPT_SETTINGS + salt);
}

function htpasswd(user: string, password: string, ports: FunctionPorts): string {
  return user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(password, ports)}`;
}

function aesKey(password: string): Uint8Array {
  const key = new Uint8Array(AES_KEY_BYTES);
  key.set(encodeUtf8(password).subarray(0, AES_KEY_BYTES));
  return key;
}

function encryptAes(password: string, text: string, ports: FunctionPorts): string {
  if (text === '') return '';
  const content = encodeUtf8(text);
  const padding = AES_BLOCK_BYTES - (content.length % AES_BLOCK_BYTES);
  const padded = concatBytes([content, new Uint8Array(padding).fill(padding)]);
  const iv = ports.randomBytes(AES_BLOCK_BYTES);
  const encrypted = ports.crypto.aesCbc('encrypt', aesKey(password), iv, padded);
  return encodeBase64(concatBytes([iv, encrypted]));
}

/** Go's room for decoded base64: the capacity its bounds errors name. */
function decodedCapacity(text: string): number {
  return Math.floor(text.length / 4) * 3;
}

function decryptAes(password: string, encrypted64: string, ports: FunctionPorts): string {
  if (encrypted64 === '') return '';
  const encrypted = decodeBase64(encodeUtf8(encrypted64));
  const range = 'runtime error: slice bounds out of range';
  const capacity = decodedCapacity(encrypted64);
  if (capacity < AES_BLOCK_BYTES)
    throw new FunctionError(`${range} [:16] with capacity ${capacity}`);
  if (encrypted.length < AES_BLOCK_BYTES) {
    throw new FunctionError(`${range} [${AES_BLOCK_BYTES}:${encrypted.length}]`);
  }
  const content = encrypted.subarray(AES_BLOCK_BYTES);
  if (content.length % AES_BLOCK_BYTES !== 0) {
    throw new FunctionError('crypto/cipher: input not full blocks');
  }
  if (content.length === 0) throw new FunctionError('runtime error: index out of range [-1]');
  const iv = encrypted.subarray(0, AES_BLOCK_BYTES);
  const decrypted = ports.crypto.aesCbc('decrypt', aesKey(password), iv, content);
  const length = decrypted.length - (decrypted.at(-1) ?? 0);
  if (length < 0) throw new FunctionError(`${range} [:${length}]`);
  return decodeUtf8(decrypted.subarray(0, length));
}

/** Sprig's cryptographic functions without keys and certificates. */
export function cryptoFunctions(ports: FunctionPorts): readonly TemplateFunction[] {
  const string = types.string;
  const sum = (name: string, algorithm: DigestAlgorithm): TemplateFunction =>
    define(name, ['string'], string, (text) =>
      hexOf(ports.crypto.digest(algorithm, encodeUtf8(text))),
    );
  return [
    sum('sha1sum', 'sha1'),
    sum('sha256sum', 'sha256'),
    sum('sha512sum', 'sha512'),
    define('adler32sum', ['string'], string, (text) => String(adler32(encodeUtf8(text)))),
    define('bcrypt', ['string'], string, (password) => bcrypt(password, ports)),
    define('htpasswd', ['string', 'string'], string, (user, password) =>
      htpasswd(user, password, ports),
    ),
    define(
      'derivePassword',
      ['uint32', 'string', 'string', 'string', 'string'],
      string,
      (counter, type, password, user, site) =>
        derivePassword({ counter, type, password, user, site }, ports.crypto),
    ),
    define('encryptAES', ['string', 'string'], string, (password, text) =>
      encryptAes(password, text, ports),
    ),
    define('decryptAES', ['string', 'string'], string, (password, text) =>
      decryptAes(password, text, ports),
    ),
  ];
}
