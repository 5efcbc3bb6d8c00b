// SPDX-License-Identifier: Apache-2.0

/** Whom Sigstore's signatures are trusted by: a trusted_root.json. Source: sigstore/protobuf-specs v0.5 sigstore_trustroot.proto (JSON mapping). */

import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { SourceError } from '../errors.ts';

type TrustedRoot = Parameters<typeof toTrustMaterial>[0];
type KeyFinder = Extract<Parameters<typeof toTrustMaterial>[1], (hint: string) => unknown>;
type Json = Readonly<Record<string, unknown>>;

/** Two of the kinds of keys of the specification: PKCS#1, and all that say themselves what they are. */
const PKCS1 = 1;
const PKIX = 5;
const SHA2_256 = 1;

export const NO_TRUSTED_ROOT = '{}';

/**
 * @param text of a trusted_root.json
 * @param findKey gives public keys by their hint
 * @throws {SourceError} `source/verification`
 */
export function readTrustedRoot(text: string, findKey: KeyFinder): TrustMaterial {
  try {
    const root = objectOf(JSON.parse(text));
    return toTrustMaterial(
      {
        mediaType: textOf(root['mediaType']),
        tlogs: listOf(root['tlogs']).map(logOf),
        ctlogs: listOf(root['ctlogs']).map(logOf),
        certificateAuthorities: listOf(root['certificateAuthorities']).map(authorityOf),
        timestampAuthorities: listOf(root['timestampAuthorities']).map(authorityOf),
      },
      findKey,
    );
  } catch (error) {
    throw new SourceError(
      'source/verification',
      `the trusted root cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

function logOf(value: unknown): TrustedRoot['tlogs'][number] {
  const log = objectOf(value);
  const key = objectOf(log['publicKey']);
  return {
    baseUrl: textOf(log['baseUrl']),
    hashAlgorithm: SHA2_256,
    operator: textOf(log['operator']),
    publicKey: {
      rawBytes: bytesOf(key['rawBytes']),
      keyDetails: textOf(key['keyDetails']).startsWith('PKCS1_RSA') ? PKCS1 : PKIX,
      validFor: rangeOf(key['validFor']),
    },
    logId: idOf(log['logId']),
    checkpointKeyId:
      log['checkpointKeyId'] === undefined ? undefined : idOf(log['checkpointKeyId']),
  };
}

function idOf(value: unknown): { keyId: Buffer } {
  return { keyId: bytesOf(objectOf(value)['keyId']) };
}

function authorityOf(value: unknown): TrustedRoot['certificateAuthorities'][number] {
  const authority = objectOf(value);
  const subject = objectOf(authority['subject']);
  const certificates = listOf(objectOf(authority['certChain'])['certificates']);
  if (certificates.length === 0) throw new TypeError('an authority has no certificates');
  return {
    subject: {
      organization: textOf(subject['organization']),
      commonName: textOf(subject['commonName']),
    },
    uri: textOf(authority['uri']),
    certChain: {
      certificates: certificates.map((one) => ({ rawBytes: bytesOf(objectOf(one)['rawBytes']) })),
    },
    validFor: rangeOf(authority['validFor']),
    operator: textOf(authority['operator']),
  };
}

function rangeOf(value: unknown): { start: Date | undefined; end: Date | undefined } | undefined {
  if (value === undefined || value === null) return undefined;
  const range = objectOf(value);
  return { start: dateOf(range['start']), end: dateOf(range['end']) };
}

function dateOf(value: unknown): Date | undefined {
  if (value === undefined || value === null) return undefined;
  const date = new Date(textOf(value));
  if (Number.isNaN(date.getTime())) throw new TypeError(`${JSON.stringify(value)} is no time`);
  return date;
}

function objectOf(value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new TypeError('an object is missing');
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new TypeError('a list is missing');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function bytesOf(value: unknown): Buffer {
  if (typeof value !== 'string' || value === '') throw new TypeError('bytes are missing');
  return Buffer.from(value, 'base64');
}
