// SPDX-License-Identifier: Apache-2.0

/** A Sigstore of the test's own: authority, certificate log, signature log and their trusted root. */

import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  alternativeName,
  CODE_SIGNING,
  der,
  type Extension,
  extendedUsage,
  keyId,
  makeCertificate,
  type TestIdentity,
  utf8,
} from './x509.ts';

export interface SigstoreOptions {
  readonly subject: string;
  readonly issuer: string;
}

/** What cosign writes beside an image. */
export interface CosignSignature {
  readonly payload: Buffer;
  readonly annotations: Record<string, string>;
}

export interface TestSigstore {
  /** Text of a trusted_root.json. */
  readonly trustedRoot: string;
  /** Signs an image without a key of one's own. */
  signKeyless(digest: string, who: SigstoreOptions): CosignSignature;
  /** The same as a bundle with an in-toto statement. */
  bundleKeyless(digest: string, who: SigstoreOptions): Bundle;
}

export interface Bundle {
  mediaType: string;
  verificationMaterial: Record<string, unknown>;
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
}

const SCT = '1.3.6.1.4.1.11129.2.4.2';
const ISSUER = '1.3.6.1.4.1.57264.1.8';

export function makeSigstore(): TestSigstore {
  const authority = makeCertificate({
    subject: [
      ['O', 'test'],
      ['CN', 'authority'],
    ],
    isAuthority: true,
  });
  const ctlog = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const rekor = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const place: Place = { authority, ctlog, rekor };
  return {
    trustedRoot: JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [logOf(rekor.publicKey)],
      ctlogs: [logOf(ctlog.publicKey)],
      certificateAuthorities: [
        {
          subject: { organization: 'test', commonName: 'authority' },
          uri: '',
          certChain: { certificates: [{ rawBytes: authority.der.toString('base64') }] },
          validFor: { start: '2020-01-01T00:00:00Z' },
        },
      ],
      timestampAuthorities: [],
    }),
    signKeyless: (digest, who) => signKeyless(place, digest, who),
    bundleKeyless: (digest, who) => bundleKeyless(place, digest, who),
  };
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Place {
  readonly authority: TestIdentity;
  readonly ctlog: Keys;
  readonly rekor: Keys;
}

function logOf(key: KeyObject): unknown {
  return {
    baseUrl: 'https://log.example.test',
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: key.export({ type: 'spki', format: 'der' }).toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start: '2020-01-01T00:00:00Z' },
    },
    logId: { keyId: keyId(key).toString('base64') },
  };
}

export function cosignPayload(digest: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': '' },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
}

/** As `cosign sign --key --tlog-upload=false`. */
export function signWithKey(digest: string, key: KeyObject): CosignSignature {
  const payload = cosignPayload(digest);
  const isEdwards = key.asymmetricKeyType === 'ed25519';
  const signature = sign(isEdwards ? null : 'sha256', payload, key).toString('base64');
  return { payload, annotations: { 'dev.cosignproject.cosign/signature': signature } };
}

function leafOf({ authority, ctlog }: Place, { subject, issuer }: SigstoreOptions): TestIdentity {
  return makeCertificate({
    subject: [],
    issuer: authority,
    extensions: [
      extendedUsage(CODE_SIGNING),
      alternativeName(subject),
      { oid: ISSUER, value: utf8(issuer) },
    ],
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 540_000),
    late: (unsigned) => sctOf(unsigned, authority, ctlog),
  });
}

/** A log's promise to hold the certificate. Source: RFC 6962 §3.2, §3.3. */
function sctOf(unsigned: Buffer, authority: TestIdentity, log: Keys): Extension {
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64BE(BigInt(Date.now()));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(unsigned.length);
  const entry = Buffer.concat([keyId(authority.publicKey), size.subarray(1), unsigned]);
  const noExtensions = Buffer.from([0, 0]);
  const head = Buffer.from([0, 0]);
  const kind = Buffer.from([0, 1]);
  const signed = Buffer.concat([head, timestamp, kind, entry, noExtensions]);
  const signature = sign('sha256', signed, log.privateKey);
  const sct = Buffer.concat([
    Buffer.from([0]),
    keyId(log.publicKey),
    timestamp,
    noExtensions,
    Buffer.from([4, 3]),
    sized(signature),
  ]);
  const list = sized(sized(sct));
  return { oid: SCT, value: der(0x04, list) };
}

function sized(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function signKeyless(place: Place, digest: string, who: SigstoreOptions): CosignSignature {
  const leaf = leafOf(place, who);
  const payload = cosignPayload(digest);
  const signature = sign('sha256', payload, leaf.privateKey).toString('base64');
  const entry = promise(place.rekor, {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: sha256(payload).toString('hex') } },
      signature: {
        content: signature,
        publicKey: { content: Buffer.from(leaf.pem).toString('base64') },
      },
    },
  });
  return {
    payload,
    annotations: {
      'dev.cosignproject.cosign/signature': signature,
      'dev.sigstore.cosign/certificate': leaf.pem,
      'dev.sigstore.cosign/bundle': JSON.stringify({
        SignedEntryTimestamp: entry.timestamp,
        Payload: entry.payload,
      }),
    },
  };
}

interface LogPromise {
  readonly timestamp: string;
  readonly payload: { body: string; integratedTime: number; logIndex: number; logID: string };
}

/** The log's signed promise to hold an entry. */
function promise(rekor: Keys, body: unknown): LogPromise {
  const payload = {
    body: Buffer.from(JSON.stringify(body)).toString('base64'),
    integratedTime: Math.floor(Date.now() / 1000),
    // Canonical JSON: keys in order.
    logID: keyId(rekor.publicKey).toString('hex'),
    logIndex: 42,
  };
  const timestamp = sign('sha256', Buffer.from(JSON.stringify(payload)), rekor.privateKey);
  return { payload, timestamp: timestamp.toString('base64') };
}

export function statementOf(digest: string, predicateType: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: digest.replace('sha256:', '') } }],
      predicateType,
      predicate: {},
    }),
  );
}

export const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

/** A statement in an envelope, signed. Source: secure-systems-lab DSSE v1. */
export function envelopeOf(statement: Buffer, key: KeyObject): Bundle['dsseEnvelope'] {
  const payloadType = 'application/vnd.in-toto+json';
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${statement.length} `;
  const signature = sign('sha256', Buffer.concat([Buffer.from(head), statement]), key);
  return {
    payload: statement.toString('base64'),
    payloadType,
    signatures: [{ sig: signature.toString('base64') }],
  };
}

function bundleKeyless(place: Place, digest: string, who: SigstoreOptions): Bundle {
  const leaf = leafOf(place, who);
  const dsseEnvelope = envelopeOf(statementOf(digest, SIGN_PREDICATE), leaf.privateKey);
  const payload = Buffer.from(dsseEnvelope.payload, 'base64');
  const [first] = dsseEnvelope.signatures;
  const entry = promise(place.rekor, {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
      signatures: [{ signature: first?.sig, verifier: Buffer.from(leaf.pem).toString('base64') }],
    },
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: {
      x509CertificateChain: { certificates: [{ rawBytes: leaf.der.toString('base64') }] },
      tlogEntries: [
        {
          logIndex: String(entry.payload.logIndex),
          logId: { keyId: Buffer.from(entry.payload.logID, 'hex').toString('base64') },
          kindVersion: { kind: 'dsse', version: '0.0.1' },
          integratedTime: String(entry.payload.integratedTime),
          inclusionPromise: { signedEntryTimestamp: entry.timestamp },
          canonicalizedBody: entry.payload.body,
        },
      ],
    },
    dsseEnvelope,
  };
}

/** A bundle signed with a key of one's own, in the newest form. */
export function bundleWithKey(statement: Buffer, key: KeyObject): Bundle {
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: 'mine' }, tlogEntries: [] },
    dsseEnvelope: envelopeOf(statement, key),
  };
}
