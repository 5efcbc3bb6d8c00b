// SPDX-License-Identifier: Apache-2.0

/**
 * Cosign signatures of images: by key, or keyless by an identity that an authority vouched for.
 *
 * Effects: reads signatures beside the image in its registry; no log and no authority is asked: what they said is in the
 *          signature, and is checked against the trusted root.
 * Source:  sigstore/cosign v2 and v3, specs/SIGNATURE_SPEC.md, sigstore/protobuf-specs (bundle)
 * Differs: with a key, no entry of a transparency log is asked for; the public trusted root is not fetched: it is given.
 */

import {
  createHash,
  createPublicKey,
  type KeyObject,
  verify as verifySignature,
} from 'node:crypto';
import { compileRegexp, type GoRegexp } from '@helm-operator/gocompat';
import { SourceError } from '../errors.ts';
import {
  type BundleSubject,
  checkBundle,
  type KeylessSigner,
  keyedMaterial,
  keylessMaterial,
  type SigstoreTrust,
} from './cosign-bundle.ts';
import {
  referringLayers,
  type SignatureLayer,
  type SignedImage,
  taggedLayers,
} from './image-signatures.ts';

/** An identity of a certificate; both are regular expressions, and an empty one is any. */
export interface IdentityRule {
  readonly issuer: string;
  readonly subject: string;
}

export type CosignPolicy =
  /** PEM; one of them must have signed. */
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | {
      readonly kind: 'keyless';
      /** One of them must match; without any, whoever the root vouches for is accepted. */
      readonly identities: readonly IdentityRule[];
      /** Text of a trusted_root.json. */
      readonly trustedRoot: string;
    };

export interface CosignRequest {
  readonly image: SignedImage;
  /** What a bundle may have signed besides the digest: the manifest, the archive. */
  readonly artifacts: readonly Uint8Array[];
  readonly policy: CosignPolicy;
  /** Bundles that were brought along; then the registry is not asked. */
  readonly bundles?: readonly string[] | undefined;
}

/** Says who signed, or why a signature does not count. */
type Check = (candidate: Candidate) => string;

type Candidate =
  | { readonly kind: 'payload'; readonly layer: SignatureLayer }
  | { readonly kind: 'bundle'; readonly text: string };

const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const BUNDLE = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v\d|\+json)/;
const MAX_REASONS = 3;

/** @returns who signed, for people @throws {SourceError} `source/verification` @throws {FetchError} */
export async function verifyCosign(request: CosignRequest): Promise<string> {
  const { image, policy } = request;
  const named = `${image.reference.registry}/${image.reference.repository}@${image.digest}`;
  const check = checkOf(request);
  const candidates = await findCandidates(request);
  if (candidates.length === 0) throw refused(named, 'it has no signature');
  const reasons: string[] = [];
  for (const candidate of candidates) {
    try {
      const signer = check(candidate);
      return `signed ${policy.kind === 'keys' ? 'with' : 'by'} ${signer} (cosign)`;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  const told = [...new Set(reasons)].slice(0, MAX_REASONS).join('; ');
  throw refused(named, `none of ${reasons.length} signatures counts: ${told}`);
}

function refused(named: string, reason: string): SourceError {
  return new SourceError('source/verification', `verify ${named} by cosign: ${reason}`);
}

async function findCandidates({ image, bundles }: CosignRequest): Promise<Candidate[]> {
  if (bundles !== undefined) return bundles.map((text) => ({ kind: 'bundle', text }));
  const payloads = (await taggedLayers(image, 'sig'))
    .filter(({ descriptor }) => descriptor.mediaType === SIMPLE_SIGNING)
    .map((layer): Candidate => ({ kind: 'payload', layer }));
  const referring = await referringLayers(image, (type) => BUNDLE.test(type));
  const found = referring
    .filter(({ descriptor }) => BUNDLE.test(descriptor.mediaType))
    .map(({ content }): Candidate => {
      return { kind: 'bundle', text: Buffer.from(content).toString('utf8') };
    });
  return [...payloads, ...found];
}

function checkOf(request: CosignRequest): Check {
  const { policy } = request;
  if (policy.kind === 'keys') return keyedCheck(request, policy.keys.map(readKey));
  const rules = policy.identities.map(compileRule);
  const trust = keylessMaterial(policy.trustedRoot);
  return (candidate) => {
    const signer = keylessSigner(candidate, request, trust);
    if (rules.length > 0 && !rules.some((matches) => matches(signer))) {
      throw new Error(`signed by ${printSigner(signer)}, which no rule allows`);
    }
    return printSigner(signer);
  };
}

function printSigner({ subject, issuer }: KeylessSigner): string {
  return `${subject} (${issuer})`;
}

interface NamedKey {
  readonly name: string;
  readonly key: KeyObject;
}

function readKey(pem: string, index: number): NamedKey {
  try {
    return { name: `key ${index + 1}`, key: createPublicKey(pem) };
  } catch (error) {
    throw new SourceError(
      'source/verification',
      `public key ${index + 1} cannot be read: it must be PEM`,
      error,
    );
  }
}

function keyedCheck(request: CosignRequest, keys: readonly NamedKey[]): Check {
  return (candidate) => {
    const signer = keys.find((named) => isSignedBy(candidate, named, request));
    if (signer === undefined) throw new Error('it is of none of the keys');
    return signer.name;
  };
}

/** @throws {Error} it is of the key, but not of this image */
function isSignedBy(candidate: Candidate, { key }: NamedKey, request: CosignRequest): boolean {
  if (candidate.kind === 'bundle') {
    return checkBundle(candidate.text, keyedMaterial(key), signedBy(request)) !== undefined;
  }
  const { content, descriptor } = candidate.layer;
  const signature = descriptor.annotations.get('dev.cosignproject.cosign/signature') ?? '';
  if (!isSignature(content, key, Buffer.from(signature, 'base64'))) return false;
  checkPayload(content, request.image.digest);
  return true;
}

function signedBy({ image, artifacts }: CosignRequest): BundleSubject {
  return { digest: image.digest, artifacts };
}

function isSignature(content: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  const isEdwards = key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'ed448';
  return verifySignature(isEdwards ? null : 'sha256', content, key, signature);
}

/** The signed text must name this image: a signature of another one proves nothing. */
function checkPayload(content: Uint8Array, digest: string): void {
  let payload: unknown;
  try {
    payload = JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (cause) {
    throw new Error('what was signed is not JSON', { cause });
  }
  const { critical } = (payload ?? {}) as { critical?: { image?: Record<string, unknown> } };
  const signed = critical?.image?.['docker-manifest-digest'];
  if (signed !== digest) throw new Error(`it is a signature of ${JSON.stringify(signed)}`);
}

function keylessSigner(
  candidate: Candidate,
  request: CosignRequest,
  trust: SigstoreTrust,
): KeylessSigner {
  const text = candidate.kind === 'bundle' ? candidate.text : bundleOfLayer(candidate.layer);
  const artifacts = candidate.kind === 'bundle' ? request.artifacts : [candidate.layer.content];
  const signer = checkBundle(text, trust, { digest: request.image.digest, artifacts });
  if (candidate.kind === 'payload') checkPayload(candidate.layer.content, request.image.digest);
  if (signer?.subject === undefined) throw new Error('it names no identity');
  return signer;
}

/** What cosign spreads over annotations, in one bundle. */
function bundleOfLayer({ descriptor, content }: SignatureLayer): string {
  const annotation = (name: string) => descriptor.annotations.get(name);
  const certificate = annotation('dev.sigstore.cosign/certificate');
  const signature = annotation('dev.cosignproject.cosign/signature') ?? '';
  if (certificate === undefined) throw new Error('it has no certificate');
  const entry = annotation('dev.sigstore.cosign/bundle');
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: {
      x509CertificateChain: { certificates: [{ rawBytes: derOf(certificate) }] },
      tlogEntries: entry === undefined ? [] : [logEntryOf(entry)],
    },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: sha256(content) },
      signature,
    },
  });
}

function derOf(pem: string): string {
  const match = /-----BEGIN CERTIFICATE-----([\sA-Za-z0-9+/=]+)-----END CERTIFICATE-----/.exec(pem);
  if (match?.[1] === undefined) throw new Error('its certificate is not PEM');
  return match[1].replace(/\s/g, '');
}

function logEntryOf(text: string): unknown {
  const { SignedEntryTimestamp, Payload } = JSON.parse(text) as {
    SignedEntryTimestamp: string;
    Payload: { body: string; integratedTime: number; logIndex: number; logID: string };
  };
  const body = JSON.parse(Buffer.from(Payload.body, 'base64').toString('utf8')) as {
    kind: string;
    apiVersion: string;
  };
  return {
    logIndex: String(Payload.logIndex),
    logId: { keyId: Buffer.from(Payload.logID, 'hex').toString('base64') },
    kindVersion: { kind: body.kind, version: body.apiVersion },
    integratedTime: String(Payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
    canonicalizedBody: Payload.body,
  };
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('base64');
}

function compileRule({ issuer, subject }: IdentityRule): (signer: KeylessSigner) => boolean {
  const [wantedIssuer, wantedSubject] = [issuer, subject].map(compile);
  return (signer) =>
    wantedIssuer?.matchString(signer.issuer) !== false &&
    wantedSubject?.matchString(signer.subject) !== false;
}

function compile(pattern: string): GoRegexp {
  try {
    return compileRegexp(pattern);
  } catch (error) {
    throw new SourceError(
      'source/verification',
      `identity rule ${JSON.stringify(pattern)}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}
