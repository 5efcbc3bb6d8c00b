// SPDX-License-Identifier: Apache-2.0

/**
 * Notation signatures of images.
 *
 * Effects: reads signatures beside the image in its registry.
 * Source:  notaryproject/specifications 1.0 (trust-store-trust-policy.md, signature-envelope-jws.md)
 * Differs: COSE envelopes and time-stamp authorities are not read; no authority is asked whether a certificate was
 *          revoked: where a certificate says who could be asked and the policy enforces it, the signature does not count.
 */

import { X509Certificate } from 'node:crypto';
import { SourceError } from '../errors.ts';
import { referringLayers, type SignatureLayer, type SignedImage } from './image-signatures.ts';
import { checkChain, checkValidAt, isIdentity, nameOf, namesRevocation } from './notation-chain.ts';
import { type NotationEnvelope, openEnvelope } from './notation-envelope.ts';
import {
  type NotationRule,
  type NotationStep,
  readTrustPolicy,
  ruleFor,
} from './notation-policy.ts';

export interface NotationPolicy {
  /** Text of a trustpolicy.json. */
  readonly trustPolicy: string;
  /** Certificates in PEM by the name of their store, as `ca:NAME`; under `*` those of every store. */
  readonly trustStores: ReadonlyMap<string, readonly string[]>;
}

export interface NotationRequest {
  readonly image: SignedImage;
  readonly policy: NotationPolicy;
  readonly nowMs: number;
  /** Told what the policy says to log. */
  readonly log?: ((line: string) => void) | undefined;
}

const ARTIFACT_TYPE = 'application/vnd.cncf.notary.signature';
const JWS = 'application/jose+json';
const MAX_REASONS = 3;

/** @returns who signed, for people @throws {SourceError} `source/verification` @throws {FetchError} */
export async function verifyNotation(request: NotationRequest): Promise<string> {
  const { image, policy } = request;
  const repository = `${image.reference.registry}/${image.reference.repository}`;
  const rule = ruleFor(readTrustPolicy(policy.trustPolicy), repository);
  if (rule.actions === undefined) return `not looked at: policy ${rule.name} skips it (notation)`;
  const layers = await referringLayers(image, (type) => type === ARTIFACT_TYPE);
  const named = `${repository}@${image.digest}`;
  if (layers.length === 0) throw refused(named, 'it has no signature');
  const reasons: string[] = [];
  for (const layer of layers) {
    try {
      return `signed by ${checkLayer(layer, rule, request)} (notation)`;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  const told = [...new Set(reasons)].slice(0, MAX_REASONS).join('; ');
  throw refused(named, `none of ${layers.length} signatures counts: ${told}`);
}

function refused(named: string, reason: string): SourceError {
  return new SourceError('source/verification', `verify ${named} by notation: ${reason}`);
}

/** @throws {Error} with the reason why it does not count */
function checkLayer(layer: SignatureLayer, rule: NotationRule, check: NotationRequest): string {
  const { mediaType } = layer.descriptor;
  if (mediaType !== JWS) throw new Error(`envelopes of type ${mediaType} are not read`);
  const envelope = openEnvelope(layer.content);
  if (envelope.digest !== check.image.digest) {
    throw new Error(`it is a signature of ${envelope.digest}`);
  }
  const [leaf] = envelope.chain;
  const steps: readonly [NotationStep, () => void][] = [
    ['authenticity', () => checkAuthenticity(envelope, rule, check)],
    ['expiry', () => checkExpiry(envelope, check.nowMs)],
    ['authenticTimestamp', () => checkTime(envelope, check.nowMs)],
    ['revocation', () => checkRevocation(envelope)],
  ];
  for (const [step, run] of steps) runStep(step, run, rule, check);
  return leaf === undefined ? '' : nameOf(leaf);
}

function runStep(
  step: NotationStep,
  run: () => void,
  { actions, name }: NotationRule,
  { log }: NotationRequest,
): void {
  const action = actions?.[step] ?? 'enforce';
  if (action === 'skip') return;
  try {
    run();
  } catch (error) {
    if (action === 'enforce') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    log?.(`notation: ${step} fails, which policy ${name} lets pass: ${reason}`);
  }
}

function checkAuthenticity(
  { chain, scheme }: NotationEnvelope,
  { trustStores, trustedIdentities }: NotationRule,
  { policy }: NotationRequest,
): void {
  const kind = scheme === 'notary.x509' ? 'ca:' : 'signingAuthority:';
  const stores = trustStores.filter((store) => store.startsWith(kind));
  if (stores.length === 0) throw new Error(`scheme ${scheme} needs a trust store ${kind}NAME`);
  const trusted = stores.flatMap((store) => storeOf(store, policy));
  checkChain(chain, trusted);
  const [leaf] = chain;
  if (leaf === undefined || !trustedIdentities.some((rule) => isIdentity(rule, leaf))) {
    const signer = leaf === undefined ? 'nobody' : nameOf(leaf);
    throw new Error(`signed by ${signer}, whom no rule trusts`);
  }
}

function checkExpiry({ expiryMs }: NotationEnvelope, nowMs: number): void {
  if (expiryMs !== undefined && expiryMs < nowMs) {
    throw new Error(`the signature expired at ${new Date(expiryMs).toISOString()}`);
  }
}

/** Without a time stamp, the signer's own word counts for nothing: the certificates must be valid now. */
function checkTime({ chain, scheme, signingTimeMs }: NotationEnvelope, nowMs: number): void {
  checkValidAt(chain, scheme === 'notary.x509' ? nowMs : signingTimeMs);
}

function checkRevocation({ chain }: NotationEnvelope): void {
  if (namesRevocation(chain)) {
    throw new Error(
      'whether its certificates were revoked is not asked: override revocation in the trust policy to accept that',
    );
  }
}

function storeOf(store: string, { trustStores }: NotationPolicy): X509Certificate[] {
  const texts = [...(trustStores.get(store) ?? []), ...(trustStores.get('*') ?? [])];
  if (texts.length === 0) throw new Error(`the trust store ${store} has no certificates`);
  return texts.flatMap((text) => certificatesOf(text, store));
}

function certificatesOf(text: string, store: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error(`the trust store ${store} holds no PEM certificate`);
  return blocks.map((block) => new X509Certificate(block));
}
