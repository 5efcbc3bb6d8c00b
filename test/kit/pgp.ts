// SPDX-License-Identifier: Apache-2.0

/** PGP keys and provenance files made in the test. */

import { createHash } from 'node:crypto';
import * as openpgp from 'openpgp';

export interface TestKey {
  readonly name: string;
  readonly privateKey: openpgp.PrivateKey;
  /** Binary, as Helm's ring. */
  readonly publicRing: Uint8Array;
  readonly armored: string;
}

export interface KeyOptions {
  readonly type?: 'rsa' | 'ecc' | undefined;
  readonly rsaBits?: number | undefined;
  /** Seconds until it expires, from `date` on. */
  readonly lifeSeconds?: number | undefined;
  readonly date?: Date | undefined;
  /** Sign with a subkey. */
  readonly hasSigningSubkey?: boolean | undefined;
}

const weak = { minRSABits: 1024 };

export async function makeKey(name: string, options: KeyOptions = {}): Promise<TestKey> {
  const { type = 'ecc', rsaBits = 2048, lifeSeconds, hasSigningSubkey } = options;
  const date = options.date ?? new Date(Date.now() - 3_600_000);
  const kind =
    type === 'rsa' ? ({ type, rsaBits } as const) : ({ type, curve: 'ed25519Legacy' } as const);
  const { privateKey } = await openpgp.generateKey({
    ...kind,
    userIDs: [{ name, email: `${name.toLowerCase()}@example.test` }],
    date,
    ...(lifeSeconds === undefined ? {} : { keyExpirationTime: lifeSeconds }),
    subkeys: hasSigningSubkey === true ? [{ sign: true }] : [],
    format: 'object',
    config: weak,
  });
  return withKey(name, privateKey);
}

function withKey(name: string, privateKey: openpgp.PrivateKey): TestKey {
  const publicKey = privateKey.toPublic();
  return { name, privateKey, publicRing: publicKey.write(), armored: publicKey.armor() };
}

export async function revoked({ name, privateKey }: TestKey): Promise<TestKey> {
  const done = await openpgp.revokeKey({ key: privateKey, format: 'object' });
  return withKey(name, done.privateKey);
}

/** What Helm signs of an archive. */
export function provenanceBody(chart: string, fileName: string, archive: Uint8Array): string {
  const digest = createHash('sha256').update(archive).digest('hex');
  return `${chart}\n...\nfiles:\n  ${fileName}: sha256:${digest}\n`;
}

export async function clearSign(
  text: string,
  { privateKey }: TestKey,
  date?: Date,
  hash: 'sha512' | 'sha1' = 'sha512',
): Promise<string> {
  const message = await openpgp.createCleartextMessage({ text });
  return await openpgp.sign({
    message,
    signingKeys: privateKey,
    ...(date === undefined ? {} : { date }),
    config: {
      ...weak,
      preferredHashAlgorithm: openpgp.enums.hash[hash],
      rejectMessageHashAlgorithms: new Set(),
    },
  });
}
