// SPDX-License-Identifier: Apache-2.0

/**
 * Private keys in the PEM forms Sprig writes and reads.
 *
 * Source: Masterminds/sprig v3.3.0 crypto.go pemBlockForKey, parsePrivateKeyPEM; Go 1.26 crypto/x509
 * Differs: keys are checked for shape, not for arithmetic, before they are used.
 */

import {
  bitString,
  DER,
  DerError,
  DerReader,
  element,
  equalBytes,
  explicit,
  octetString,
  oid,
  sequence,
} from './der.ts';
import { FunctionError } from './errors.ts';
import { decodePem, type PemBlock } from './pem.ts';
import type { CryptoPort, KeyPair } from './ports.ts';

/** The kinds of keys Go can parse here. */
export type KeyType = 'rsa' | 'dsa' | 'ecdsa' | 'ed25519';

/** A private key with what is needed to sign and to write it. */
export interface PrivateKey extends KeyPair {
  readonly type: KeyType;
  /** The curve's identifier, an element; ECDSA only. */
  readonly curve?: Uint8Array | undefined;
}

const OID_RSA = oid('1.2.840.113549.1.1.1');
const OID_DSA = oid('1.2.840.10040.4.1');
const OID_EC = oid('1.2.840.10045.2.1');
const OID_ED25519 = oid('1.3.101.112');
/** Modulus, exponents, primes and their precomputed values. */
const RSA_NUMBERS = 8;
const NULL = element(DER.null);
const VERSION_0 = element(DER.integer, Uint8Array.of(0));
const VERSION_1 = element(DER.integer, Uint8Array.of(1));

/** The outer parts of a PKCS#8 key. */
interface Pkcs8 {
  readonly algorithm: Uint8Array;
  readonly parameters: Uint8Array | undefined;
  readonly inner: Uint8Array;
}

function readPkcs8(der: Uint8Array): Pkcs8 {
  const outer = new DerReader(new DerReader(der).expect(DER.sequence, 'pkcs8').content);
  outer.expect(DER.integer, 'int');
  const algorithm = new DerReader(outer.expect(DER.sequence).content);
  const name = algorithm.expect(DER.oid).bytes;
  const parameters = algorithm.isAtEnd ? undefined : algorithm.next().bytes;
  return { algorithm: name, parameters, inner: outer.expect(DER.octetString).content };
}

function keyTypeOf(algorithm: Uint8Array): KeyType | undefined {
  if (equalBytes(algorithm, OID_RSA)) return 'rsa';
  if (equalBytes(algorithm, OID_EC)) return 'ecdsa';
  if (equalBytes(algorithm, OID_ED25519)) return 'ed25519';
  return equalBytes(algorithm, OID_DSA) ? 'dsa' : undefined;
}

function wrapPkcs8(algorithm: readonly Uint8Array[], inner: Uint8Array): Uint8Array {
  return sequence(VERSION_0, sequence(...algorithm), octetString(inner));
}

/** The bits of a `SubjectPublicKeyInfo`'s key. */
export function publicKeyBits(publicKey: Uint8Array): Uint8Array {
  const info = new DerReader(new DerReader(publicKey).expect(DER.sequence).content);
  info.next();
  return info.expect(DER.bitString).content.subarray(1);
}

/** A generated key pair as a key that can be written. */
export function privateKeyOf(type: KeyType, pair: KeyPair): PrivateKey {
  return { type, ...pair, curve: readPkcs8(pair.privateKey).parameters };
}

function ecKeyBlock({ privateKey, publicKey, curve }: PrivateKey): Uint8Array {
  const inner = new DerReader(
    new DerReader(readPkcs8(privateKey).inner).expect(DER.sequence).content,
  );
  inner.expect(DER.integer);
  const secret = inner.expect(DER.octetString).bytes;
  const parameters = curve === undefined ? [] : [explicit(0, curve)];
  const point = explicit(1, bitString(publicKeyBits(publicKey)));
  return sequence(VERSION_1, secret, ...parameters, point);
}

function dsaKeyBlock({ privateKey, publicKey }: PrivateKey): Uint8Array {
  const { parameters = NULL, inner } = readPkcs8(privateKey);
  const domain = new DerReader(parameters).expect(DER.sequence).content;
  return sequence(VERSION_0, domain, publicKeyBits(publicKey), inner);
}

/** The PEM block Sprig writes for a key: the oldest form each type has. */
export function keyBlock(key: PrivateKey): PemBlock {
  switch (key.type) {
    case 'rsa':
      return { type: 'RSA PRIVATE KEY', bytes: readPkcs8(key.privateKey).inner };
    case 'dsa':
      return { type: 'DSA PRIVATE KEY', bytes: dsaKeyBlock(key) };
    case 'ecdsa':
      return { type: 'EC PRIVATE KEY', bytes: ecKeyBlock(key) };
    case 'ed25519':
      return { type: 'PRIVATE KEY', bytes: key.privateKey };
  }
}

function asKey(type: KeyType, privateKey: Uint8Array, crypto: CryptoPort): PrivateKey {
  const pair = { privateKey, publicKey: crypto.publicKeyOf(privateKey) };
  return privateKeyOf(type, pair);
}

function parsePkcs8(der: Uint8Array, crypto: CryptoPort): PrivateKey {
  const type = keyTypeOf(readPkcs8(der).algorithm);
  if (type === undefined || type === 'dsa') {
    throw new FunctionError('x509: PKCS#8 wrapping contained private key with unknown algorithm');
  }
  return asKey(type, der, crypto);
}

function readEc(der: Uint8Array): Uint8Array | undefined {
  const fields = new DerReader(new DerReader(der).expect(DER.sequence, 'ecPrivateKey').content);
  fields.expect(DER.integer, 'int');
  fields.expect(DER.octetString);
  return fields.optional(0xa0)?.content;
}

function parseEc(der: Uint8Array, crypto: CryptoPort): PrivateKey {
  const curve = readEc(der);
  if (curve === undefined) throw new FunctionError('x509: unknown elliptic curve');
  return asKey('ecdsa', wrapPkcs8([OID_EC, curve], der), crypto);
}

function parseDsa(der: Uint8Array, crypto: CryptoPort): PrivateKey {
  const fields = new DerReader(new DerReader(der).expect(DER.sequence, 'DSAKeyFormat').content);
  fields.expect(DER.integer, 'int');
  const domain = [0, 1, 2].map(() => fields.expect(DER.integer).bytes);
  fields.expect(DER.integer);
  const secret = fields.expect(DER.integer).bytes;
  return asKey('dsa', wrapPkcs8([OID_DSA, sequence(...domain)], secret), crypto);
}

function readRsa(der: Uint8Array): void {
  const fields = new DerReader(new DerReader(der).expect(DER.sequence, 'pkcs1PrivateKey').content);
  fields.expect(DER.integer, 'int');
  for (let i = 0; i < RSA_NUMBERS; i++) fields.expect(DER.integer);
}

function parseRsa(der: Uint8Array, crypto: CryptoPort): PrivateKey {
  readRsa(der);
  return asKey('rsa', wrapPkcs8([OID_RSA, NULL], der), crypto);
}

/** One way a key can be written, and Go's name for the function that reads it. */
interface Shape {
  readonly goFunction: string;
  readonly read: (der: Uint8Array) => unknown;
}

const PKCS8: Shape = { goFunction: 'ParsePKCS8PrivateKey', read: readPkcs8 };
const PKCS1: Shape = { goFunction: 'ParsePKCS1PrivateKey', read: readRsa };
const SEC1: Shape = { goFunction: 'ParseECPrivateKey', read: readEc };

function hasShape(der: Uint8Array, { read }: Shape): boolean {
  try {
    read(der);
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** How the key of one PEM block type is read. */
interface KeyForm {
  /** Words before the reason of a failure. */
  readonly what: string;
  readonly parse: (der: Uint8Array, crypto: CryptoPort) => PrivateKey;
  /** Shapes a key that cannot be read is compared with, to name the right function. */
  readonly others: readonly Shape[];
  /** Words before a DER error. */
  readonly prefix: string;
}

function reasonOf(error: unknown, der: Uint8Array, form: KeyForm): string {
  if (!(error instanceof DerError)) return error instanceof Error ? error.message : String(error);
  const other = form.others.find((shape) => hasShape(der, shape));
  if (other === undefined) return form.prefix + error.message;
  return `x509: failed to parse private key (use ${other.goFunction} instead for this key format)`;
}

const SUFFIX = ' PRIVATE KEY';
const FORMS: ReadonlyMap<string, KeyForm> = new Map<string, KeyForm>([
  [
    'PRIVATE KEY',
    { what: 'decoding PEM as PKCS#8', parse: parsePkcs8, others: [SEC1, PKCS1], prefix: '' },
  ],
  ['RSA PRIVATE KEY', { what: parsing('RSA'), parse: parseRsa, others: [SEC1, PKCS8], prefix: '' }],
  [
    'EC PRIVATE KEY',
    {
      what: parsing('EC'),
      parse: parseEc,
      others: [PKCS8, PKCS1],
      prefix: 'x509: failed to parse EC private key: ',
    },
  ],
  ['DSA PRIVATE KEY', { what: parsing('DSA'), parse: parseDsa, others: [], prefix: '' }],
]);

function parsing(type: string): string {
  return `parsing ${type} private key from PEM`;
}

/**
 * Reads the first key of a PEM text.
 *
 * @throws {FunctionError} with Sprig's text: no PEM data, another block, an unknown type, or a broken key
 */
export function parsePrivateKey(text: string, crypto: CryptoPort): PrivateKey {
  const block = decodePem(text);
  if (block === undefined) throw new FunctionError('no PEM data in input');
  const form = FORMS.get(block.type);
  if (form === undefined) {
    const problem = block.type.endsWith(SUFFIX)
      ? `invalid private key type ${block.type}`
      : `no private key data in PEM block of type ${block.type}`;
    throw new FunctionError(problem);
  }
  try {
    return form.parse(block.bytes, crypto);
  } catch (error) {
    const reason = reasonOf(error, block.bytes, form);
    throw new FunctionError(`${form.what}: ${reason}`, { cause: error });
  }
}
