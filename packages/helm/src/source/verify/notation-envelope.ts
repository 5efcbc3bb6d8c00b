// SPDX-License-Identifier: Apache-2.0

/** Notation's JWS envelope: what was signed, when, and by which chain. Source: notaryproject/specifications signature-envelope-jws.md 1.0. */

import { constants, createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';

export interface NotationEnvelope {
  /** Digest of the image that was signed. */
  readonly digest: string;
  readonly scheme: 'notary.x509' | 'notary.x509.signingAuthority';
  readonly signingTimeMs: number;
  readonly expiryMs: number | undefined;
  /** The signer's first. */
  readonly chain: readonly X509Certificate[];
}

type Json = Readonly<Record<string, unknown>>;

const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json';
const PREFIX = 'io.cncf.notary.';
const KNOWN_CRITICAL: ReadonlySet<string> = new Set([
  `${PREFIX}signingScheme`,
  `${PREFIX}signingTime`,
  `${PREFIX}authenticSigningTime`,
  `${PREFIX}expiry`,
]);
const MAX_CHAIN = 10;

interface Algorithm {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly kind: 'rsa' | 'ec';
  /** Of an RSA key in bits, or the curve. */
  readonly size: number | string;
}

/** The algorithm goes with the key: nothing else is taken. */
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ['PS256', { hash: 'sha256', kind: 'rsa', size: 2048 }],
  ['PS384', { hash: 'sha384', kind: 'rsa', size: 3072 }],
  ['PS512', { hash: 'sha512', kind: 'rsa', size: 4096 }],
  ['ES256', { hash: 'sha256', kind: 'ec', size: 'prime256v1' }],
  ['ES384', { hash: 'sha384', kind: 'ec', size: 'secp384r1' }],
  ['ES512', { hash: 'sha512', kind: 'ec', size: 'secp521r1' }],
] satisfies [string, Algorithm][]);

/**
 * Reads an envelope and checks that its first certificate's key signed it.
 *
 * @throws {Error} with the reason why it is none, or changed
 */
export function openEnvelope(bytes: Uint8Array): NotationEnvelope {
  const envelope = parse(Buffer.from(bytes), 'the envelope');
  const text = (name: string) => {
    const value = envelope[name];
    if (typeof value !== 'string') throw new Error(`the envelope has no ${name}`);
    return value;
  };
  const [payload, protectedText, signature] = [
    text('payload'),
    text('protected'),
    text('signature'),
  ];
  const header = parse(Buffer.from(protectedText, 'base64url'), 'the protected header');
  const chain = chainOf(envelope['header']);
  const [leaf] = chain;
  if (leaf === undefined) throw new Error('the envelope has no certificate');
  const algorithm = algorithmOf(header['alg'], leaf.publicKey);
  const signed = Buffer.from(`${protectedText}.${payload}`);
  if (!isSigned(signed, leaf.publicKey, algorithm, Buffer.from(signature, 'base64url'))) {
    throw new Error('the signature does not match what it signs');
  }
  return { ...headerOf(header), digest: digestOf(payload), chain };
}

function isSigned(
  signed: Buffer,
  key: KeyObject,
  { hash, kind }: Algorithm,
  signature: Buffer,
): boolean {
  const options =
    kind === 'ec'
      ? { key, dsaEncoding: 'ieee-p1363' as const }
      : {
          key,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        };
  return verify(hash, signed, options, signature);
}

function algorithmOf(name: unknown, key: KeyObject): Algorithm {
  const algorithm = typeof name === 'string' ? ALGORITHMS.get(name) : undefined;
  if (algorithm === undefined) throw new Error(`algorithm ${JSON.stringify(name)} is not accepted`);
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const size = algorithm.kind === 'ec' ? namedCurve : modulusLength;
  if (key.asymmetricKeyType !== algorithm.kind || size !== algorithm.size) {
    throw new Error(`algorithm ${name} does not belong to the certificate's key`);
  }
  return algorithm;
}

function chainOf(header: unknown): X509Certificate[] {
  const chain = (header as Json | null | undefined)?.['x5c'];
  if (!Array.isArray(chain) || chain.length > MAX_CHAIN) throw new Error('there is no usable x5c');
  return chain.map((der: unknown) => new X509Certificate(Buffer.from(String(der), 'base64')));
}

function headerOf(header: Json): Pick<NotationEnvelope, 'scheme' | 'signingTimeMs' | 'expiryMs'> {
  if (header['cty'] !== PAYLOAD_TYPE) {
    throw new Error(`the payload is a ${JSON.stringify(header['cty'])}`);
  }
  const scheme = header[`${PREFIX}signingScheme`];
  if (scheme !== 'notary.x509' && scheme !== 'notary.x509.signingAuthority') {
    throw new Error(`signing scheme ${JSON.stringify(scheme)} is not known`);
  }
  const critical = Array.isArray(header['crit']) ? header['crit'] : [];
  const unknown = critical.find((name: unknown) => !KNOWN_CRITICAL.has(String(name)));
  if (unknown !== undefined)
    throw new Error(`critical header ${JSON.stringify(unknown)} is not known`);
  if (!critical.includes(`${PREFIX}signingScheme`)) throw new Error('its scheme is not critical');
  const time = scheme === 'notary.x509' ? 'signingTime' : 'authenticSigningTime';
  const expiry = header[`${PREFIX}expiry`];
  if (expiry !== undefined && !critical.includes(`${PREFIX}expiry`)) {
    throw new Error('its expiry is not critical');
  }
  return {
    scheme,
    signingTimeMs: timeOf(header[`${PREFIX}${time}`], time),
    expiryMs: expiry === undefined ? undefined : timeOf(expiry, 'expiry'),
  };
}

function timeOf(value: unknown, name: string): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error(`${name} ${JSON.stringify(value)} is no time`);
  return ms;
}

function digestOf(payload: string): string {
  const { targetArtifact } = parse(Buffer.from(payload, 'base64url'), 'the payload');
  const digest = (targetArtifact as Json | null | undefined)?.['digest'];
  if (typeof digest !== 'string') throw new Error('the payload names no digest');
  return digest;
}

function parse(bytes: Buffer, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new Error(`${what} is not JSON`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new Error(`${what} is not an object`);
}

/** `SHA256:…` of a certificate, for messages. */
export function fingerprintOf({ raw }: X509Certificate): string {
  return createHash('sha256').update(raw).digest('hex');
}
