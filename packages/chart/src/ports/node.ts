// SPDX-License-Identifier: Apache-2.0

/**
 * The outside world of template functions, by Node.
 *
 * Effects: reads the clock and the system's random source; keys are generated on the calling thread.
 */

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scryptSync,
  sign,
} from 'node:crypto';
import type { CryptoPort, FunctionPorts, KeyPair, KeyRequest } from '../functions/ports.ts';
import type { RenderPorts } from '../render/render.ts';

/** scrypt needs 128 × cost × blockSize bytes, and some room. */
const SCRYPT_MEMORY_BYTES = 64 * 1024 * 1024;
const NANO_PER_MILLI = 1_000_000n;

const DER_PRIVATE = { type: 'pkcs8', format: 'der' } as const;
const DER_PUBLIC = { type: 'spki', format: 'der' } as const;

function generate(request: KeyRequest): { readonly privateKey: KeyObject } {
  switch (request.type) {
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: request.bits });
    case 'dsa':
      return generateKeyPairSync('dsa', {
        modulusLength: request.modulusBits,
        divisorLength: request.divisorBits,
      });
    case 'ecdsa':
      return generateKeyPairSync('ec', { namedCurve: request.curve });
    case 'ed25519':
      return generateKeyPairSync('ed25519');
  }
}

function privateKeyOf(der: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(der), ...DER_PRIVATE });
}

function publicKeyOf(privateKey: KeyObject): Uint8Array {
  return createPublicKey(privateKey).export(DER_PUBLIC);
}

function generateKey(request: KeyRequest): KeyPair {
  const { privateKey } = generate(request);
  return { privateKey: privateKey.export(DER_PRIVATE), publicKey: publicKeyOf(privateKey) };
}

/** Cryptography by OpenSSL, as Node offers it. */
export const nodeCrypto: CryptoPort = {
  digest: (algorithm, data) => createHash(algorithm).update(data).digest(),
  hmac: (algorithm, key, data) => createHmac(algorithm, key).update(data).digest(),
  scrypt: (password, salt, { length, ...parameters }) =>
    scryptSync(password, salt, length, { ...parameters, maxmem: SCRYPT_MEMORY_BYTES }),
  aesCbc: (direction, key, iv, data) => {
    const create = direction === 'encrypt' ? createCipheriv : createDecipheriv;
    const cipher = create('aes-256-cbc', key, iv).setAutoPadding(false);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  },
  generateKey,
  publicKeyOf: (privateKey) => publicKeyOf(privateKeyOf(privateKey)),
  sign: (privateKey, digest, data) => sign(digest ?? null, data, privateKeyOf(privateKey)),
};

/** What differs between two renderings on one machine. */
export interface NodeFunctionPortsOptions {
  /** IANA name of the zone Go calls `Local`; `UTC` if absent, as in Helm's containers. */
  readonly localZone?: string | undefined;
  /** A fixed clock, in milliseconds since 1970; the system's if absent. */
  readonly nowMs?: (() => number) | undefined;
  /** Given only where DNS is enabled for `getHostByName`. */
  readonly resolveHost?: ((name: string) => readonly string[]) | undefined;
}

/** Ports of template functions that use the system's clock, randomness and OpenSSL. */
export function nodeFunctionPorts(options: NodeFunctionPortsOptions = {}): FunctionPorts {
  const nowMs = options.nowMs ?? Date.now;
  return {
    now: () => BigInt(Math.trunc(nowMs())) * NANO_PER_MILLI,
    localZone: options.localZone ?? 'UTC',
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    crypto: nodeCrypto,
    resolveHost: options.resolveHost,
  };
}

/** Ports of `renderRelease` that use the system's clock, randomness and OpenSSL. */
export function nodePorts(options: NodeFunctionPortsOptions = {}): RenderPorts {
  return { functions: nodeFunctionPorts(options), nowMs: () => performance.now() };
}
