// SPDX-License-Identifier: Apache-2.0

/**
 * X.509 certificates as Go writes them.
 *
 * Source: Go 1.26 crypto/x509 CreateCertificate, buildCertExtensions, parseCertificate
 */

import { encodeUtf8, quote } from '@helm-operator/gocompat';
import {
  bitString,
  DER,
  type DerElement,
  DerError,
  DerReader,
  element,
  equalBytes,
  explicit,
  octetString,
  oid,
  sequence,
  unsigned,
} from './der.ts';
import { FunctionError } from './errors.ts';
import type { CryptoPort, DigestAlgorithm, UnixNano } from './ports.ts';
import { type PrivateKey, publicKeyBits } from './private-key.ts';

/** What a certificate shall say. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly (readonly number[])[];
  /** Big-endian, unsigned. */
  readonly serialNumber: Uint8Array;
  readonly notBefore: UnixNano;
  readonly notAfter: UnixNano;
  readonly isAuthority: boolean;
}

/** What of a certificate matters to those it signs. */
export interface Issuer {
  /** The subject, an element. */
  readonly subject: Uint8Array;
  readonly subjectKeyId?: Uint8Array | undefined;
  /** `SubjectPublicKeyInfo`; absent where the signer is the subject itself. */
  readonly publicKey?: Uint8Array | undefined;
}

interface SignatureAlgorithm {
  readonly identifier: Uint8Array;
  readonly digest: DigestAlgorithm | undefined;
}

const NULL = element(DER.null);
const TRUE = element(DER.boolean, Uint8Array.of(0xff));
const VERSION_3 = explicit(0, element(DER.integer, Uint8Array.of(2)));
const OID_COMMON_NAME = oid('2.5.4.3');
const OID_KEY_USAGE = oid('2.5.29.15');
const OID_EXT_KEY_USAGE = oid('2.5.29.37');
const OID_BASIC_CONSTRAINTS = oid('2.5.29.19');
const OID_SUBJECT_KEY_ID = oid('2.5.29.14');
const OID_AUTHORITY_KEY_ID = oid('2.5.29.35');
const OID_SUBJECT_ALT_NAME = oid('2.5.29.17');
const OID_SERVER_AUTH = oid('1.3.6.1.5.5.7.3.1');
const OID_CLIENT_AUTH = oid('1.3.6.1.5.5.7.3.2');

/** digitalSignature, keyEncipherment: two bits, five unused. */
const LEAF_USAGE = bitString(Uint8Array.of(0xa0), 5);
/** … and keyCertSign. */
const AUTHORITY_USAGE = bitString(Uint8Array.of(0xa4), 2);
const KEY_ID_BYTES = 20;
const TAG_DNS = 0x82;
const TAG_IP = 0x87;
const TAG_KEY_ID = 0x80;
const EXTENSIONS_TAG = 3;

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
const EMPTY_NAME = sequence();

/** Curves whose signatures use a longer digest than SHA-256. */
const CURVE_DIGESTS: readonly (readonly [curve: Uint8Array, digest: DigestAlgorithm])[] = [
  [oid('1.3.132.0.34'), 'sha384'],
  [oid('1.3.132.0.35'), 'sha512'],
];
const ECDSA_OIDS: ReadonlyMap<DigestAlgorithm, string> = new Map([
  ['sha256', '1.2.840.10045.4.3.2'],
  ['sha384', '1.2.840.10045.4.3.3'],
  ['sha512', '1.2.840.10045.4.3.4'],
]);

function signatureAlgorithm(key: PrivateKey): SignatureAlgorithm {
  switch (key.type) {
    case 'rsa':
      return { identifier: sequence(oid('1.2.840.113549.1.1.11'), NULL), digest: 'sha256' };
    case 'ed25519':
      return { identifier: sequence(oid('1.3.101.112')), digest: undefined };
    case 'ecdsa': {
      const { curve } = key;
      const long = CURVE_DIGESTS.find(([name]) => curve !== undefined && equalBytes(name, curve));
      const digest = long?.[1] ?? 'sha256';
      return { identifier: sequence(oid(ECDSA_OIDS.get(digest) ?? '')), digest };
    }
    case 'dsa':
      throw new FunctionError('x509: certificate private key does not implement crypto.Signer');
  }
}

function nameOf(commonName: string): Uint8Array {
  if (commonName === '') return EMPTY_NAME;
  if (!commonName.isWellFormed()) throw new FunctionError('asn1: string not valid UTF-8');
  const tag = PRINTABLE.test(commonName) ? DER.printableString : DER.utf8String;
  const text = element(tag, encodeUtf8(commonName));
  return sequence(element(DER.set, sequence(OID_COMMON_NAME, text)));
}

function timeOf(time: UnixNano): Uint8Array {
  const seconds = time / 1_000_000_000n - (time % 1_000_000_000n < 0n ? 1n : 0n);
  const iso = new Date(Number(seconds) * 1000).toISOString();
  const digits = `${iso.slice(0, 19).replace(/[-:T]/g, '')}Z`;
  const year = Number(iso.slice(0, 4));
  const isShort = year >= 1950 && year < 2050;
  const tag = isShort ? DER.utcTime : DER.generalizedTime;
  return element(tag, encodeUtf8(isShort ? digits.slice(2) : digits));
}

function extension(name: Uint8Array, isCritical: boolean, value: Uint8Array): Uint8Array {
  return sequence(name, ...(isCritical ? [TRUE] : []), octetString(value));
}

function alternativeNames({ dnsNames, ipAddresses }: CertificateRequest): Uint8Array {
  const names = dnsNames.map((name) => {
    const bytes = encodeUtf8(name);
    if (bytes.some((byte) => byte >= 0x80)) {
      throw new FunctionError(`x509: ${quote(name)} cannot be encoded as an IA5String`);
    }
    return element(TAG_DNS, bytes);
  });
  const addresses = ipAddresses.map((address) => element(TAG_IP, Uint8Array.from(address)));
  return sequence(...names, ...addresses);
}

interface KeyIds {
  readonly subject: Uint8Array | undefined;
  readonly authority: Uint8Array | undefined;
}

function extensions(request: CertificateRequest, ids: KeyIds): Uint8Array {
  const { isAuthority } = request;
  const made = [
    extension(OID_KEY_USAGE, true, isAuthority ? AUTHORITY_USAGE : LEAF_USAGE),
    extension(OID_EXT_KEY_USAGE, false, sequence(OID_SERVER_AUTH, OID_CLIENT_AUTH)),
    extension(OID_BASIC_CONSTRAINTS, true, isAuthority ? sequence(TRUE) : sequence()),
  ];
  if (ids.subject !== undefined) {
    made.push(extension(OID_SUBJECT_KEY_ID, false, octetString(ids.subject)));
  }
  if (ids.authority !== undefined) {
    const value = sequence(element(TAG_KEY_ID, ids.authority));
    made.push(extension(OID_AUTHORITY_KEY_ID, false, value));
  }
  if (request.dnsNames.length > 0 || request.ipAddresses.length > 0) {
    const isCritical = request.commonName === '';
    made.push(extension(OID_SUBJECT_ALT_NAME, isCritical, alternativeNames(request)));
  }
  return sequence(...made);
}

function keyIds(
  request: CertificateRequest,
  subject: Uint8Array,
  issuer: Issuer,
  publicKey: Uint8Array,
  crypto: CryptoPort,
): KeyIds {
  const isOther = !equalBytes(issuer.subject, subject);
  const digest = (): Uint8Array => crypto.digest('sha256', publicKeyBits(publicKey));
  return {
    subject: request.isAuthority ? digest().subarray(0, KEY_ID_BYTES) : undefined,
    authority: isOther && issuer.subjectKeyId?.length ? issuer.subjectKeyId : undefined,
  };
}

/** Who signs: absent for a certificate that signs itself. */
export interface Signer {
  readonly issuer: Issuer;
  readonly key: PrivateKey;
}

/**
 * The DER of a signed certificate.
 *
 * @throws {FunctionError} with Go's text: a key that cannot sign or is not the issuer's, a name that cannot be written
 */
export function createCertificate(
  request: CertificateRequest,
  key: PrivateKey,
  signer: Signer | undefined,
  crypto: CryptoPort,
): Uint8Array {
  const signingKey = signer?.key ?? key;
  const algorithm = signatureAlgorithm(signingKey);
  const subject = nameOf(request.commonName);
  const issuer = signer?.issuer ?? { subject };
  if (key.type === 'dsa') {
    throw new FunctionError('x509: unsupported public key type: *dsa.PublicKey');
  }
  if (issuer.publicKey !== undefined && !equalBytes(issuer.publicKey, signingKey.publicKey)) {
    throw new FunctionError("x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  const ids = keyIds(request, subject, issuer, key.publicKey, crypto);
  const body = sequence(
    VERSION_3,
    unsigned(request.serialNumber),
    algorithm.identifier,
    issuer.subject,
    sequence(timeOf(request.notBefore), timeOf(request.notAfter)),
    subject,
    key.publicKey,
    explicit(EXTENSIONS_TAG, extensions(request, ids)),
  );
  const signature = crypto.sign(signingKey.privateKey, algorithm.digest, body);
  return sequence(body, algorithm.identifier, bitString(signature));
}

function malformed(part: string): FunctionError {
  return new FunctionError(`x509: malformed ${part}`);
}

function part(reader: DerReader, tag: number, name: string): DerElement {
  try {
    return reader.expect(tag);
  } catch (error) {
    if (error instanceof DerError) throw malformed(name);
    throw error;
  }
}

function subjectKeyIdOf(list: Uint8Array): Uint8Array | undefined {
  const reader = new DerReader(part(new DerReader(list), DER.sequence, 'extensions').content);
  while (!reader.isAtEnd) {
    const fields = new DerReader(part(reader, DER.sequence, 'extension').content);
    const name = part(fields, DER.oid, 'extension OID field').bytes;
    fields.optional(DER.boolean);
    const value = part(fields, DER.octetString, 'extension value field').content;
    if (equalBytes(name, OID_SUBJECT_KEY_ID)) {
      return part(new DerReader(value), DER.octetString, 'subject key identifier').content;
    }
  }
  return undefined;
}

/**
 * Reads what signing needs of a certificate.
 *
 * @throws {FunctionError} with Go's text, e.g. `x509: malformed certificate`
 */
export function parseCertificate(der: Uint8Array): Issuer {
  const outer = part(new DerReader(der), DER.sequence, 'certificate');
  if (outer.bytes.length !== der.length) throw new FunctionError('x509: trailing data');
  const whole = new DerReader(outer.content);
  const body = new DerReader(part(whole, DER.sequence, 'tbs certificate').content);
  body.optional(0xa0);
  part(body, DER.integer, 'serial number');
  const inner = part(body, DER.sequence, 'signature algorithm identifier');
  const algorithm = part(whole, DER.sequence, 'algorithm identifier');
  if (!equalBytes(inner.bytes, algorithm.bytes)) {
    throw new FunctionError("x509: inner and outer signature algorithm identifiers don't match");
  }
  part(body, DER.sequence, 'issuer');
  part(body, DER.sequence, 'validity');
  const subject = part(body, DER.sequence, 'issuer').bytes;
  const publicKey = part(body, DER.sequence, 'spki').bytes;
  body.optional(0x81);
  body.optional(0x82);
  const list = body.optional(0xa0 | EXTENSIONS_TAG)?.content;
  part(whole, DER.bitString, 'signature');
  return {
    subject,
    publicKey,
    subjectKeyId: list === undefined ? undefined : subjectKeyIdOf(list),
  };
}
