// SPDX-License-Identifier: Apache-2.0

/** Whose signature a commit or tag carries. Source: Flux source-controller (GitRepository spec.verify), git-verify-commit(1). */

import { SshSignatureError, signedObject, verifySshSignature } from '@helm-operator/fetch';
import { SourceError } from './errors.ts';
import { readArmoredKeys, verifyDetached } from './verify/key-ring.ts';

/** What must be signed, and by whom. */
export interface GitVerification {
  /** `head`: the commit; `tag`: the tag that names it. */
  readonly mode: 'head' | 'tag' | 'tag-and-head';
  /** Armored PGP keys. */
  readonly pgpKeys: readonly string[];
  /** Lines of SSH public keys. */
  readonly sshKeys: readonly string[];
}

/** A commit or tag as it is stored. */
export interface StoredObject {
  readonly what: 'commit' | 'tag';
  readonly oid: string;
  readonly type: string;
  readonly data: Uint8Array;
}

/**
 * @returns one line for people
 * @throws {SourceError} `source/verification`: unsigned, by nobody who is trusted, or not of this text
 */
export async function verifyGitObject(
  object: StoredObject,
  { pgpKeys, sshKeys }: GitVerification,
  nowMs: number,
): Promise<string> {
  const name = `${object.what} ${object.oid}`;
  if (object.type !== object.what) {
    throw refused(`${name}: there is no signed ${object.what}, only a ${object.type}`);
  }
  const found = signedObject(object.type, object.data);
  if (found === undefined) throw refused(`${name} is not signed`);
  const { format, signature, payload } = found;
  if (format === 'ssh') {
    if (sshKeys.length === 0)
      throw refused(`${name} is signed with SSH, but no SSH key is trusted`);
    try {
      const { fingerprint } = verifySshSignature(signature, payload, sshKeys.join('\n'));
      return `${name} is signed by SSH key ${fingerprint}`;
    } catch (error) {
      if (!(error instanceof SshSignatureError)) throw error;
      throw refused(`the signature of ${name} does not count: ${error.message}`, error);
    }
  }
  if (pgpKeys.length === 0) throw refused(`${name} is signed with PGP, but no PGP key is trusted`);
  try {
    const ring = await readArmoredKeys(pgpKeys);
    const signer = await verifyDetached(ring, { signed: payload, armored: signature, nowMs });
    return `${name} is signed by ${signer.identities[0] ?? ''} (${signer.fingerprint})`;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw refused(`the signature of ${name} does not count: ${error.message}`, error);
  }
}

function refused(reason: string, cause?: unknown): SourceError {
  return new SourceError('source/verification', reason, cause);
}
