// SPDX-License-Identifier: Apache-2.0

/** An instant of the wall clock in nanoseconds since 1970-01-01T00:00:00Z. */
export type UnixNano = bigint;

/** Hash functions templates can name. */
export type DigestAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Key types `genPrivateKey` and the certificate functions make. */
export type KeyRequest =
  | { readonly type: 'rsa'; readonly bits: number }
  | { readonly type: 'dsa'; readonly modulusBits: number; readonly divisorBits: number }
  | { readonly type: 'ecdsa'; readonly curve: 'P-256' }
  | { readonly type: 'ed25519' };

/** A key pair in the forms every cryptographic library can write. */
export interface KeyPair {
  /** PKCS#8 `PrivateKeyInfo`, DER. */
  readonly privateKey: Uint8Array;
  /** X.509 `SubjectPublicKeyInfo`, DER. */
  readonly publicKey: Uint8Array;
}

/** Cost parameters of scrypt; `length` in bytes. */
export interface ScryptParameters {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly length: number;
}

/** Cryptography that is too slow or too delicate to be written here. */
export interface CryptoPort {
  digest(algorithm: DigestAlgorithm, data: Uint8Array): Uint8Array;
  hmac(algorithm: DigestAlgorithm, key: Uint8Array, data: Uint8Array): Uint8Array;
  scrypt(password: Uint8Array, salt: Uint8Array, parameters: ScryptParameters): Uint8Array;
  /** AES-256-CBC without padding: `data` is a multiple of 16 bytes long. */
  aesCbc(
    direction: 'encrypt' | 'decrypt',
    key: Uint8Array,
    iv: Uint8Array,
    data: Uint8Array,
  ): Uint8Array;
  generateKey(request: KeyRequest): KeyPair;
  /** The `SubjectPublicKeyInfo` of a PKCS#8 private key. */
  publicKeyOf(privateKey: Uint8Array): Uint8Array;
  /** Signs with a PKCS#8 key; `digest` is absent for Ed25519. RSA uses PKCS#1 v1.5, ECDSA writes DER. */
  sign(privateKey: Uint8Array, digest: DigestAlgorithm | undefined, data: Uint8Array): Uint8Array;
}

/** What template functions need from the world outside the pure rooms. */
export interface FunctionPorts {
  /** Read by `now`, `ago`, `date` of something that is no date, and certificates. */
  now(): UnixNano;
  /** IANA name of the zone Go calls `Local`. */
  readonly localZone: string;
  /** Unpredictable bytes; every random function draws from here. */
  randomBytes(count: number): Uint8Array;
  readonly crypto: CryptoPort;
  /**
   * Addresses of a host for `getHostByName`; absent where DNS is not enabled (the function then gives "").
   * An unknown host has none.
   */
  resolveHost?: ((name: string) => readonly string[]) | undefined;
}
