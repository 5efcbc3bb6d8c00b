// SPDX-License-Identifier: Apache-2.0

/** Provenance files: does a known key vouch for this archive? Source: helm v3.22.0 pkg/provenance/sign.go. */

import { digestOf } from '@helm-operator/fetch';
import { decodeUtf8, decodeYaml, quote, type Value } from '@helm-operator/gocompat';
import { SourceError } from '../errors.ts';
import { decodeClearSigned } from './clear-sign.ts';
import { type KeyRing, type Signer, verifyDetached } from './key-ring.ts';

export interface ProvenanceCheck {
  readonly archive: Uint8Array;
  /** Base name of the archive's file: the provenance file names it. */
  readonly fileName: string;
  readonly provenance: Uint8Array;
  readonly keyRing: KeyRing;
  readonly nowMs: number;
}

export interface ProvenanceVerdict extends Signer {
  /** `sha256:…` of the archive. */
  readonly fileHash: string;
}

/** @throws {SourceError} `source/verification`, with Helm's message */
export async function verifyProvenance(check: ProvenanceCheck): Promise<ProvenanceVerdict> {
  const { archive, fileName, provenance, keyRing, nowMs } = check;
  const block = decodeClearSigned(provenance);
  if (block === undefined) {
    throw refused('failed to decode signature: signature block not found');
  }
  const { signed, signature: armored, text } = block;
  const signer = await verifyDetached(keyRing, { signed, armored, nowMs });
  const wanted = sumOf(text, fileName);
  const found = digestOf(archive);
  if (wanted !== found) {
    throw refused(`sha256 sum does not match for ${fileName}: ${quote(wanted)} != ${quote(found)}`);
  }
  return { ...signer, fileHash: found };
}

/** The digest that the second document of the message names for a file. */
function sumOf(text: string, fileName: string): string {
  const parts = text.split('\n...\n');
  const [metadata, sums] = parts;
  if (metadata === undefined || sums === undefined) {
    throw refused('message block must have at least two parts');
  }
  decode(metadata);
  const root = decode(sums);
  const files = root instanceof Map ? root.get('files') : undefined;
  const sum = files instanceof Map ? files.get(fileName) : undefined;
  if (typeof sum === 'string') return sum;
  throw refused(`provenance does not contain a SHA for a file named ${quote(fileName)}`);
}

function decode(text: string): Value {
  try {
    return decodeYaml(text);
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error), error);
  }
}

function refused(message: string, cause?: unknown): SourceError {
  return new SourceError('source/verification', message, cause);
}

/** What `helm verify` prints. */
export function printVerdict({ identities, fingerprint, fileHash }: ProvenanceVerdict): string {
  const signers = identities.map((name) => `Signed by: ${name}\n`).join('');
  return `${signers}Using Key With Fingerprint: ${fingerprint}\nChart Hash Verified: ${fileHash}\n`;
}

/** The text of a provenance file may be anything; what comes after its signature does not count. */
export function provenanceText(bytes: Uint8Array): string {
  return decodeUtf8(bytes);
}
