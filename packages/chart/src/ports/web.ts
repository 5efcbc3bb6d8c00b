// SPDX-License-Identifier: Apache-2.0

/**
 * The outside world of rendering, where there is no Node: browsers, workers, Deno.
 *
 * Effects: reads the clock and the platform's random source; RSA keys are made by JavaScript, which takes seconds.
 */

import forge from 'node-forge';
import type { CryptoPort, DigestAlgorithm, FunctionPorts, KeyPair } from '../functions/ports.ts';
import type { RenderPorts } from '../render/render.ts';
import { binaryOf, bytesOf } from './binary.ts';
import { scrypt } from './scrypt.ts';

/** Most bytes that one call of `getRandomValues` gives. */
const RANDOM_STRIDE = 65_536;
const NANO_PER_MILLI = 1_000_000n;
const ED25519_PREFIX = '302e020100300506032b657004220420';
const ED25519_PUBLIC_PREFIX = '302a300506032b6570032100';
const ED25519_OID = '06032b6570';

/** What a browser cannot do without a library of its own: give `webPorts` a crypto port that can. */
export class MissingCryptoError extends Error {
  readonly code = 'chart/no-crypto';
  readonly retry = 'terminal';
  constructor(what: string) {
    super(`${what} are not made here: give webPorts() a \`crypto\` port that makes them`);
    this.name = 'MissingCryptoError';
  }
}

function hashOf(algorithm: DigestAlgorithm): forge.md.MessageDigest {
  switch (algorithm) {
    case 'sha1':
      return forge.md.sha1.create();
    case 'sha256':
      return forge.md.sha256.create();
    case 'sha384':
      return forge.md.sha384.create();
    case 'sha512':
      return forge.md.sha512.create();
  }
}

function digest(algorithm: DigestAlgorithm, data: Uint8Array): Uint8Array {
  const hash = hashOf(algorithm);
  hash.update(binaryOf(data));
  return bytesOf(hash.digest().getBytes());
}

function hmac(algorithm: DigestAlgorithm, key: Uint8Array, data: Uint8Array): Uint8Array {
  const mac = forge.hmac.create();
  mac.start(algorithm, binaryOf(key));
  mac.update(binaryOf(data));
  return bytesOf(mac.digest().getBytes());
}

function aesCbc(
  direction: 'encrypt' | 'decrypt',
  key: Uint8Array,
  iv: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  const create = direction === 'encrypt' ? forge.cipher.createCipher : forge.cipher.createDecipher;
  const cipher = create('AES-CBC', binaryOf(key));
  cipher.start({ iv: binaryOf(iv) });
  cipher.update(forge.util.createBuffer(binaryOf(data)));
  // The types leave out that padding can be one's own; here there is none.
  const unpadded: { finish(pad: () => boolean): boolean } = cipher;
  unpadded.finish(() => true);
  return bytesOf(cipher.output.getBytes());
}

function derOf(asn1: forge.asn1.Asn1): Uint8Array {
  return bytesOf(forge.asn1.toDer(asn1).getBytes());
}

function rsaKeyOf(der: Uint8Array): forge.pki.rsa.PrivateKey {
  return forge.pki.privateKeyFromAsn1(
    forge.asn1.fromDer(binaryOf(der)),
  ) as forge.pki.rsa.PrivateKey;
}

function generateRsa(bits: number): KeyPair {
  const { privateKey, publicKey } = forge.pki.rsa.generateKeyPair({ bits, e: 0x10001 });
  return {
    privateKey: derOf(forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(privateKey))),
    publicKey: derOf(forge.pki.publicKeyToAsn1(publicKey)),
  };
}

function ed25519Seed(privateKey: Uint8Array): Uint8Array | undefined {
  const isEd25519 = forge.util.bytesToHex(binaryOf(privateKey)).includes(ED25519_OID);
  return isEd25519 ? privateKey.subarray(privateKey.length - 32) : undefined;
}

function ed25519Public(seed: Uint8Array): Uint8Array {
  const { publicKey } = forge.pki.ed25519.generateKeyPair({ seed });
  return prefixed(ED25519_PUBLIC_PREFIX, publicKey);
}

function prefixed(hex: string, bytes: Uint8Array): Uint8Array {
  return bytesOf(forge.util.hexToBytes(hex) + binaryOf(bytes));
}

function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const seed = ed25519Seed(privateKey);
  if (seed !== undefined) return ed25519Public(seed);
  const { n, e } = rsaKeyOf(privateKey);
  return derOf(forge.pki.publicKeyToAsn1(forge.pki.setRsaPublicKey(n, e)));
}

function sign(
  privateKey: Uint8Array,
  algorithm: DigestAlgorithm | undefined,
  data: Uint8Array,
): Uint8Array {
  const seed = ed25519Seed(privateKey);
  if (seed !== undefined) {
    const { privateKey: key } = forge.pki.ed25519.generateKeyPair({ seed });
    return new Uint8Array(
      forge.pki.ed25519.sign({ message: binaryOf(data), encoding: 'binary', privateKey: key }),
    );
  }
  const hash = hashOf(algorithm ?? 'sha256');
  hash.update(binaryOf(data));
  return bytesOf(rsaKeyOf(privateKey).sign(hash));
}

function webCrypto(randomBytes: (count: number) => Uint8Array): CryptoPort {
  return {
    digest,
    hmac,
    scrypt,
    aesCbc,
    generateKey: (request) => {
      if (request.type === 'rsa') return generateRsa(request.bits);
      if (request.type !== 'ed25519') {
        throw new MissingCryptoError(`${request.type.toUpperCase()} keys`);
      }
      const seed = randomBytes(32);
      return { privateKey: prefixed(ED25519_PREFIX, seed), publicKey: ed25519Public(seed) };
    },
    publicKeyOf,
    sign,
  };
}

function platformRandom(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let from = 0; from < count; from += RANDOM_STRIDE) {
    crypto.getRandomValues(bytes.subarray(from, from + RANDOM_STRIDE));
  }
  return bytes;
}

/** What differs between two renderings in one browser. */
export interface WebPortsOptions {
  /** IANA name of the zone Go calls `Local`; `UTC` if absent, as in Helm's containers. */
  readonly localZone?: string | undefined;
  /** A fixed clock, in milliseconds since 1970; the platform's if absent. */
  readonly nowMs?: (() => number) | undefined;
  /** A fixed source of randomness; the platform's if absent. */
  readonly randomBytes?: ((count: number) => Uint8Array) | undefined;
  /** Replaces the cryptography made of JavaScript: digests, AES, scrypt, RSA and Ed25519 keys. */
  readonly crypto?: CryptoPort | undefined;
}

/**
 * Ports of `renderRelease` that need nothing but a browser's globals.
 *
 * DSA and ECDSA keys (`genPrivateKey "dsa"`, `"ecdsa"`) end in `chart/no-crypto`; DNS has no answers.
 */
export function webPorts(options: WebPortsOptions = {}): RenderPorts {
  const nowMs = options.nowMs ?? Date.now;
  const randomBytes = options.randomBytes ?? platformRandom;
  const functions: FunctionPorts = {
    now: () => BigInt(Math.trunc(nowMs())) * NANO_PER_MILLI,
    localZone: options.localZone ?? 'UTC',
    randomBytes,
    crypto: options.crypto ?? webCrypto(randomBytes),
  };
  return { functions, nowMs: () => performance.now() };
}
