// SPDX-License-Identifier: Apache-2.0

/** Sigstore bundles: one file with signature, certificate and what the log said. Source: sigstore/protobuf-specs sigstore_bundle.proto; cosign v3. */

import type { KeyObject } from 'node:crypto';
import { createHash } from 'node:crypto';
import { type Bundle, bundleFromJSON } from '@sigstore/bundle';
import { type TrustMaterial, toSignedEntity, Verifier } from '@sigstore/verify';
import { NO_TRUSTED_ROOT, readTrustedRoot } from './trusted-root.ts';

/** Whom a bundle's signature is checked against. */
export interface SigstoreTrust {
  readonly material: TrustMaterial;
  readonly isKeyless: boolean;
}

/** What a bundle must be a signature of. */
export interface BundleSubject {
  /** Of the image. */
  readonly digest: string;
  readonly artifacts: readonly Uint8Array[];
}

export interface KeylessSigner {
  /** Mail address or URI of the certificate; empty for a key. */
  readonly subject: string;
  /** Who vouched for it. */
  readonly issuer: string;
}

const STATEMENT_TYPE = 'application/vnd.in-toto+json';
const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

/** A key of one's own: it needs no log and has no time. */
export function keyedMaterial(key: KeyObject): SigstoreTrust {
  const material = readTrustedRoot(NO_TRUSTED_ROOT, () => ({
    publicKey: key,
    validFor: () => true,
  }));
  return { material, isKeyless: false };
}

/** @param trustedRoot text of a trusted_root.json @throws {SourceError} `source/verification` */
export function keylessMaterial(trustedRoot: string): SigstoreTrust {
  const material = readTrustedRoot(trustedRoot, () => {
    throw new Error('it is signed with a key, not by an identity');
  });
  return { material, isKeyless: true };
}

/**
 * Verifies a bundle and that what it signs is the image, or one of the artifacts.
 *
 * @returns who signed; `undefined`: it is not of the key
 * @throws {Error} with the reason why it does not count
 */
export function checkBundle(
  text: string,
  trust: SigstoreTrust,
  { digest, artifacts }: BundleSubject,
): KeylessSigner | undefined {
  const bundle = bundleFromJSON(JSON.parse(text));
  const isKey = bundle.verificationMaterial.content.$case === 'publicKey';
  if (isKey === trust.isKeyless) {
    if (!trust.isKeyless) return undefined;
    throw new Error('it is signed with a key, not by an identity');
  }
  const artifact = artifactOf(bundle, artifacts, digest);
  const threshold = trust.isKeyless ? 1 : 0;
  const verifier = new Verifier(trust.material, {
    tlogThreshold: threshold,
    ctlogThreshold: threshold,
    timestampThreshold: threshold,
  });
  // What a log says of a signature with a key is not asked for, and cannot be checked without a root.
  const entity = toSignedEntity(bundle, artifact);
  const signer = verifier.verify(
    trust.isKeyless ? entity : { ...entity, tlogEntries: [], timestamps: [] },
  );
  const { subjectAlternativeName = '', extensions } = signer.identity ?? {};
  return { subject: subjectAlternativeName, issuer: extensions?.issuer ?? '' };
}

/** What the signature is of; for an envelope, that it names the image. */
function artifactOf(
  { content }: Bundle,
  artifacts: readonly Uint8Array[],
  digest: string,
): Buffer | undefined {
  if (content.$case === 'dsseEnvelope') {
    checkStatement(content.dsseEnvelope.payload, content.dsseEnvelope.payloadType, digest);
    return undefined;
  }
  const wanted = content.messageSignature.messageDigest.digest;
  const found = artifacts.find((bytes) =>
    createHash('sha256').update(bytes).digest().equals(wanted),
  );
  if (found === undefined) throw new Error('it is a signature of something else');
  return Buffer.from(found);
}

function checkStatement(payload: Buffer, payloadType: string, digest: string): void {
  if (payloadType !== STATEMENT_TYPE) throw new Error(`it signs a ${payloadType}`);
  const statement = JSON.parse(payload.toString('utf8')) as {
    predicateType?: unknown;
    subject?: unknown;
  };
  if (statement.predicateType !== SIGN_PREDICATE) {
    throw new Error(`it states ${JSON.stringify(statement.predicateType)}, not a signature`);
  }
  const [algorithm = '', hex] = digest.split(':');
  const subjects = Array.isArray(statement.subject) ? statement.subject : [];
  const isNamed = subjects.some(
    (subject: { digest?: Record<string, unknown> } | null) => subject?.digest?.[algorithm] === hex,
  );
  if (!isNamed) throw new Error('it is a signature of another image');
}
