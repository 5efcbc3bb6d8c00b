// SPDX-License-Identifier: Apache-2.0

/** A ring of public keys and what they have signed. Source: ProtonMail/go-crypto v1.4.1 openpgp (ReadKeyRing, CheckDetachedSignature). */

import type { Key, PartialConfig, Signature } from 'openpgp';
import { SourceError } from '../errors.ts';

/** The library is LGPL: loaded when it is needed, never part of the bundle, so that it can be replaced. */
type OpenPgp = typeof import('openpgp');

const MIN_RSA_BITS = 1024;

export interface KeyRing {
  /** The library's own; unnamed, so that our types do not need it. */
  readonly keys: readonly object[];
}

export interface Signer {
  /** `NAME <MAIL>`, one for each identity. */
  readonly identities: readonly string[];
  /** Of the primary key, in capitals. */
  readonly fingerprint: string;
}

async function loadLibrary(): Promise<OpenPgp> {
  try {
    return await import('openpgp');
  } catch (error) {
    throw new SourceError(
      'source/verification',
      'PGP signatures need the npm package openpgp beside this program: install it',
      error,
    );
  }
}

/**
 * Reads a binary ring, as Helm does: armored rings and key boxes are refused.
 *
 * @throws {SourceError} `source/verification`
 */
export async function readKeyRing(bytes: Uint8Array): Promise<KeyRing> {
  const openpgp = await loadLibrary();
  if (bytes.length === 0) return { keys: [] };
  if (((bytes[0] ?? 0) & 0x80) === 0) {
    throw notRing('openpgp: invalid data: tag byte does not have MSB set');
  }
  try {
    return { keys: await openpgp.readKeys({ binaryKeys: bytes }) };
  } catch (error) {
    throw notRing(`openpgp: invalid data: ${textOf(error)}`, error);
  }
}

/** Armored keys of one or more files, as Kubernetes Secrets hold them. @throws {SourceError} `source/verification` */
export async function readArmoredKeys(texts: readonly string[]): Promise<KeyRing> {
  const openpgp = await loadLibrary();
  const keys: Key[] = [];
  for (const armoredKeys of texts) {
    try {
      keys.push(...(await openpgp.readKeys({ armoredKeys })));
    } catch (error) {
      throw notRing(`openpgp: ${textOf(error)}`, error);
    }
  }
  return { keys };
}

function notRing(reason: string, cause?: unknown): SourceError {
  return new SourceError('source/verification', `failed to load keyring: ${reason}`, cause);
}

function refused(reason: string, cause?: unknown): SourceError {
  return new SourceError('source/verification', `openpgp: ${reason}`, cause);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface DetachedSignature {
  readonly signed: Uint8Array;
  readonly armored: string;
  readonly nowMs: number;
}

/**
 * Whose signature it is.
 *
 * @throws {SourceError} `source/verification` with Helm's words: of nobody in the ring, not of this text, expired, revoked
 */
export async function verifyDetached(
  { keys }: KeyRing,
  { signed, armored, nowMs }: DetachedSignature,
): Promise<Signer> {
  const openpgp = await loadLibrary();
  let signature: Signature;
  try {
    signature = await openpgp.readSignature({ armoredSignature: armored });
  } catch (error) {
    throw refused(`invalid data: ${textOf(error)}`, error);
  }
  const [key, keyId] = signerOf(keys as readonly Key[], signature);
  if (key === undefined || keyId === undefined) throw refused('signature made by unknown entity');
  const message = await openpgp.createMessage({ binary: signed });
  const date = new Date(nowMs);
  const { signatures } = await openpgp.verify({
    message,
    signature,
    verificationKeys: key,
    date,
    config: configOf(openpgp),
  });
  const found = signatures.find((entry) => entry.keyID.equals(keyId));
  if (found === undefined) throw refused('signature made by unknown entity');
  await found.verified.catch(async (error: unknown) => {
    throw await reasonOf(error, key, date);
  });
  await refuseExpired(key, date);
  const { users } = key;
  const identities = users.flatMap(({ userID }) => (userID === null ? [] : [userID.userID]));
  return { identities, fingerprint: key.getFingerprint().toUpperCase() };
}

/** What Go's library takes, Helm takes: short RSA keys and SHA-1 among them, MD5 and RIPEMD not. */
function configOf({ enums }: OpenPgp): PartialConfig {
  const { md5, ripemd } = enums.hash;
  return {
    minRSABits: MIN_RSA_BITS,
    rejectHashAlgorithms: new Set([md5, ripemd]),
    rejectMessageHashAlgorithms: new Set([md5, ripemd]),
    allowInsecureVerificationWithReformattedKeys: true,
  };
}

type KeyId = ReturnType<Signature['getSigningKeyIDs']>[number];

function signerOf(
  keys: readonly Key[],
  signature: Signature,
): [Key, KeyId] | [undefined, undefined] {
  for (const keyId of signature.getSigningKeyIDs()) {
    const key = keys.find((candidate) => candidate.getKeys(keyId).length > 0);
    if (key !== undefined) return [key, keyId];
  }
  return [undefined, undefined];
}

async function refuseExpired(key: Key, date: Date): Promise<void> {
  if (await key.isRevoked(undefined, undefined, date)) {
    throw refused('signature made by revoked key');
  }
  const expires = await key.getExpirationTime();
  if (expires instanceof Date && expires <= date) throw refused('key expired');
}

async function reasonOf(error: unknown, key: Key, date: Date): Promise<SourceError> {
  const text = textOf(error);
  if (/expired/i.test(text) && /signature/i.test(text)) return refused('signature expired', error);
  if (/revoked/i.test(text)) return refused('signature made by revoked key', error);
  try {
    await refuseExpired(key, date);
  } catch (expired) {
    if (expired instanceof SourceError) return expired;
  }
  const isOther = /digest did not match|verification failed/i.test(text);
  return refused(`invalid signature: ${isOther ? mismatchText(key) : text}`, error);
}

/** Go names the algorithm. */
function mismatchText(key: Key): string {
  const { algorithm } = key.getAlgorithmInfo();
  if (algorithm.startsWith('rsa')) return 'RSA verification failure';
  if (algorithm.startsWith('ed')) return 'EdDSA verification failure';
  return `${algorithm.toUpperCase()} verification failure`;
}
